"""Pictures known to the library, and found again where they were moved or copied."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from imagecap.library.picture_state import (
    PictureState,
    look_at,
    path_key,
    path_of,
    read_state,
)
from imagecap.library.word_index import index_words

_PICTURES = "SELECT id, path, bytes, modified, content FROM pictures"
# Those that lie somewhere come first.
_ORDER = "ORDER BY path IS NULL, id"


class PictureRow(NamedTuple):
    """What the library knows of a picture itself.

    Attributes:
        number: Its number in the library.
        path: Where it lies; `None` where it was another picture's place since.
        state: Its file when the library saw it last; `None` if it never did.
    """

    number: int
    path: bytes | None
    state: PictureState | None


def find(database: sqlite3.Connection, path: bytes) -> PictureRow | None:
    """Find a picture by its path."""
    found = _rows(database, "path = ?", path)
    return found[0] if found else None


def find_or_add(
    database: sqlite3.Connection, path: bytes, state: PictureState | None = None
) -> PictureRow:
    """Find a picture by its path; one that is not known yet is known from now on."""
    found = find(database, path)
    if found:
        return found
    size, modified, content = _values(state)
    number = database.execute(
        "INSERT INTO pictures (path, bytes, modified, content) VALUES (?, ?, ?, ?)",
        (path, size, modified, content),
    ).lastrowid
    return PictureRow(int(number or 0), path, state)


def must_be_read(
    database: sqlite3.Connection, picture: Path, opened: bool = True
) -> bool:
    """Tell whether only the content of a file says which picture it is.

    So it is where it has changed, or where it is not known and a known picture has as
    many bytes.

    Args:
        database: The library.
        picture: The file.
        opened: Whether a picture whose content was never read is read now.
    """
    seen = look_at(picture)
    if seen is None:
        return False
    row = find(database, path_key(picture))
    if row is None:
        return bool(_rows(database, "bytes = ?", seen.size))
    known = row.state
    if known is None or (known.size, known.modified) != (seen.size, seen.modified):
        return True
    return opened and known.content is None


def settle(
    database: sqlite3.Connection, path: bytes, state: PictureState
) -> PictureRow:
    """Note what lies at a path, and find out which picture that is.

    Args:
        database: The library, in a transaction.
        path: The path of the file.
        state: The file, with its content.

    Returns:
        The picture, with the captions that the library has of this content; what a
        person said of the file of before stays with the path where it was changed.
    """
    row = find(database, path)
    if row and (row.state is None or row.state.content in (None, state.content)):
        _note(database, row.number, state)
        is_new = row.state is None or row.state.content is None
        other = _of_content(database, state, row.number) if is_new else None
        if other and not _human(database, row.number):
            _copy_captions(database, other.number, row.number)
            index_words(database, row.number)
        return PictureRow(row.number, path, state)
    other = _of_content(database, state, row.number if row else None)
    if row:
        _displace(database, row)
    if other and (other.path is None or not os.path.lexists(other.path)):
        database.execute(
            "UPDATE pictures SET path = ? WHERE id = ?", (path, other.number)
        )
        _note(database, other.number, state)
        number = other.number
    else:
        number = find_or_add(database, path, state).number
        if other:
            _copy_captions(database, other.number, number)
        elif row:
            _copy_human(database, row.number, number)
    index_words(database, number)
    return PictureRow(number, path, state)


def _rows(
    database: sqlite3.Connection, condition: str, *values: object
) -> list[PictureRow]:
    rows = database.execute(f"{_PICTURES} WHERE {condition} {_ORDER}", values)
    return [
        PictureRow(
            number,
            path if isinstance(path, bytes) else None,
            None if size is None else PictureState(size, *others),
        )
        for number, path, size, *others in rows
    ]


def _values(
    state: PictureState | None,
) -> tuple[int | None, int | None, bytes | None]:
    return (state.size, state.modified, state.content) if state else (None, None, None)


def _note(database: sqlite3.Connection, number: int, state: PictureState) -> None:
    database.execute(
        "UPDATE pictures SET bytes = ?, modified = ?, content = ?, missing = NULL "
        "WHERE id = ?",
        (*_values(state), number),
    )


def _of_content(
    database: sqlite3.Connection, state: PictureState, but: int | None
) -> PictureRow | None:
    """Find another picture with a content, one that has what a person says first."""
    same = []
    for row in _rows(database, "bytes = ?", state.size):
        if row.number != but and _has_content(database, row, state):
            same.append(row)
    with_human = (row for row in same if _human(database, row.number))
    return next(with_human, same[0] if same else None)


def _has_content(
    database: sqlite3.Connection, row: PictureRow, state: PictureState
) -> bool:
    known = row.state
    if known is None or row.path is None or known.content is not None:
        return known is not None and known.content == state.content
    # Of a library of before, which read no contents.
    file = path_of(row.path)
    if known.is_at(file):
        now = read_state(file)
        if now:
            _note(database, row.number, now)
        return now is not None and now.content == state.content
    return not os.path.lexists(row.path) and known.modified == state.modified


def _displace(database: sqlite3.Connection, row: PictureRow) -> None:
    """Have a picture lie nowhere known, since another content is in its place."""
    database.execute(
        "UPDATE pictures SET path = NULL, missing = ? WHERE id = ?",
        (int(time.time()), row.number),
    )
    index_words(database, row.number)


def _human(database: sqlite3.Connection, number: int) -> bool:
    rows = database.execute(
        "SELECT 1 FROM human_captions WHERE picture = ? LIMIT 1", (number,)
    )
    return rows.fetchone() is not None


def _copy_captions(database: sqlite3.Connection, source: int, to: int) -> None:
    _copy_human(database, source, to)
    database.execute(
        "INSERT OR IGNORE INTO machine_captions (picture, model, beam_width, content, "
        "bytes, modified, captions, made) SELECT ?, model, beam_width, content, bytes, "
        "modified, captions, made FROM machine_captions WHERE picture = ? "
        "ORDER BY sequence",
        (to, source),
    )
    database.execute(
        "INSERT OR IGNORE INTO vectors SELECT ?, model, vector FROM vectors "
        "WHERE picture = ?",
        (to, source),
    )


def _copy_human(database: sqlite3.Connection, source: int, to: int) -> None:
    database.execute(
        "INSERT INTO human_captions (picture, path, content, caption, kind, made) "
        "SELECT p.id, p.path, p.content, h.caption, h.kind, h.made "
        "FROM human_captions h, pictures p WHERE h.picture = ? AND p.id = ? "
        "ORDER BY h.sequence",
        (source, to),
    )
