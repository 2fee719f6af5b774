"""A library of any version brought up to date; nothing in it is lost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress

from imagecap.library import schema
from imagecap.library.kept_rows import to_text
from imagecap.library.picture_state import PictureState
from imagecap.library.pictures import find_or_add
from imagecap.library.word_index import index_words

Row = Sequence[object]


class NewerLibraryError(Exception):
    """A library was written by a newer version of this program."""


class ForeignDatabaseError(Exception):
    """A database is of another program."""


def check_suitable(database: sqlite3.Connection) -> None:
    """Make sure, without a change, that a database is a library or can become one.

    Raises:
        NewerLibraryError: If it is of a newer version.
        ForeignDatabaseError: If it is another program's.
    """
    tables = schema.tables_of(database)
    if tables and not tables & (schema.NAMES | schema.FORMER_NAMES):
        raise ForeignDatabaseError("is a database of another program")
    if schema.version_of(database) <= schema.VERSION or schema.is_as_made(database):
        return
    # Otherwise the number alone is damaged.
    if tables & schema.NAMES:
        raise NewerLibraryError("was written by a newer version of imagecap")


def bring_up_to_date(database: sqlite3.Connection) -> None:
    """Make the tables of this version, and fill them from former ones."""
    tables = schema.tables_of(database)
    is_complete = tables >= schema.NAMES and not tables & schema.FORMER_NAMES
    if is_complete and schema.version_of(database) >= schema.VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        schema.create_tables(database)
        schema.drop_former_columns(database)
        # Another program may have done it while this one waited; then none are left.
        _take_former_tables(database, schema.tables_of(database))
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


def _take_former_tables(database: sqlite3.Connection, tables: set[str]) -> None:
    if "machine" in tables:
        rows = database.execute(
            "SELECT picture, model, beam_width, bytes, modified, captions, made "
            "FROM machine ORDER BY rowid"
        )
        take_former_machine(database, rows.fetchall())
        database.execute("DROP TABLE machine")
    if "human" in tables:
        rows = database.execute(
            "SELECT picture, caption, made FROM human ORDER BY rowid"
        )
        take_former_human(database, rows.fetchall())
        database.execute("DROP TABLE human")


def take_former_machine(database: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Keep what models said by a library without versions, the newest last."""
    numbers = set()
    for picture, model, beam_width, size, modified, captions, made in rows:
        if not (isinstance(size, int) and isinstance(modified, int)):
            continue
        state = PictureState(size, modified)
        number = find_or_add(database, _path(picture), state).number
        database.execute(
            "UPDATE pictures SET bytes = ?, modified = ? WHERE id = ?",
            (size, modified, number),
        )
        database.execute(
            "INSERT OR REPLACE INTO machine_captions (picture, model, beam_width, "
            "bytes, modified, captions, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                to_text(model),
                beam_width or schema.OWN_SEARCH,
                size,
                modified,
                to_text(captions),
                made,
            ),
        )
        numbers.add(number)
    for number in numbers:
        index_words(database, number)


def take_former_human(database: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Keep what people said by a library without versions, the newest last."""
    for picture, caption, made in rows:
        if caption is None:
            continue
        path = _path(picture)
        number = find_or_add(database, path).number
        database.execute(
            "INSERT INTO human_captions (picture, path, caption, kind, made) "
            "VALUES (?, ?, ?, ?, ?)",
            (number, path, to_text(caption), "written", made),
        )
        index_words(database, number)


def _path(key: object) -> bytes:
    return key if isinstance(key, bytes) else os.fsencode(to_text(key))
