"""Pickles that may come from anywhere, read without running what they ask for."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np


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


class ArrayUnpickler(pickle.Unpickler):
    """Admits arrays of numbers and plain containers; a pickle can otherwise run code.

    Nothing of NumPy is called by the pickle itself.
    """

    _STAND_INS: Mapping[tuple[str, str], Any] = {
        ("numpy", "dtype"): _FloatType,
        ("numpy.core.numeric", "_frombuffer"): _to_array,
        ("numpy._core.numeric", "_frombuffer"): _to_array,
    }

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        """Return what stands for a name; refuse all others."""
        try:
            return self._STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it holds {module}.{name}, not only arrays of numbers"
            ) from None
