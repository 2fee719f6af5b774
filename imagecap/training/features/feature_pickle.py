"""Features of a data set: computed once, kept in a pickle.

While pictures are being encoded, finished ones are appended to a file beside the
pickle, so that a killed run loses nothing and does nothing twice.
"""

from __future__ import annotations

import mmap
import os
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import keras
import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.errors import ImagecapError
from imagecap.files import (
    InUseError,
    atomic_write,
    check_ordinary,
    exclusive_lock,
    hash_ordinary,
    reason,
    remove_abandoned,
)
from imagecap.training.features.encode import encode_pictures
from imagecap.training.features.safe_unpickler import ArrayUnpickler

_FORMAT = "imagecap features 3"
# It knew pictures by how long their files are, which tells too little.
_FORMER = "imagecap features 2"


class FeaturesError(ImagecapError):
    """A features file cannot be used."""


@dataclass(frozen=True)
class Features:
    """The features of a data set.

    Attributes:
        encoder: The identity of the encoder and its weights.
        arrays: Picture name → features, float32.
        contents: Picture name → hash of the file that they were made from. A file
            with another content is another picture.
        unreadable: One sentence for each picture that could not be read.
    """

    encoder: str
    arrays: Mapping[str, np.ndarray]
    contents: Mapping[str, str]
    unreadable: tuple[str, ...] = ()


def load_features(path: Path) -> Features:
    """Read a features pickle.

    Raises:
        FeaturesError: If the file is missing, damaged or holds anything but arrays.
    """
    try:
        check_ordinary(path)
        with path.open("rb") as file, _mapped(file) as pickled:
            content = ArrayUnpickler(pickled).load()
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
    return Features(
        content["encoder"], content["features"], content.get("contents", {})
    )


def hash_contents(examples: Sequence[Example]) -> dict[str, str]:
    """Return picture name → SHA-256 of its file's content; empty where there is none.

    Seven thousand photographs of half a megapixel take some two seconds.
    """
    with ThreadPoolExecutor() as pool:
        hashes = pool.map(_hash_content, (example.path for example in examples))
        return dict(zip((one.name for one in examples), hashes, strict=True))


def _hash_content(path: Path) -> str:
    try:
        return hash_ordinary(path).hex()
    except OSError:
        return ""


def extract_features(
    encoder: keras.Model,
    identity: str,
    examples: Sequence[Example],
    path: Path,
    report: Callable[[str], None] = lambda _: None,
) -> Features:
    """Compute the features of pictures, or take from the pickle those already there.

    Shows progress with the time left. Pictures are read while the network works.

    Args:
        encoder: From pixels to features.
        identity: The encoder's name and the hash of its weights.
        examples: The pictures; each name must be there once.
        path: The pickle, `features/<dataset>-<encoder>.pkl`. Features in it that
            another encoder made are replaced.
        report: Is told in a sentence when that happens.

    Returns:
        The features of all pictures asked for that can be read.

    Raises:
        FeaturesError: If a file at `path` is not a features pickle, or the disk
            refuses to take the new one.
    """
    contents = hash_contents(examples)
    stored = _stored(encoder, identity, contents, path, report)
    unreadable: list[str] = []
    if any(name not in stored.arrays for name in contents):
        with (
            writing_features(path),
            exclusive_lock(path.with_name(f"{path.name}.lock")),
        ):
            # Another run may have been here in the meantime.
            stored = _stored(encoder, identity, contents, path, lambda _: None)
            stored = _extract_missing(
                encoder, stored, examples, contents, path, unreadable
            )
    return Features(
        identity,
        {name: stored.arrays[name] for name in contents if name in stored.arrays},
        contents,
        tuple(unreadable),
    )


def _stored(
    encoder: keras.Model,
    identity: str,
    contents: Mapping[str, str],
    path: Path,
    report: Callable[[str], None],
) -> Features:
    """Take what the pickle holds of the same encoder, but of no other picture."""
    nothing = Features(identity, {}, {})
    if not path.exists():
        return nothing
    stored = load_features(path)
    if stored.encoder != identity:
        report(f"{path} was made with other encoder weights; extracting anew.")
        return nothing
    if any(array.shape != encoder.output_shape[1:] for array in stored.arrays.values()):
        raise FeaturesError(
            f"{path} is damaged: its features have another shape than those of the "
            "encoder. Delete it to extract them again."
        )
    if stored.arrays and not stored.contents:
        report(f"{path} was made by a former version; extracting anew.")
    return _of_same_pictures(stored, contents)


def _of_same_pictures(stored: Features, contents: Mapping[str, str]) -> Features:
    """Leave out the features of pictures whose files are others now."""
    same = {
        name: known
        for name, known in stored.contents.items()
        if contents.get(name, known) == known and name in stored.arrays
    }
    arrays = {name: stored.arrays[name] for name in same}
    return Features(stored.encoder, arrays, same)


@contextmanager
def writing_features(path: Path) -> Iterator[None]:
    """Say what to do where the disk refuses to take features, or others write them.

    Raises:
        FeaturesError: If what is done inside raises an `OSError` or `InUseError`.
    """
    try:
        yield
    except OSError as error:
        raise FeaturesError(
            f"The features could not be written to {path} ({reason(error)}). "
            "What was finished is kept; start again to go on."
        ) from error
    except InUseError as error:
        raise FeaturesError(
            f"Another run is extracting features into {path}. Wait for it and start "
            "again."
        ) from error


def _extract_missing(
    encoder: keras.Model,
    stored: Features,
    examples: Sequence[Example],
    contents: Mapping[str, str],
    path: Path,
    unreadable: list[str],
) -> Features:
    partial = path.with_name(path.name + ".part")
    with partial.open("a+b") as journal:
        finished = _of_same_pictures(_resume_journal(journal, stored.encoder), contents)
        arrays = {**stored.arrays, **finished.arrays}
        made_from = {**stored.contents, **finished.contents}
        missing = [example for example in examples if example.name not in arrays]
        for batch in encode_pictures(encoder, missing):
            unreadable += batch.unreadable
            if batch.arrays:
                new_contents = {name: contents[name] for name in batch.arrays}
                pickle.dump((batch.arrays, new_contents), journal, protocol=5)
                journal.flush()
                arrays.update(batch.arrays)
                made_from.update(new_contents)
    features = Features(stored.encoder, arrays, made_from)
    write_features(features, path)
    partial.unlink()
    return features


def write_features(features: Features, path: Path) -> None:
    """Write a features pickle at once or not at all."""
    content = {
        "format": _FORMAT,
        "encoder": features.encoder,
        "features": dict(features.arrays),
        "contents": dict(features.contents),
    }
    remove_abandoned(path)
    with atomic_write(path) as file:
        pickle.dump(content, file, protocol=5)


def _mapped(file: IO[bytes]) -> mmap.mmap:
    """Map a file into memory, for `RestrictedUnpickler`."""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _is_features(content: object) -> bool:
    return (
        isinstance(content, dict)
        and content.get("format") in (_FORMAT, _FORMER)
        and isinstance(content.get("encoder"), str)
        and isinstance(content.get("features"), dict)
        and isinstance(content.get("contents", {}), dict)
        and all(
            isinstance(known, str) for known in content.get("contents", {}).values()
        )
        and all(
            isinstance(name, str) and isinstance(array, np.ndarray)
            for name, array in content["features"].items()
        )
    )


def _resume_journal(journal: IO[bytes], identity: str) -> Features:
    """Read what an interrupted extraction finished; cut off what it did not."""
    arrays: dict[str, np.ndarray] = {}
    contents: dict[str, str] = {}
    end_of_whole_frames = 0
    try:
        with _mapped(journal) as pickled:
            header = ArrayUnpickler(pickled).load()
            if header == {"format": _FORMAT, "encoder": identity}:
                end_of_whole_frames = pickled.tell()
                while True:
                    new_arrays, new_contents = ArrayUnpickler(pickled).load()
                    arrays.update(new_arrays)
                    contents.update(new_contents)
                    end_of_whole_frames = pickled.tell()
    except Exception:  # noqa: S110 – a broken tail is what a killed run leaves
        pass
    journal.truncate(end_of_whole_frames)
    journal.seek(0, os.SEEK_END)
    if end_of_whole_frames == 0:
        header = {"format": _FORMAT, "encoder": identity}
        pickle.dump(header, journal, protocol=5)
    return Features(identity, arrays, contents)
