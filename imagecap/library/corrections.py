"""What people have corrected, and the pictures that are most like another."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence

import numpy as np

from imagecap.library.database import Database
from imagecap.library.errors import LibraryError
from imagecap.library.kept_rows import to_text
from imagecap.model.corrected_words import Correction
from imagecap.text.tokenizer import tokenize

MOST = 10_000
"""How many corrections have a say: the newest."""

# As many numbers of a vector as candidates are looked for by, and so many candidates.
_SHORT = 128
_CANDIDATES = 64
# More alike than this are files of one picture, of which the person's own words count.
_SAME = 0.9995
_NEWEST = """
    SELECT caption, vector FROM human_captions AS said
    JOIN vectors ON vectors.picture = said.picture AND model = ?
    WHERE caption IS NOT NULL AND kind IN ('written', 'edited') AND sequence =
        (SELECT max(sequence) FROM human_captions WHERE picture = said.picture)
    ORDER BY sequence DESC LIMIT ?"""


class LibraryCorrections:
    """What people say of pictures that the model has seen; see `Corrections`.

    A machine's caption that a person accepted word for word is no correction. Each new
    one counts from the next question on. A library that cannot be read knows of none,
    so that pictures are described all the same. Safe to use from threads.

    Args:
        database: The library.
        model: The identity of the model whose vectors are compared.
    """

    def __init__(self, database: Database, model: str) -> None:
        self._database = database
        self._model = model
        self._lock = threading.Lock()
        self._read_until = -1
        self._take([])

    def __len__(self) -> int:
        """Return how many corrections there are by now."""
        with self._lock:
            self._catch_up()
            return len(self._vectors)

    def nearest(self, vector: np.ndarray, count: int) -> Sequence[Correction]:
        """Give corrections of the pictures that are most like one.

        Args:
            vector: That of the picture, `[L]`, of length one, by the same model.
            count: How many are wanted, at most 64.

        Returns:
            The most alike first; none of the very picture.
        """
        with self._lock:
            self._catch_up()
            vectors, short, words = self._vectors, self._short, self._words
        if not len(vectors) or vectors.shape[1:] != vector.shape:
            return ()
        # Not a matrix product, whose threads would wait for each other.
        rough = np.einsum("nl,l->n", short, vector[: short.shape[1]])
        chosen = np.arange(len(rough))
        if len(rough) > _CANDIDATES:
            chosen = np.argpartition(-rough, _CANDIDATES)[:_CANDIDATES]
        likeness = vectors[chosen].astype(np.float32) @ vector
        order = [at for at in np.argsort(-likeness) if likeness[at] < _SAME]
        return [
            Correction(float(likeness[at]), words[chosen[at]]) for at in order[:count]
        ]

    def _catch_up(self) -> None:
        try:
            newest = self._database.read(_newest)
            if newest != self._read_until:
                self._take(self._database.read(self._rows))
                self._read_until = newest
        except LibraryError:
            self._take([])

    def _rows(self, database: sqlite3.Connection) -> list[tuple[object, object]]:
        return database.execute(_NEWEST, (self._model, MOST)).fetchall()

    def _take(self, rows: list[tuple[object, object]]) -> None:
        whole = [(to_text(said), vector) for said, vector in rows if _is_whole(vector)]
        length = max((len(vector) for _, vector in whole), default=0)
        whole = [one for one in whole if len(one[1]) == length]
        content = b"".join(vector for _, vector in whole)
        vectors = np.frombuffer(content, "<f2").reshape(len(whole), length // 2)
        self._vectors = vectors
        self._short = vectors[:, :_SHORT].astype(np.float32)
        self._words = [tuple(tokenize(said)) for said, _ in whole]


def _newest(database: sqlite3.Connection) -> int:
    (newest,) = database.execute("SELECT max(sequence) FROM human_captions").fetchone()
    return newest or 0
