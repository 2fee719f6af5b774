"""Arrays in the files of a model, none of them larger than its file."""

from __future__ import annotations

import math
from typing import IO

import numpy as np


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
