"""Pictures of the library that are like one, asked for again and again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from imagecap.library.entry import Entry
from imagecap.library.store import Library

if TYPE_CHECKING:
    import numpy as np

    from imagecap.library.likeness import Likeness


class LikePictures:
    """Finds pictures that are like one, by vectors that it keeps until there are more.

    Args:
        library: The library.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._known: tuple[str, int] | None = None
        self._likeness: Likeness | None = None

    def find(
        self, model: str, vector: np.ndarray, count: int, but: int | None = None
    ) -> list[Entry]:
        """Find the pictures that are most like one, the most alike first.

        Args:
            model: The identity of the model that made the vector.
            vector: That of the picture.
            count: How many are wanted at most.
            but: The number of the picture itself, which is not among them.

        Raises:
            LibraryError: If the library cannot be read.
        """
        found = self._newest(model).nearest(vector, count + 1)
        numbers = [number for number, _ in found if number != but]
        return self._library.entries_of(numbers[:count])

    def _newest(self, model: str) -> Likeness:
        newest = self._library.database.read(
            lambda database: database.execute(
                "SELECT COALESCE(MAX(rowid), 0) FROM vectors"
            ).fetchone()[0]
        )
        with self._lock:
            if self._likeness is None or self._known != (model, newest):
                self._likeness = self._library.likeness(model)
                self._known = model, newest
            return self._likeness
