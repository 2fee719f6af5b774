"""A damaged library set aside, and a new one made of what can be read of it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from imagecap.files import InUseError, exclusive_lock
from imagecap.library.connection import transaction
from imagecap.library.errors import LibraryError
from imagecap.library.salvage import Saved, content_of, holds_captions, salvage
from imagecap.library.write_ahead_log import log_of

# A large library takes its time.
_PATIENCE_SECONDS = 300.0
_HEADER = b"SQLite format 3\0"
# A library has captions in fewer; a film is not read to its end.
_LOOKED_AT_BYTES = 2**23

Place = tuple[int, int]


class Mended(NamedTuple):
    """A library that was damaged.

    Attributes:
        copy: Where the damaged file is kept; its log lies beside it.
        saved: How much was saved.
    """

    copy: Path
    saved: Saved


def place_of(path: Path) -> Place | None:
    """Tell one file from another that takes its place; `None` where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_unfinished(path: Path) -> bool:
    """Tell whether a program was ended while it mended a library, or is at it."""
    return _noted(path) is not None


def is_emptied(path: Path) -> bool:
    """Tell whether a library has a log, but nothing that this belongs to.

    SQLite would throw the log away.
    """
    return _size(log_of(path)) > 0 and holds_nothing(path)


def holds_nothing(path: Path) -> bool:
    """Tell whether a library is not there, or taken for an empty file by SQLite."""
    # A single byte is one that SQLite itself writes where a file system needs it.
    return _size(path) <= 1


def is_other_file(path: Path) -> bool:
    """Tell whether an ordinary file holds something, and nothing of a library.

    One that was damaged begins as a database does, or has rows, in its log at least;
    or a crash of the system has left zeros.
    """
    content = b""
    with suppress(OSError), path.open("rb") as file:
        content = file.read(_LOOKED_AT_BYTES)
    if _HEADER.startswith(content[: len(_HEADER)]) or not content.strip(b"\0"):
        return False
    return not holds_captions(content, content_of(log_of(path)))


def is_ours(path: Path) -> bool:
    """Tell whether a damaged file may be set aside: no database of another program."""
    content, log = content_of(path), content_of(log_of(path))
    # Of less than a page nobody can tell, nor use it; it is kept beside all the same.
    is_cut = len(content) < max(int.from_bytes(content[16:18]), 512)
    return content[:16] != _HEADER or is_cut or holds_captions(content, log)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other programs from making or mending a library meanwhile.

    Raises:
        LibraryError: If another program does so.
    """
    try:
        with exclusive_lock(path.with_name(path.name + ".lock"), _PATIENCE_SECONDS):
            yield
    except InUseError as error:
        raise LibraryError(
            f"Another program is mending the library {path}; try again later."
        ) from error


def mend(
    path: Path, seen: Place | None, create: Callable[[Path], sqlite3.Connection]
) -> Mended | None:
    """Set a library aside with its log, and make a new one of what can be read of it.

    A program that is killed meanwhile loses nothing: the next one goes on.

    Args:
        path: The library.
        seen: The file that was found damaged; another one there is already mended.
        create: Makes an empty library at a path and opens it.

    Returns:
        What was done; `None` where there was nothing to do.

    Raises:
        LibraryError: If another program is at it for too long.
        OSError: If the folder cannot be written.
        sqlite3.Error: If the new library cannot be written.
    """
    with alone(path):
        note, aside = _note_of(path), _noted(path)
        if aside is None:
            if place_of(path) != seen:
                return None
            aside = path.with_name(f"{_aside_begins(path)}{time.time_ns()}")
            note.write_bytes(os.fsencode(aside.name))
        if not (aside.exists() and path.exists()):
            saved = _make_anew(path, aside, create)
            note.unlink()
            return Mended(aside, saved)
        note.unlink()
        return None


def _make_anew(
    path: Path, aside: Path, create: Callable[[Path], sqlite3.Connection]
) -> Saved:
    # The log first: without it the file would be taken for whole, and for older.
    _move(log_of(path), log_of(aside))
    _move(path, aside)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    new = path.with_name(path.name + ".new")
    try:
        new.unlink(missing_ok=True)
        with closing(create(new)) as connection, transaction(connection):
            saved = salvage(content_of(aside), content_of(log_of(aside)), connection)
        new.replace(path)
    except (OSError, sqlite3.Error):
        # On a disk without room the damaged library is still used as far as it goes.
        for ending in ("", "-journal", "-wal", "-shm"):
            new.with_name(new.name + ending).unlink(missing_ok=True)
        _move(aside, path)
        _move(log_of(aside), log_of(path))
        _note_of(path).unlink(missing_ok=True)
        raise
    return saved


def _move(file: Path, to: Path) -> None:
    with suppress(FileNotFoundError):
        file.rename(to)


def _note_of(path: Path) -> Path:
    """Return where the name of a damaged library stands while it is mended."""
    return path.with_name(path.name + ".mending")


def _noted(path: Path) -> Path | None:
    """Return where a library is being set aside; `None` where nothing was moved yet.

    A full disk takes a note without a word in it; then nothing else was done, either.
    """
    try:
        name = os.fsdecode(_note_of(path).read_bytes())
    except OSError:
        return None
    number = name.removeprefix(_aside_begins(path))
    is_name = number != name and number.isascii() and number.isdecimal()
    return path.with_name(name) if is_name else None


def _aside_begins(path: Path) -> str:
    return f"{path.name}.damaged-"


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
