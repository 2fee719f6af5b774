"""SQLite as the library uses it: connections, transactions, and what errors mean."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from imagecap.library.integrity import find_damage
from imagecap.library.migration import (
    ForeignDatabaseError,
    NewerLibraryError,
    bring_up_to_date,
    check_suitable,
)
from imagecap.library.salvage import content_of, salvage
from imagecap.library.write_ahead_log import has_unread_commits, log_of

WAIT_SECONDS = 10.0
# SQLite does not wait where another program begins the log just now, and gives up where
# others have been faster a hundred times.
_PAUSE_SECONDS = 0.01
# What has nothing to do with the content of the file.
_OF_THE_SYSTEM = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_AUTH,
}
# A disk without room lets SQLite open a file as little as one that is read-only.
_OF_THE_DISK = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
)
# A check of so much takes a few milliseconds.
_CHECKED_BYTES = 2**20


class DamagedError(sqlite3.DatabaseError):
    """A library is damaged, although SQLite has not stumbled over it."""


def connect(name: str) -> sqlite3.Connection:
    """Open a database.

    Args:
        name: Its path, its URI, or `:memory:`.

    Raises:
        sqlite3.Error: If it cannot be opened.
    """
    connection = sqlite3.connect(
        name,
        timeout=WAIT_SECONDS,
        check_same_thread=False,
        isolation_level=None,
        uri=name.startswith("file:"),
    )
    # Text that is no UTF-8 is read as far as it goes; by itself it would be an error.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def create(path: Path | None) -> sqlite3.Connection:
    """Make an empty library and open it; `None` stands for one in memory.

    Raises:
        sqlite3.Error: If it cannot be made.
    """
    connection = connect(str(path.absolute()) if path else ":memory:")
    try:
        bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_patiently(path: Path) -> tuple[sqlite3.Connection, Exception | None]:
    """Open a library as `open_library` does, where many programs do so at once."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        connection, error = open_library(path)
        if error is None or not is_busy(error) or time.monotonic() > end:
            return connection, error
        connection.close()
        time.sleep(_PAUSE_SECONDS)


def open_library(path: Path) -> tuple[sqlite3.Connection, Exception | None]:
    """Open a library and bring it up to date.

    Returns:
        The connection, and what is wrong, if anything: then the connection must be
        closed, but not before a damaged file is set aside: closing writes to it.

    Raises:
        sqlite3.Error: If there is not even a connection.
    """
    connection = connect(f"{path.absolute().as_uri()}?mode=rw")
    try:
        check_suitable(connection)
        # Before anything is written, for then the log may begin anew.
        if has_unread_commits(path, connection):
            return connection, DamagedError("it is damaged")
        # A write-ahead log survives a killed program and is fast without a flush of the
        # disk for each caption. What is deleted is overwritten, so that nothing comes
        # back from a damaged file.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        bring_up_to_date(connection)
        if not is_large(path) and (damage := find_damage(connection)):
            return connection, DamagedError(damage)
    except (sqlite3.Error, ForeignDatabaseError, NewerLibraryError) as error:
        return connection, error
    return connection, None


def is_large(path: Path) -> bool:
    """Tell whether a library is too large to be checked throughout when it is opened.

    Such a one is checked where it is used, and beside that.
    """
    return path.stat().st_size > _CHECKED_BYTES


def read_into_memory(path: Path, problem: Exception) -> sqlite3.Connection | None:
    """Read a library into memory where it cannot be written.

    Args:
        path: The library.
        problem: Why it cannot be opened as usual.

    Returns:
        A library in memory; `None` where the file is not there or has another problem.
    """
    if not (path.is_file() and _is_refused(problem)):
        return None
    memory = create(None)
    try:
        with transaction(memory):
            salvage(content_of(path), content_of(log_of(path)), memory)
    except (OSError, sqlite3.Error):
        memory.close()
        return None
    return memory


def _is_refused(problem: Exception) -> bool:
    if isinstance(problem, sqlite3.Error):
        return _code(problem) & 0xFF in _OF_THE_DISK
    return isinstance(problem, OSError) and problem.errno in (
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all that is written meanwhile, or none of it."""
    # At once, because a transaction that only reads at first may not be able to write.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def is_busy(error: Exception) -> bool:
    """Tell whether other programs hold the database, or are faster again and again."""
    return _code(error) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
    )


def is_damage(error: Exception, path: Path | None) -> bool:
    """Tell whether an error comes from what the file holds.

    Whatever SQLite refuses to do for the library is damage, since the library asks for
    nothing that a whole one has not.

    Args:
        error: The error.
        path: The file.
    """
    code = _code(error)
    if isinstance(error, DamagedError) or code == sqlite3.SQLITE_IOERR_SHORT_READ:
        return True
    if code == sqlite3.SQLITE_READONLY and path is not None:
        # A file that says of itself that it must not be written.
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    is_known = isinstance(error, sqlite3.DatabaseError) and code > 0
    return is_known and code & 0xFF not in _OF_THE_SYSTEM and "module" not in str(error)


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0))
