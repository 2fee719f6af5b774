"""Features of a data set: computed once, kept in a pickle.

While pictures are being encoded, finished ones are appended to a file beside the
pickle, so that a killed run loses nothing and does nothing twice.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import keras
import numpy as np
from tqdm import tqdm

from imagecap.errors import ImagecapError
from imagecap.training.datasets import Example
from imagecap.training.encoding import encode_pictures

_FORMAT = "imagecap features 1"


class FeaturesError(ImagecapError):
    """A features file cannot be used."""


@dataclass(frozen=True)
class Features:
    """The features of a data set.

    Attributes:
        encoder: The identity of the encoder and its weights.
        arrays: Picture name → features, float32.
        unreadable: One sentence for each picture that could not be read.
    """

    encoder: str
    arrays: Mapping[str, np.ndarray]
    unreadable: tuple[str, ...] = ()


class _ArrayUnpickler(pickle.Unpickler):
    """Admits numpy arrays and plain containers; a pickle can otherwise run code."""

    _ALLOWED = frozenset(
        (f"numpy.{core}.{module}", name)
        for core in ("core", "_core")
        for module, name in (
            ("multiarray", "_reconstruct"),
            ("numeric", "_frombuffer"),
        )
    ) | {("numpy", "ndarray"), ("numpy", "dtype")}

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        if (module, name) in self._ALLOWED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it holds {module}.{name}, not only arrays")


def load_features(path: Path) -> Features:
    """Read a features pickle.

    Raises:
        FeaturesError: If the file is missing, damaged or holds anything but arrays.
    """
    try:
        with path.open("rb") as file:
            content = _ArrayUnpickler(file).load()
    except FileNotFoundError as error:
        raise FeaturesError(f"There is no features file {path}.") from error
    except Exception as error:
        raise FeaturesError(
            f"{path} cannot be used: {error}. Delete it to extract the features again."
        ) from error
    if not _is_features(content):
        raise FeaturesError(
            f"{path} is not a features file of this program. Move it away to extract "
            "the features again."
        )
    return Features(content["encoder"], content["features"])


def extract_features(
    encoder: keras.Model,
    identity: str,
    examples: Sequence[Example],
    path: Path,
) -> Features:
    """Compute the features of pictures, or take from the pickle those already there.

    Shows progress with the time left. Pictures are read while the network works.

    Args:
        encoder: From pixels to features.
        identity: The encoder's name and the hash of its weights.
        examples: The pictures; each name must be there once.
        path: The pickle, `features/<dataset>-<encoder>.pkl`. Features in it that
            another encoder made are replaced.

    Returns:
        The features of all pictures asked for that can be read.

    Raises:
        FeaturesError: If a file at `path` is not a features pickle, or the disk
            refuses to take the new one.
    """
    arrays: dict[str, np.ndarray] = {}
    if path.exists():
        stored = load_features(path)
        if stored.encoder == identity:
            arrays = dict(stored.arrays)
        else:
            tqdm.write(f"{path} was made with other encoder weights; extracting anew.")
    missing = [example for example in examples if example.name not in arrays]
    unreadable: list[str] = []
    if missing:
        with writing_features(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _extract_missing(encoder, identity, missing, path, arrays, unreadable)
    wanted = {example.name for example in examples}
    return Features(
        identity,
        {name: array for name, array in arrays.items() if name in wanted},
        tuple(unreadable),
    )


@contextmanager
def writing_features(path: Path) -> Iterator[None]:
    """Say what to do where the disk refuses to take features.

    Raises:
        FeaturesError: If what is done inside raises an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise FeaturesError(
            f"The features could not be written to {path} ({error.strerror}). "
            "What was finished is kept; start again to go on."
        ) from error


def _extract_missing(
    encoder: keras.Model,
    identity: str,
    missing: list[Example],
    path: Path,
    arrays: dict[str, np.ndarray],
    unreadable: list[str],
) -> None:
    partial = path.with_name(path.name + ".part")
    with partial.open("a+b") as journal:
        arrays.update(_resume_journal(journal, identity))
        missing = [example for example in missing if example.name not in arrays]
        for batch in encode_pictures(encoder, missing):
            unreadable += batch.unreadable
            if batch.arrays:
                pickle.dump(batch.arrays, journal, protocol=5)
                journal.flush()
                arrays.update(batch.arrays)
    write_features(Features(identity, arrays), path)
    partial.unlink()


def write_features(features: Features, path: Path) -> None:
    """Write a features pickle at once or not at all."""
    content = {
        "format": _FORMAT,
        "encoder": features.encoder,
        "features": dict(features.arrays),
    }
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        pickle.dump(content, file, protocol=5)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _is_features(content: object) -> bool:
    return (
        isinstance(content, dict)
        and content.get("format") == _FORMAT
        and isinstance(content.get("encoder"), str)
        and isinstance(content.get("features"), dict)
        and all(
            isinstance(name, str) and isinstance(array, np.ndarray)
            for name, array in content["features"].items()
        )
    )


def _resume_journal(journal: IO[bytes], identity: str) -> dict[str, np.ndarray]:
    """Read what an interrupted extraction finished; cut off what it did not."""
    arrays: dict[str, np.ndarray] = {}
    journal.seek(0)
    end_of_whole_frames = 0
    try:
        if _ArrayUnpickler(journal).load() == {"format": _FORMAT, "encoder": identity}:
            end_of_whole_frames = journal.tell()
            while True:
                arrays.update(_ArrayUnpickler(journal).load())
                end_of_whole_frames = journal.tell()
    except Exception:  # noqa: S110 – a broken tail is what a killed run leaves
        pass
    journal.truncate(end_of_whole_frames)
    journal.seek(0, os.SEEK_END)
    if end_of_whole_frames == 0:
        header = {"format": _FORMAT, "encoder": identity}
        pickle.dump(header, journal, protocol=5)
    return arrays
