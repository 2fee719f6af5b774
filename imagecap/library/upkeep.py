"""The library counted, checked, made smaller, and pictures forgotten by it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from imagecap.library.connection import DamagedError, transaction
from imagecap.library.integrity import find_damage
from imagecap.library.mending import place_of
from imagecap.library.picture_state import path_key, path_of
from imagecap.library.store import Library

_FORGET = (
    "DELETE FROM machine_captions WHERE picture = ?",
    "DELETE FROM human_captions WHERE picture = ?",
    "DELETE FROM vectors WHERE picture = ?",
    "DELETE FROM words WHERE rowid = ?",
    "DELETE FROM pictures WHERE id = ?",
)
_DISPLACED = (
    "SELECT pictures.id, human_captions.path FROM pictures JOIN human_captions "
    "ON picture = pictures.id WHERE pictures.path IS NULL"
)


@dataclass(frozen=True)
class Counts:
    """What a library holds.

    Attributes:
        pictures: Pictures that lie somewhere.
        missing: Those of them whose file is not there now, perhaps unplugged.
        elsewhere: Pictures whose place another one has taken; they are known again by
            their content.
        human: Pictures with what a person says of them.
        models: Identity of a model → pictures of which its captions are kept.
        size: Bytes of the file.
    """

    pictures: int
    missing: int
    elsewhere: int
    human: int
    models: dict[str, int]
    size: int


def count(library: Library) -> Counts:
    """Count what a library holds.

    Raises:
        LibraryError: If it cannot be read.
    """

    def read(database: sqlite3.Connection) -> tuple[int, int, dict[str, int]]:
        (elsewhere,) = database.execute(
            "SELECT COUNT(*) FROM pictures WHERE path IS NULL"
        ).fetchone()
        (human,) = database.execute(
            "SELECT COUNT(*) FROM words WHERE human IS NOT NULL"
        ).fetchone()
        models = database.execute(
            "SELECT model, COUNT(DISTINCT picture) FROM machine_captions "
            "GROUP BY model ORDER BY model"
        )
        return elsewhere, human, dict(models.fetchall())

    elsewhere, human, models = library.database.read(read)
    pictures = known_pictures(library)
    missing = sum(not os.path.lexists(picture) for picture in pictures)
    size = library.path.stat().st_size if place_of(library.path) else 0
    return Counts(len(pictures), missing, elsewhere, human, models, size)


def known_pictures(library: Library) -> list[Path]:
    """Return the pictures that a library knows, in the order in which they came.

    Raises:
        LibraryError: If it cannot be read.
    """
    rows = library.database.read(
        lambda database: database.execute(
            "SELECT path FROM pictures WHERE typeof(path) = 'blob' ORDER BY id"
        ).fetchall()
    )
    return [path_of(path) for (path,) in rows]


def check(library: Library) -> None:
    """Check all of a library; one that is damaged is mended, and that is told.

    Raises:
        LibraryError: If it cannot be read, or not be mended.
    """

    def look(database: sqlite3.Connection) -> None:
        if damage := find_damage(database):
            raise DamagedError(damage)
        with transaction(database):
            database.execute("INSERT INTO words (words) VALUES ('integrity-check')")

    library.database.read(look)


def compact(library: Library) -> int:
    """Give back the room that a library does not need; return how many bytes.

    Pictures whose place another one has taken are forgotten where no person says
    something of them.

    Raises:
        LibraryError: If it cannot be written.
    """
    library.database.write(_forget_displaced)
    before = library.path.stat().st_size

    def shrink(database: sqlite3.Connection) -> None:
        database.execute("INSERT INTO words (words) VALUES ('optimize')")
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    library.database.read(shrink)
    return before - library.path.stat().st_size


def forget(library: Library, pictures: Iterable[Path]) -> int:
    """Forget all that is known of pictures, what people say of them, too.

    Nothing of it is left in the file.

    Args:
        library: The library.
        pictures: Pictures, and folders with all that lies in them, there or not.

    Returns:
        How many were forgotten.

    Raises:
        LibraryError: If it cannot be written.
    """
    keys = {path_key(picture) for picture in pictures}
    end = os.fsencode(os.sep)
    folders = tuple(key.rstrip(end) + end for key in keys)
    # Older versions kept paths with ".." in them as they were.
    known = {os.fsencode(one): path_key(one) for one in known_pictures(library)}

    def is_meant(key: bytes) -> bool:
        return key in keys or key.startswith(folders)

    found = [kept for kept, key in known.items() if is_meant(key)]

    def remove(database: sqlite3.Connection) -> None:
        for key in found:
            row = database.execute("SELECT id FROM pictures WHERE path = ?", (key,))
            for (number,) in row.fetchall():
                _forget(database, number)
        # What was written of a picture before another one took its place.
        for number, key in database.execute(_DISPLACED).fetchall():
            if isinstance(key, bytes) and is_meant(path_key(path_of(key))):
                _forget(database, number)
        # Words that were deleted stay in the index until it is put together anew.
        database.execute("INSERT INTO words (words) VALUES ('optimize')")

    library.database.write(remove)
    library.database.read(
        lambda database: database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    )
    return len(found)


def _forget_displaced(database: sqlite3.Connection) -> None:
    rows = database.execute(
        "SELECT id FROM pictures WHERE path IS NULL AND id NOT IN "
        "(SELECT picture FROM human_captions)"
    )
    for (number,) in rows.fetchall():
        _forget(database, number)


def _forget(database: sqlite3.Connection, number: int) -> None:
    for statement in _FORGET:
        database.execute(statement, (number,))
