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
_END = os.fsencode(os.sep)
_AFTER_END = bytes([_END[0] + 1])
_FIRST = "SELECT path FROM pictures WHERE path >= ? AND path < ? ORDER BY path LIMIT 1"
_COUNT = "SELECT COUNT(*) FROM pictures WHERE "
_NUMBERS = "SELECT id FROM pictures WHERE "
_ORDERS: dict[Order, str] = {
    "folder": "path",
    "date": "taken IS NULL, taken DESC, path",
    "unsure": f"{_CONFIDENCE} NULLS LAST, path",
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
    inside, values = _inside(folder)
    parts: tuple[str, ...] = (inside,)
    if order == "unsure":
        # To order those alone that are shown is quicker.
        parts = (f"{inside} AND {_UNSURE}", f"{inside} AND NOT {_UNSURE}")
    return _page(library, parts, values, _ORDERS[order], start, count)


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
    parts = (f"typeof(path) = 'blob' AND {_UNSURE}",)
    return _page(library, parts, (), _ORDERS["unsure"], start, count)


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
    counts = Counter(path.rpartition(_END)[0] for (path,) in rows)
    return {path_of(folder + _END): count for folder, count in sorted(counts.items())}


def holds_pictures(library: Library, folder: Path) -> bool:
    """Tell whether pictures lie in a folder or below.

    Raises:
        LibraryError: If the library cannot be read.
    """
    condition, values = _inside(folder)
    return library.database.read(
        lambda database: (
            database.execute(f"{_NUMBERS} {condition} LIMIT 1", values).fetchone()
            is not None
        )
    )


def folder_around(library: Library, path: Path) -> Path | None:
    """Find the nearest folder with pictures in which something lies, or which it is.

    Args:
        library: The library.
        path: A path from the root, without `..`; links are not followed.

    Returns:
        The folder: pictures lie in it, not only below; `None` where there is none.

    Raises:
        LibraryError: If the library cannot be read.
        ValueError: Of a path that no file can have.
    """
    around = (path, *path.parents)
    return library.database.read(
        lambda database: next((one for one in around if _holds(database, one)), None)
    )


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
    beginning = path_key(folder).rstrip(_END)
    # A range of the index: what comes after all that begins so.
    return "path >= ? AND path < ?", (beginning + _END, beginning + _AFTER_END)


def _holds(database: sqlite3.Connection, folder: Path) -> bool:
    """Tell whether a picture lies in a folder itself."""
    _, (place, last) = _inside(folder)
    beginning = place
    while row := database.execute(_FIRST, (place, last)).fetchone():
        name, is_below, _ = row[0].removeprefix(beginning).partition(_END)
        if not is_below:
            return True
        # What comes after all that lies in this one, in one step of the index.
        place = beginning + name + _AFTER_END
    return False


def _page(
    library: Library,
    parts: tuple[str, ...],
    values: tuple[bytes, ...],
    order: str,
    start: int,
    count: int,
) -> tuple[list[Entry], int]:
    def read(database: sqlite3.Connection) -> tuple[list[int], int]:
        numbers: list[int] = []
        total = 0
        for part in parts:
            (there,) = database.execute(_COUNT + part, values).fetchone()
            left_out = max(0, start - total)
            if left_out < there and len(numbers) < count:
                rows = database.execute(
                    f"{_NUMBERS} {part} ORDER BY {order} LIMIT ? OFFSET ?",
                    (*values, count - len(numbers), left_out),
                )
                numbers += [number for (number,) in rows]
            total += there
        return numbers, total

    numbers, total = library.database.read(read)
    return library.entries_of(numbers), total
