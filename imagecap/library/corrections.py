"""What people have corrected, with the vectors of the pictures."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from imagecap.library.database import Database
from imagecap.library.errors import LibraryError
from imagecap.library.kept_rows import to_text
from imagecap.model.corrected_words import Correction
from imagecap.text.tokenizer import tokenize

MOST = 10_000
"""How many corrections have a say: the newest."""

# Without a caption where a person wrote one and has taken it back since.
_NEWEST = """
    SELECT CASE WHEN kind IN ('written', 'edited') THEN caption END, vector
    FROM human_captions AS said
    JOIN vectors ON vectors.picture = said.picture AND model = ?
    WHERE sequence =
        (SELECT max(sequence) FROM human_captions WHERE picture = said.picture)
    AND EXISTS (SELECT 1 FROM human_captions WHERE picture = said.picture
        AND caption IS NOT NULL AND kind IN ('written', 'edited'))
    ORDER BY sequence DESC LIMIT ?"""


class LibraryCorrections:
    """What people say of pictures that the model has seen; see `Corrections`.

    A machine's caption that a person accepted word for word is no correction. A library
    that cannot be read knows of none, so that pictures are described all the same.

    Args:
        database: The library.
        model: The identity of the model whose vectors are compared.
    """

    def __init__(self, database: Database, model: str) -> None:
        self._database = database
        self._model = model

    def version(self) -> int:
        """Return a number that is another one once a person has said something."""
        try:
            return self._database.read(_newest)
        except LibraryError:
            return -1

    def read(self) -> Sequence[Correction]:
        """Give the newest, `MOST` at most; damaged ones are left out."""
        try:
            rows = self._database.read(
                lambda database: database.execute(
                    _NEWEST, (self._model, MOST)
                ).fetchall()
            )
        except LibraryError:
            return []
        whole = [(said, vector) for said, vector in rows if isinstance(vector, bytes)]
        length = max((len(vector) for _, vector in whole), default=0) // 2 * 2
        return [
            Correction(
                np.frombuffer(vector, "<f2"),
                [] if said is None else [tokenize(to_text(said))],
            )
            for said, vector in whole
            if len(vector) == length
        ]


def _newest(database: sqlite3.Connection) -> int:
    (newest,) = database.execute("SELECT max(sequence) FROM human_captions").fetchone()
    return newest or 0
