"""The library of captions, opened off the window's thread when it is first needed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagecap.library.store import Library


class LibraryOnDemand:
    """The library of captions, opened when it is first asked for.

    Attributes:
        opened: The library; `None` where it was not asked for or cannot be opened.
    """

    def __init__(self) -> None:
        self.opened: Library | None = None
        self._problems: list[str] = []
        self._was_tried = False
        self._lock = threading.Lock()

    def get(self) -> Library | None:
        """Return the library, `None` where it cannot be opened.

        It is read from the disk, so the window's thread must not ask for it.
        """
        with self._lock:
            if not self._was_tried:
                self._was_tried = True
                self._open()
        return self.opened

    def take_problems(self) -> list[str]:
        """Return what was wrong with it since this was asked last, in sentences."""
        problems, self._problems[:] = self._problems.copy(), []
        return problems

    def close(self) -> None:
        """Close the library, where it is open."""
        if self.opened:
            self.opened.close()

    def _open(self) -> None:
        from imagecap.library.store import Library, LibraryError, library_path

        try:
            self.opened = Library(library_path(), self._problems.append)
        except LibraryError as error:
            self._problems.append(str(error))
