"""Pickles that may come from anywhere, read without running what they ask for."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any, ClassVar


class RestrictedUnpickler(pickle.Unpickler):
    """Admits plain containers, texts and numbers; a pickle can otherwise run code.

    Attributes:
        stand_ins: Module and name that a pickle asks for → what it gets in its place.
        admitted: What it may hold, for the message where it holds more.
    """

    stand_ins: ClassVar[Mapping[tuple[str, str], Any]] = {}
    admitted: ClassVar[str] = "plain texts"

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        """Return what stands for a name; refuse all others."""
        try:
            return self.stand_ins[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it holds {module}.{name}, not only {self.admitted}"
            ) from None
