"""Grid features of a data set: computed once, kept in an array on disk.

They are too many for a pickle: 8,000 pictures make one to four gigabytes. So they are
appended to a `.npy` file, in half precision, which is mapped into memory to be read.
The index beside it is JSON Lines: what the grids are, then for each batch a line of
picture names with the hashes of their files: one with another content is another
picture, and its grid is made anew. A line is written once its grids are on the disk;
grids that the index does not name are cut off and computed again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import keras
import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.files import exclusive_lock
from imagecap.training.features.encode import encode_pictures
from imagecap.training.features.feature_pickle import (
    Features,
    FeaturesError,
    hash_contents,
    writing_features,
)

_FORMAT = "imagecap grid features 3"
# It knew pictures by how long their files are.
_FORMER = "imagecap grid features 2"
_DTYPE = np.dtype("<f2")


class GridFeatures(Mapping[str, np.ndarray]):
    """Picture name → grid `[rows, columns, channels]`, float32, read when asked for.

    Args:
        path: The array, `[pictures, rows, columns, channels]`.
        rows: Picture name → its place in the array.
    """

    def __init__(self, path: Path, rows: Mapping[str, int]) -> None:
        self._array = np.load(path, mmap_mode="r", allow_pickle=False)
        self._rows = rows

    def __getitem__(self, name: str) -> np.ndarray:
        return np.asarray(self._array[self._rows[name]], np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def grid_path(stem: Path) -> Path:
    """Return the path of an array of grids, `features/<dataset>-<encoder>-grid.npy`."""
    return stem.with_name(f"{stem.name}-grid.npy")


def index_path(path: Path) -> Path:
    """Return the path of the index that belongs to an array of grids."""
    return path.with_suffix(".jsonl")


def extract_grid_features(
    encoder: keras.Model,
    identity: str,
    examples: Sequence[Example],
    path: Path,
    report: Callable[[str], None] = lambda _: None,
) -> Features:
    """Compute the grids of pictures, or take from the disk those already there.

    Shows progress with the time left. Pictures are read while the network works.
    Never holds more than a few of the grids in memory.

    Args:
        encoder: From pixels to grids.
        identity: The encoder's name and the hash of its weights.
        examples: The pictures; each name must be there once.
        path: The array, `features/<dataset>-<encoder>-grid.npy`. Grids in it that
            another encoder made are replaced.
        report: Is told in a sentence when that happens.

    Returns:
        The grids of all pictures asked for that can be read.

    Raises:
        FeaturesError: If the files at `path` are not grids of this program, another
            run is writing them, or the disk refuses to take more.
    """
    unreadable: list[str] = []
    contents = hash_contents(examples)
    header = {
        "format": _FORMAT,
        "encoder": identity,
        "grid": list(encoder.output_shape[1:]),
    }
    with (
        writing_features(path),
        exclusive_lock(_lock_path(path)),
        _GridStore(path, header, report) as store,
    ):
        missing = [
            example
            for example in examples
            if (example.name, contents[example.name]) not in store.rows
        ]
        if missing:
            for batch in encode_pictures(encoder, missing):
                unreadable += batch.unreadable
                if batch.arrays:
                    store.append(batch.arrays, contents)
    rows = {
        name: store.rows[name, known]
        for name, known in contents.items()
        if (name, known) in store.rows
    }
    return Features(identity, GridFeatures(path, rows), contents, tuple(unreadable))


def delete_grid_features(path: Path) -> None:
    """Delete an array of grids and what belongs to it."""
    for part in (path, index_path(path), _lock_path(path)):
        # Windows keeps a file that is still mapped; the next extraction replaces it.
        with suppress(PermissionError):
            part.unlink(missing_ok=True)


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


class _GridStore:
    """The array and its index, open for appending.

    Attributes:
        rows: Picture name and hash of its file → its place in the array.

    Args:
        path: The array.
        header: What the index must begin with.
        report: Is told in a sentence when the grids of another encoder are replaced.
    """

    def __init__(
        self, path: Path, header: Mapping[str, Any], report: Callable[[str], None]
    ) -> None:
        self._report = report
        self.rows: dict[tuple[str, str], int] = {}
        self._path = path
        self._header = header
        self._grid = tuple(header["grid"])
        self._grid_bytes = int(np.prod(self._grid)) * _DTYPE.itemsize

    def __enter__(self) -> _GridStore:
        index_file = index_path(self._path)
        if self._path.exists() and not index_file.exists():
            raise FeaturesError(
                f"{self._path} has no index {index_file.name} beside it. Move it away "
                "to extract the features again."
            )
        self._index = index_file.open("a+b")
        self._array = self._path.open("r+b" if self._path.exists() else "w+b")
        try:
            self._resume()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._array.close()
        self._index.close()

    def append(
        self, grids: Mapping[str, np.ndarray], contents: Mapping[str, str]
    ) -> None:
        """Add the grids of a few pictures."""
        pictures = [(name, contents[name]) for name in grids]
        content = np.stack(list(grids.values())).astype(_DTYPE)
        self._array.seek(0, os.SEEK_END)
        self._array.write(content.tobytes())
        self._add(pictures)
        self._write_array_header()
        os.fsync(self._array.fileno())
        _write_line(self._index, pictures)

    def _resume(self) -> None:
        """Read what is there; cut off what an interrupted run did not finish."""
        self._index.seek(0)
        lines = self._index.read().splitlines(keepends=True)
        end = 0
        if lines and self._is_usable(lines[0]):
            end = len(lines[0])
            grids_left = self._whole_grids()
            for line in lines[1:]:
                pictures = _pictures(line)
                if pictures is None or len(pictures) > grids_left:
                    break
                grids_left -= len(pictures)
                self._add(pictures)
                end += len(line)
        self._index.truncate(end)
        if end == 0:
            _write_line(self._index, self._header)
        self._write_array_header()
        self._array.truncate(self._array.tell() + len(self.rows) * self._grid_bytes)

    def _add(self, pictures: Sequence[tuple[str, str]]) -> None:
        first = len(self.rows)
        self.rows.update((one, first + place) for place, one in enumerate(pictures))

    def _is_usable(self, first_line: bytes) -> bool:
        """Return whether the index is that of the same grids; refuse a foreign one."""
        try:
            header = json.loads(first_line)
            if header["format"] not in (_FORMAT, _FORMER):
                raise ValueError(header["format"])
        except (ValueError, TypeError, KeyError) as error:
            raise FeaturesError(
                f"{index_path(self._path)} is not an index of this program. Move it "
                f"and {self._path.name} away to extract the features again."
            ) from error
        if header != self._header:
            made = (
                "by a former version"
                if header["format"] == _FORMER
                else "with other encoder weights"
            )
            self._report(f"{self._path} was made {made}; extracting anew.")
        return bool(header == self._header)

    def _whole_grids(self) -> int:
        """Count the grids in the array; one that is damaged or foreign has none."""
        size = self._array.seek(0, os.SEEK_END)
        self._array.seek(0)
        try:
            np.lib.format.read_magic(self._array)
            shape, _, dtype = np.lib.format.read_array_header_1_0(self._array)
        except ValueError:
            return 0
        if shape[1:] != self._grid or dtype != _DTYPE:
            return 0
        return int(size - self._array.tell()) // self._grid_bytes

    def _write_array_header(self) -> None:
        # NumPy leaves room for a growing number of rows, so that the header is always
        # of the same length.
        self._array.seek(0)
        np.lib.format.write_array_header_1_0(
            self._array,
            {
                "descr": np.lib.format.dtype_to_descr(_DTYPE),
                "fortran_order": False,
                "shape": (len(self.rows), *self._grid),
            },
        )
        self._array.flush()


def _write_line(index: IO[bytes], content: object) -> None:
    index.write(json.dumps(content, ensure_ascii=False).encode() + b"\n")
    index.flush()


def _pictures(line: bytes) -> list[tuple[str, str]] | None:
    """Read a line of the index; `None` where it was not finished."""
    try:
        pictures = [(name, known) for name, known in json.loads(line)]
    except (ValueError, TypeError):
        return None
    if not line.endswith(b"\n") or not all(
        isinstance(name, str) and isinstance(known, str) for name, known in pictures
    ):
        return None
    return pictures
