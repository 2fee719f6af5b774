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
from typing import IO, Any, Literal

import keras
import numpy as np
from tqdm import tqdm

from imagecap.errors import ImagecapError
from imagecap.files import reason, replacing
from imagecap.locks import InUseError, alone
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


class _FloatType:
    """Stands for the `numpy.dtype` that a pickle asks for.

    NumPy takes whatever such a request says; of types that hold objects it makes
    pointers out of the bytes of the file.
    """

    def __init__(self, code: str, *_: object) -> None:
        if code not in ("f2", "f4", "f8"):
            raise pickle.UnpicklingError(f"it holds numbers of the type {code!r}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[object, ...]) -> None:
        self.dtype = self.dtype.newbyteorder(">" if state[1] == ">" else "<")


def _to_array(
    content: bytes | bytearray,
    kind: _FloatType,
    shape: tuple[int, ...],
    order: Literal["C", "F"] = "C",
) -> np.ndarray:
    """Stands for NumPy's function of the same purpose."""
    return np.frombuffer(content, kind.dtype).reshape(shape, order=order)


class _ArrayUnpickler(pickle.Unpickler):
    """Admits arrays of numbers and plain containers; a pickle can otherwise run code.

    Nothing of NumPy is called by the pickle itself.
    """

    _STAND_INS: Mapping[tuple[str, str], Any] = {
        ("numpy", "dtype"): _FloatType,
        ("numpy.core.numeric", "_frombuffer"): _to_array,
        ("numpy._core.numeric", "_frombuffer"): _to_array,
    }

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        try:
            return self._STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it holds {module}.{name}, not only arrays of numbers"
            ) from None


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
    arrays = _stored_arrays(encoder, identity, path)
    unreadable: list[str] = []
    if any(example.name not in arrays for example in examples):
        with writing_features(path), alone(path.with_name(f"{path.name}.lock")):
            # Another run may have been here in the meantime.
            arrays = _stored_arrays(encoder, identity, path)
            missing = [example for example in examples if example.name not in arrays]
            _extract_missing(encoder, identity, missing, path, arrays, unreadable)
    wanted = {example.name for example in examples}
    return Features(
        identity,
        {name: array for name, array in arrays.items() if name in wanted},
        tuple(unreadable),
    )


def _stored_arrays(
    encoder: keras.Model, identity: str, path: Path
) -> dict[str, np.ndarray]:
    """Take what the pickle holds, if it was made by the same encoder."""
    if not path.exists():
        return {}
    stored = load_features(path)
    if stored.encoder != identity:
        tqdm.write(f"{path} was made with other encoder weights; extracting anew.")
        return {}
    if any(array.shape != encoder.output_shape[1:] for array in stored.arrays.values()):
        raise FeaturesError(
            f"{path} is damaged: its features have another shape than those of the "
            "encoder. Delete it to extract them again."
        )
    return dict(stored.arrays)


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
    with replacing(path) as file:
        pickle.dump(content, file, protocol=5)


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
