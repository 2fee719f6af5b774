"""The SQLite file of the library: opened, read and written, whatever stands there."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from imagecap.library.errors import LibraryError
from imagecap.library.migration import (
    UnsuitableError,
    bring_up_to_date,
    check_suitable,
)
from imagecap.library.place import VARIABLE

_WAIT_SECONDS = 10.0
Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]


class Database:
    """One connection, used by one caller at a time.

    Args:
        path: The file, made if it is missing; `None` for one in memory.

    Raises:
        LibraryError: If it cannot be opened.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.damaged_copy: Path | None = None
        self._lock = threading.RLock()
        self._connection = self._open()

    def read(self, work: Work[Result]) -> Result:
        """Read something.

        Args:
            work: Does it by the connection that it is given.

        Raises:
            LibraryError: If that cannot be.
        """
        try:
            with self._lock:
                return work(self._connection)
        except sqlite3.Error as error:
            raise LibraryError(
                f"The library of captions {self.path} cannot be read ({error})."
            ) from error

    def write(self, work: Work[Result]) -> Result:
        """Write something, whole or not at all; it is on disk when this returns.

        Args:
            work: Does it by the connection that it is given.

        Raises:
            LibraryError: If that cannot be.
        """
        try:
            with self._lock, transaction(self._connection):
                return work(self._connection)
        except sqlite3.Error as error:
            raise LibraryError(
                f"The caption could not be kept in {self.path} ({error}); make room "
                "on the disk or check that the file may be written."
            ) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            connection = _connect(":memory:")
            bring_up_to_date(connection)
            return connection
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _opened(self.path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self.damaged_copy = _move_damaged(self.path)
                return _opened(self.path)
        except UnsuitableError as error:
            raise LibraryError(
                f"{self.path} {error}; it stays as it is, and captions are not kept. "
                f"Name another place for them with {VARIABLE}."
            ) from error
        except (OSError, sqlite3.Error) as error:
            raise LibraryError(
                f"The library of captions {self.path} cannot be opened ({error}); "
                f"captions are not kept. Name another place with {VARIABLE}."
            ) from error


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


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, timeout=_WAIT_SECONDS, check_same_thread=False, isolation_level=None
    )
    # Text that is no UTF-8 is read as far as it goes; by itself it would be an error.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def _opened(path: Path) -> sqlite3.Connection:
    connection = _connect(str(path))
    try:
        check_suitable(connection)
        # A write-ahead log survives a killed program and is fast without a flush
        # of the disk for each caption.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _move_damaged(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return aside
