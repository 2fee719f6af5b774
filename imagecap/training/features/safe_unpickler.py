"""Pickles of arrays that may come from anywhere, read without running code."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from imagecap.unpickling import RestrictedUnpickler


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
    """Stand for NumPy's function of the same purpose."""
    return np.frombuffer(content, kind.dtype).reshape(shape, order=order)


class ArrayUnpickler(RestrictedUnpickler):
    """Admits arrays of numbers and plain containers.

    Nothing of NumPy is called by the pickle itself.
    """

    stand_ins: ClassVar[Mapping[tuple[str, str], Any]] = {
        ("numpy", "dtype"): _FloatType,
        ("numpy.core.numeric", "_frombuffer"): _to_array,
        ("numpy._core.numeric", "_frombuffer"): _to_array,
    }
    admitted: ClassVar[str] = "arrays of numbers"
