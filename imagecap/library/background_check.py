"""A large library checked beside what is done with it, once a program has it for long.

SQLite does not tell a row that is not there from one to which a damaged index does not
lead any more.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from imagecap.library.connection import connect, is_damage
from imagecap.library.integrity import find_damage

# Most commands are done by then, and a window shows its first captions.
DELAY_SECONDS = 5.0


class BackgroundCheck:
    """Checks a library once, in a thread and with a connection of its own.

    Args:
        path: The library.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._damage: str | None = None
        self._connection: sqlite3.Connection | None = None
        self._is_ended = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(DELAY_SECONDS, self._check)
        self._timer.daemon = True
        self._timer.start()

    def take_damage(self) -> str | None:
        """Return what is wrong with the library, if that was found; once."""
        found, self._damage = self._damage, None
        return found

    def close(self) -> None:
        """End the check, wherever it is."""
        self._timer.cancel()
        with self._lock:
            self._is_ended = True
            if self._connection:
                self._connection.interrupt()

    def _check(self) -> None:
        try:
            connection = connect(f"{self._path.absolute().as_uri()}?mode=ro")
        except sqlite3.Error:
            # Whoever uses it is told.
            return
        with closing(connection):
            with self._lock:
                if self._is_ended:
                    return
                self._connection = connection
            try:
                self._damage = find_damage(connection)
            except sqlite3.Error as error:
                if is_damage(error, self._path):
                    self._damage = str(error)
            finally:
                with self._lock:
                    self._connection = None
