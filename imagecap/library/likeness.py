"""The pictures of the library that are most like one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from imagecap.library import vectors as kept
from imagecap.library.database import Database

SHORT = 128
"""How many numbers of each vector candidates are looked for by."""

_CANDIDATES = 500
# SQLite takes no more numbers in one question.
_MOST = 30_000
# So many vectors at once stay in the processor's cache.
_AT_ONCE = 8192


class Alike(NamedTuple):
    """A picture with how much it is like another.

    Attributes:
        number: The picture's number in the library, for `Library.entries_of`.
        likeness: The product of both vectors: 1 for the same, 0 for unlike ones.
    """

    number: int
    likeness: float


class Likeness:
    """Finds the pictures of the library that are most like one.

    Safe to use from threads.

    The beginnings of all vectors, rounded to 8 bits, find candidates; whole vectors,
    read from the library, order these. The vectors are those that the library has when
    this is made: a later one is not found.

    Args:
        database: The library.
        model: The identity of the model whose vectors are compared.

    Raises:
        LibraryError: If the library cannot be read.
    """

    def __init__(self, database: Database, model: str) -> None:
        self._database = database
        self._model = model
        self._numbers, self._rounded, self._scales = database.read(
            lambda connection: kept.read_rounded(connection, model, SHORT)
        )

    def __len__(self) -> int:
        """Return how many pictures can be found."""
        return len(self._numbers)

    def nearest(
        self, vector: np.ndarray, count: int, among: Iterable[int] | None = None
    ) -> list[Alike]:
        """Find the pictures that are most like one.

        Args:
            vector: That of the picture, `[L]`, of length one, by the same model.
            count: How many are wanted; there are at most 30,000.
            among: The numbers of the pictures to choose from; by default all.

        Returns:
            The nearest, the most alike first.

        Raises:
            LibraryError: If the library cannot be read.
        """
        rough = self._rough_likeness(vector)
        numbers = self._numbers
        if among is not None:
            chosen = np.isin(numbers, np.fromiter(among, np.int64))
            numbers, rough = numbers[chosen], rough[chosen]
        most = min(max(_CANDIDATES, 4 * count), _MOST)
        if len(numbers) > most:
            numbers = numbers[np.argpartition(-rough, most)[:most]]
        numbers, vectors = self._database.read(
            lambda connection: kept.read(connection, self._model, numbers)
        )
        if not len(numbers):
            return []
        likeness = vectors.astype(np.float32) @ vector
        order = np.argsort(-likeness, kind="stable")[:count]
        return [Alike(int(numbers[at]), float(likeness[at])) for at in order]

    def _rough_likeness(self, vector: np.ndarray) -> np.ndarray:
        beginning = vector[: self._rounded.shape[1]].astype(np.float32)
        rough = np.empty(len(self._rounded), np.float32)
        for start in range(0, len(rough), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            # Not a matrix product, whose threads would wait for each other.
            vectors = self._rounded[some].astype(np.float32)
            np.einsum("nl,l->n", vectors, beginning, out=rough[some])
        rough *= self._scales
        return rough
