"""Pickles of arrays that may come from anywhere, read without running code."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from imagecap.unpickling import TEXT_OPCODES, RestrictedUnpickler


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

    opcodes: ClassVar[frozenset[str]] = TEXT_OPCODES | {
        "GLOBAL",
        "STACK_GLOBAL",
        "REDUCE",
        "BUILD",
        "SHORT_BINBYTES",
        "BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
    }
    stand_ins: ClassVar[Mapping[tuple[str, str], Any]] = {
        ("numpy", "dtype"): _FloatType,
        ("numpy.core.numeric", "_frombuffer"): _to_array,
        ("numpy._core.numeric", "_frombuffer"): _to_array,
    }
    admitted: ClassVar[str] = "arrays of numbers"

    def _load_build(self) -> None:
        state = self.stack.pop()
        # Of anything else it would set attributes, those of our own functions too.
        if not isinstance(self.stack[-1], _FloatType):
            raise self._refusal("BUILD")
        self.stack[-1].__setstate__(state)

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **RestrictedUnpickler.dispatch,
        pickle.BUILD[0]: _load_build,
    }
