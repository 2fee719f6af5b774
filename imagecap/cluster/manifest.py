"""What a folder of shards was made of, kept in it; another run goes elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.lock import Check, exclusive_run
from imagecap.cluster.storage import Location

MANIFEST = "_manifest.json"
"""The file's name; readers of Parquet pass it over."""
_FORMAT = 1
_WORDS = {
    "encoder": "encoder",
    "shape": "shape of features",
    "inputs": "pictures",
    "model": "model",
    "beam_width": "beam width",
    "shards": "form of shards",
}


@dataclass(frozen=True)
class Manifest:
    """All that decides what stands in the shards of a run."""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all of it."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()


@dataclass(frozen=True)
class RunManifest(Manifest):
    """All that decides what stands in shards of captions.

    Attributes:
        inputs: The addresses of the pictures, as `name_inputs` has them.
        model: The model's identity.
        model_sha256: The SHA-256 of its manifest.
        beam_width: Captions kept in parallel by the search; `None` for the model's own.
        shards: The form of the shards.
        unsure_below: The model is unsure of captions with less confidence or none;
            `None` where it does not know.
    """

    inputs: Sequence[str]
    model: str
    model_sha256: str
    beam_width: int | None
    shards: str
    unsure_below: float | None = None


@dataclass(frozen=True)
class FeaturesManifest(Manifest):
    """All that decides what stands in shards of features.

    Attributes:
        encoder: The identity of the encoder and its weights.
        shape: That of the features of a picture.
    """

    encoder: str
    shape: Sequence[int]


@contextmanager
def begin(output: Location, run: Manifest) -> Iterator[Check]:
    """Begin a run in a folder, or go on with it, and keep others out meanwhile.

    Args:
        output: The folder; it is shown that it can be written.
        run: What is to be in it.

    Raises:
        ClusterError: If something else is in the folder, another run is at work there,
            or it cannot be used.
    """
    # What is no folder of a run is left as it is; then another run may have been first.
    _claim(output, run)
    with exclusive_run(output) as check:
        _claim(output, run)
        yield check


def _claim(output: Location, run: Manifest) -> None:
    file = output.child(MANIFEST)
    try:
        there = _parse(file)
    except FileNotFoundError:
        if output.names():
            raise ClusterError(
                f"{output.address} is not empty and holds no captions of a run; name "
                "another folder."
            ) from None
        content = {"format": _FORMAT, "fingerprint": run.fingerprint, **asdict(run)}
        file.write(json.dumps(content, indent=2).encode())
        return
    if there.get("fingerprint") != run.fingerprint:
        wanted = json.loads(json.dumps(asdict(run)))
        other = [
            f"{word} {_said(there.get(name))}, not {_said(wanted.get(name))}"
            for name, word in _WORDS.items()
            if there.get(name) != wanted.get(name)
        ] or ["files of the model"]
        raise ClusterError(
            f"{output.address} holds the captions of another run "
            f"({'; '.join(other)}); name another folder."
        )


def _said(value: object) -> str:
    """Say what stands in a manifest as people do."""
    if isinstance(value, list):
        return " and ".join(map(str, value))
    return "of the model" if value is None else str(value)


def read_manifest(folder: Location) -> dict[str, Any]:
    """Read what a folder of shards was made of.

    Raises:
        ClusterError: If it is no such folder, or damaged.
    """
    try:
        return _parse(folder.child(MANIFEST))
    except FileNotFoundError as error:
        raise ClusterError(
            f"{folder.address} holds no captions of a run; name a folder that "
            "“imagecap caption -o FOLDER/” has written."
        ) from error


def _parse(file: Location) -> dict[str, Any]:
    try:
        content = json.loads(file.read())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ClusterError(
            f"{file.address} is damaged, and what its folder holds is not known; name "
            "another folder."
        )
    if content.get("format") != _FORMAT:
        raise ClusterError(
            f"{file.address} has format {content.get('format')!r}, which this version "
            "of imagecap does not know; update it, or name another folder."
        )
    return content
