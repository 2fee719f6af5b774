"""The library as an open file."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from imagecap.library.database import Database
from imagecap.library.place import library_path

_log = logging.getLogger(__name__)

AT_ONCE = 500
"""How many values one statement names at most."""


class OpenedLibrary:
    """A library that is open, whatever it knows.

    Args:
        path: The file, as of `imagecap.library.store.Library`.
        tell: Called with a sentence about what a person must know.

    Attributes:
        path: The file.
        database: Its tables, for what else this room does with them.

    Raises:
        LibraryError: If the file cannot be opened.
    """

    def __init__(self, path: Path, tell: Callable[[str], object] | None = None) -> None:
        self.path = path
        self.database = Database(
            None if str(path) == ":memory:" else path, tell or _log.warning
        )

    @classmethod
    def open(cls, path: str | os.PathLike[str] | None = None) -> Self:
        """Open a library.

        Args:
            path: The file; by default the one that the window and the command line use.

        Raises:
            LibraryError: If the file cannot be opened.
        """
        return cls(library_path() if path is None else Path(path))

    @property
    def damaged_copy(self) -> Path | None:
        """The damaged file that was set aside last, if one was."""
        return self.database.damaged_copy

    def close(self) -> None:
        """Close the file.

        Raises:
            LibraryError: If something could not be kept, because another program holds
                the file.
        """
        self.database.close()

    def keep_waiting(self) -> None:
        """Keep what has waited for another program that held the file.

        Raises:
            LibraryError: If it still does.
        """
        self.database.write_waiting()

    def data_version(self) -> int:
        """Return a number that is another one once another program has written.

        Raises:
            LibraryError: If the library cannot be read.
        """
        return self.database.read(
            lambda database: int(database.execute("PRAGMA data_version").fetchone()[0])
        )

    def _select(
        self, statement: str, values: Sequence[object], *before: object
    ) -> list[tuple[Any, ...]]:
        """Select the rows with any of some values, of the column named at the end."""

        def select(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
            rows = []
            for start in range(0, len(values), AT_ONCE):
                some = values[start : start + AT_ONCE]
                marks = ", ".join("?" * len(some))
                found = database.execute(f"{statement} IN ({marks})", (*before, *some))
                rows += found.fetchall()
            return rows

        return self.database.read(select)
