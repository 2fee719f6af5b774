"""Arrays in the files of a model, none of them larger than it may be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import numpy as np

# Those of models are below ten, and features below a thousand. What is larger by far
# overflows where it is squared and added up.
_LARGEST_NUMBER = 1_000_000


def read_array(file: IO[bytes], most: int) -> np.ndarray:
    """Read an array that `numpy.save` wrote.

    NumPy itself makes room for whatever size a file names before it reads the numbers.

    Args:
        file: The file, or a part of an archive.
        most: How many bytes the numbers have at most.

    Raises:
        Exception: Whatever NumPy raises where the file is damaged; `ValueError` where
            the numbers are more.
    """
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("it is of another version of NumPy's format")
    shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
    size = math.prod(shape) * kind.itemsize
    if not 0 <= size <= most:
        raise ValueError(f"it names {size:,} bytes of numbers, more than it holds")
    numbers = np.frombuffer(file.read(size), kind)
    return numbers.reshape(shape, order="F" if by_column else "C")


def read_arrays(
    path: Path, kinds: Mapping[str, type[Any]], most: int
) -> dict[str, np.ndarray]:
    """Read arrays from an archive that `numpy.savez` wrote.

    Args:
        path: The archive.
        kinds: The name of each array, and of what kind its numbers shall be.
        most: How many bytes the numbers of each have at most; where they are deflated,
            the size of the file is no bound.

    Raises:
        Exception: Whatever is raised where the file is damaged or holds others.
    """
    arrays = {}
    with ZipFile(path) as archive:
        for name, kind in kinds.items():
            with archive.open(f"{name}.npy") as file:
                read = read_array(file, most)
            arrays[name] = read.astype(kind, casting="safe")
    return arrays


def check_numbers(*arrays: np.ndarray) -> None:
    """Look whether numbers are such as a model can compute with.

    Raises:
        ValueError: If one of them is not a number, or far larger than any is.
    """
    for array in arrays:
        # Without a copy of all of it, which the absolute values would be.
        largest = max(float(array.max(initial=0)), -float(array.min(initial=0)))
        if not np.isfinite(largest):
            raise ValueError("it has what is no number")
        if largest > _LARGEST_NUMBER:
            raise ValueError(f"it has numbers over {_LARGEST_NUMBER:,}")


def cut(array: np.ndarray, sizes: Iterable[int]) -> list[np.ndarray]:
    """Cut an array into parts of such sizes, one after the other."""
    ends = [*accumulate(sizes, initial=0)]
    return [array[first:end] for first, end in pairwise(ends)]


def round_columns(matrix: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Round a matrix to small whole numbers.

    Args:
        matrix: `[R, C]`.
        steps: Into how many, each way from zero, the largest number of each column is
            divided.

    Returns:
        The whole numbers, `[R, C]`, int8, and their units, `[C]`, float32.
    """
    scales = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / steps
    return np.round(matrix / scales).astype(np.int8), scales.astype(np.float32)
