"""The SQLite file of the library: opened, read and written, whatever stands there."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from imagecap.counted import counted
from imagecap.files import reason
from imagecap.library import mending
from imagecap.library.background_check import BackgroundCheck
from imagecap.library.connection import (
    WAIT_SECONDS,
    create,
    is_busy,
    is_damage,
    is_large,
    open_patiently,
    read_into_memory,
    transaction,
)
from imagecap.library.errors import LibraryError, not_opened
from imagecap.library.migration import ForeignDatabaseError, NewerLibraryError
from imagecap.library.place import VARIABLE

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]
# While another program holds the file, nobody waits long a second time.
_SHORT_WAIT_SECONDS = 0.2


class Database:
    """One connection, used by one caller at a time.

    Args:
        path: The file, made if it is missing; `None` for one in memory.
        tell: Called with a sentence about what a person must know.

    Attributes:
        damaged_copy: The damaged file that was set aside last, if one was.

    Raises:
        LibraryError: If it cannot be opened.
    """

    def __init__(self, path: Path | None, tell: Callable[[str], object]) -> None:
        self.path = path
        self.damaged_copy: Path | None = None
        self._tell = tell
        self._lock = threading.RLock()
        self._place: mending.Place | None = None
        self._may_write = True
        self._waiting: list[Work[object]] = []
        self._connection = self._open()
        self._check: BackgroundCheck | None = None
        # Once only, for one that has been mended is whole.
        if path and self._may_write and is_large(path):
            self._check = BackgroundCheck(path)

    def read(self, work: Work[Result]) -> Result:
        """Read something.

        Args:
            work: Does it by the connection that it is given; perhaps several times.

        Raises:
            LibraryError: If that cannot be.
        """
        try:
            with self._lock:
                return self._attempt(work)
        except sqlite3.Error as error:
            raise LibraryError(
                f"The library of captions {self.path} cannot be read ({error})."
            ) from error

    def write(self, work: Work[object]) -> None:
        """Write something, whole or not at all; it is on disk when this returns.

        Where another program holds the file for long, that is told, and it is written
        as soon as it can be.

        Args:
            work: Does it by the connection that it is given; perhaps several times.

        Raises:
            LibraryError: If that cannot be.
        """
        if not self._may_write:
            raise LibraryError(
                f"The caption could not be kept: {self.path} cannot be written; check "
                "its permissions and those of its folder, and that there is room."
            )
        self.note(work)

    def note(self, work: Work[object]) -> None:
        """Write something that can be found out again, as `write` does.

        Where the file can only be read, it is known until the program ends.

        Args:
            work: Does it by the connection that it is given; perhaps several times.

        Raises:
            LibraryError: If that cannot be.
        """
        with self._lock:
            done = self._write([*self._waiting, work])
            if not done and not self._waiting:
                self._wait_for_others(_SHORT_WAIT_SECONDS)
                self._tell(
                    f"Another program holds the library of captions {self.path}; "
                    "captions are kept as soon as it lets go."
                )
            if not done:
                self._waiting.append(work)
            elif self._waiting:
                self._waiting.clear()
                self._wait_for_others(WAIT_SECONDS)

    def write_waiting(self) -> None:
        """Write what has waited for another program, with patience.

        Raises:
            LibraryError: If that still holds the file.
        """
        with self._lock:
            if not self._waiting:
                return
            self._wait_for_others(WAIT_SECONDS)
            if not self._write(self._waiting):
                raise LibraryError(
                    f"{counted(len(self._waiting), 'caption')} could not be kept, "
                    f"because "
                    f"another program holds {self.path}; end that program."
                )
            self._waiting.clear()

    def close(self) -> None:
        """Write what has waited, and close the file.

        Raises:
            LibraryError: If something could not be written.
        """
        with self._lock:
            try:
                self.write_waiting()
            finally:
                if self._check:
                    self._check.close()
                self._connection.close()

    def _wait_for_others(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def _write(self, works: Sequence[Work[object]]) -> bool:
        """Write all of something or nothing; tell whether other programs let it."""

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                for work in works:
                    work(connection)

        try:
            self._attempt(write)
            # Another program may have set the file aside before it saw this.
            while self._is_elsewhere():
                self._attempt(write)
        except sqlite3.Error as error:
            if is_busy(error):
                return False
            raise LibraryError(
                f"The caption could not be kept in {self.path} ({error}); make room "
                "on the disk or check that the file may be written."
            ) from error
        return True

    def _attempt(self, work: Work[Result]) -> Result:
        """Do something, and once more where the file had to be mended for it."""
        if self._is_elsewhere():
            self._connection.close()
            self._connection = self._open()
        if self.path and self._check and self._check.take_damage():
            try:
                self._mend_open(self.path)
            except LibraryError as refusal:
                # SQLite has not stumbled over it, so that it can still be used.
                self._tell(str(refusal))
        try:
            return work(self._connection)
        except sqlite3.Error as error:
            is_mendable = self._may_write and is_damage(error, self.path)
            if self.path is None or not is_mendable:
                raise
            self._mend_open(self.path)
            return work(self._connection)

    def _mend_open(self, path: Path) -> None:
        """Mend the file that is open, and open what has been made of it."""
        try:
            self._mend(path, self._connection)
        except (OSError, sqlite3.Error) as refusal:
            why = reason(refusal) if isinstance(refusal, OSError) else refusal
            raise LibraryError(
                f"The library of captions {path} is damaged, and cannot be mended "
                f"({why}); check the permissions of its folder, and its disk's room."
            ) from refusal
        self._connection = self._open()

    def _is_elsewhere(self) -> bool:
        """Tell whether the file was moved away or another one is in its place."""
        if self.path is None or not self._may_write:
            return False
        return mending.place_of(self.path) != self._place

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            return create(None)
        try:
            connection = self._opened(self.path)
            # SQLite opens what it may only read, and says so at the first caption.
            if not os.access(self.path, os.W_OK):
                connection.close()
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return connection
        except (ForeignDatabaseError, NewerLibraryError) as error:
            raise LibraryError(
                f"{self.path} {error}; it stays as it is, and captions are not kept. "
                f"Name another place for them with {VARIABLE}."
            ) from error
        except (OSError, sqlite3.Error) as error:
            if memory := read_into_memory(self.path, error):
                self._may_write = False
                self._tell(
                    f"The library of captions {self.path} cannot be written; its "
                    "captions are used, and new ones are not kept."
                )
                return memory
            why = reason(error) if isinstance(error, OSError) else error
            raise not_opened(self.path, why, VARIABLE) from error

    def _opened(self, path: Path) -> sqlite3.Connection:
        path.parent.mkdir(parents=True, exist_ok=True)
        if mending.is_unfinished(path) or mending.is_emptied(path):
            self._place = mending.place_of(path)
            self._mend(path, None)
        is_empty = path.exists() and mending.holds_nothing(path)
        if not path.exists():
            with mending.alone(path):
                if not path.exists():
                    create(path).close()
        self._place = mending.place_of(path)
        connection, error = open_patiently(path)
        if error is None:
            if is_empty:
                self._tell(
                    f"The library of captions {path} was an empty file; a new one is "
                    "begun in it."
                )
            return connection
        try:
            is_foreign = isinstance(error, ForeignDatabaseError)
            if not (is_foreign or is_damage(error, path)):
                raise error
            if not mending.is_ours(path):
                raise ForeignDatabaseError("is a database of another program")
            self._mend(path, connection)
        finally:
            connection.close()
        self._place = mending.place_of(path)
        connection, error = open_patiently(path)
        if error:
            connection.close()
            raise error
        return connection

    def _mend(self, path: Path, connection: sqlite3.Connection | None) -> None:
        """Set the damaged file aside and make a new one of what can be read."""
        # Elsewhere it is closed later, because closing writes to the file.
        if connection and os.name == "nt":
            connection.close()
        mended = mending.mend(path, self._place, create)
        if connection:
            connection.close()
        if mended:
            self.damaged_copy = mended.copy
            self._tell(
                f"The library of captions {path} was damaged. The captions of "
                f"{counted(mended.saved.human, 'picture')} that are yours and of "
                f"{mended.saved.machine:,} by models were saved; the damaged file is "
                f"kept as {mended.copy}."
            )
