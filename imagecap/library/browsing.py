"""The pictures of a library in an order, a page at a time."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Literal

from imagecap.library.entry import Entry
from imagecap.library.picture_state import PictureState, path_key, path_of
from imagecap.library.store import Library
from imagecap.library.word_index import UNSURE

Order = Literal["folder", "date", "unsure"]
"""By where pictures lie, by when they were taken, or what is doubted first."""

# Damaged rows have no confidence, and come last.
_CONFIDENCE = """
    (SELECT CASE WHEN json_valid(captions) THEN json_extract(captions, '$[0][2]') END
        FROM machine_captions WHERE picture = id ORDER BY sequence DESC LIMIT 1)"""
_MARKED_SO = "id IN (SELECT rowid FROM words WHERE words MATCH 'marks : {}')"
_UNSURE = _MARKED_SO.format(UNSURE)
_COUNT = "SELECT COUNT(*) FROM pictures WHERE "
_NUMBERS = "SELECT id FROM pictures WHERE "
_ORDERS: dict[Order, str] = {
    "folder": "path",
    "date": "taken IS NULL, taken DESC, path",
    "unsure": f"{_UNSURE} DESC, {_CONFIDENCE} NULLS LAST, path",
}


def page(
    library: Library, order: Order, folder: Path | None, start: int, count: int
) -> tuple[list[Entry], int]:
    """Give some of the pictures that lie somewhere, in an order.

    Args:
        library: The library.
        order: Which pictures come first.
        folder: Only those in this folder and below; by default all.
        start: How many come before.
        count: How many are wanted at most.

    Returns:
        The pictures, and how many there are in all.

    Raises:
        LibraryError: If the library cannot be read.
    """
    condition, values = _inside(folder)
    return _page(library, condition, values, _ORDERS[order], start, count)


def to_review(library: Library, start: int, count: int) -> tuple[list[Entry], int]:
    """Give some of the pictures whose caption a model doubts and no person has seen.

    Args:
        library: The library.
        start: How many come before.
        count: How many are wanted at most.

    Returns:
        The pictures, the most doubtful first, and how many there are in all.

    Raises:
        LibraryError: If the library cannot be read.
    """
    order = f"{_CONFIDENCE} NULLS LAST, path"
    return _page(
        library, f"typeof(path) = 'blob' AND {_UNSURE}", (), order, start, count
    )


def folders(library: Library) -> dict[Path, int]:
    """Give the folders in which pictures lie, each with how many, in order.

    Raises:
        LibraryError: If the library cannot be read.
    """
    rows = library.database.read(
        lambda database: database.execute(
            "SELECT path FROM pictures WHERE typeof(path) = 'blob' ORDER BY path"
        ).fetchall()
    )
    counts = Counter(os.path.dirname(path) for (path,) in rows)  # noqa: PTH120 – bytes
    return {path_of(folder): count for folder, count in sorted(counts.items())}


def number_of(library: Library, state: PictureState) -> int | None:
    """Find a picture by the content of a file; `None` where none has it.

    Raises:
        LibraryError: If the library cannot be read.
    """
    row = library.database.read(
        lambda database: database.execute(
            "SELECT id FROM pictures WHERE bytes = ? AND content = ? "
            "AND typeof(path) = 'blob' LIMIT 1",
            (state.size, state.content),
        ).fetchone()
    )
    return int(row[0]) if row else None


def _inside(folder: Path | None) -> tuple[str, tuple[bytes, ...]]:
    if folder is None:
        return "typeof(path) = 'blob'", ()
    end = os.fsencode(os.sep)
    beginning = path_key(folder).rstrip(end)
    # A range of the index: what comes after all that begins so.
    return "path >= ? AND path < ?", (beginning + end, beginning + bytes([end[0] + 1]))


def _page(
    library: Library,
    condition: str,
    values: tuple[bytes, ...],
    order: str,
    start: int,
    count: int,
) -> tuple[list[Entry], int]:
    def read(database: sqlite3.Connection) -> tuple[list[int], int]:
        (total,) = database.execute(_COUNT + condition, values).fetchone()
        rows = database.execute(
            f"{_NUMBERS} {condition} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, count, start),
        )
        return [number for (number,) in rows], total

    numbers, total = library.database.read(read)
    return library.entries_of(numbers), total
