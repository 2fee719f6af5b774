"""Pictures that are there twice, looked for in the background."""

from __future__ import annotations

import threading

from imagecap.errors import explain
from imagecap.library.doubles import Doubles, find_doubles
from imagecap.library.store import Library
from imagecap.library.upkeep import known_pictures


class _Ended(Exception):  # noqa: N818 – a request, not an error
    """The server ends."""


class DoublesRun:
    """Looks for the doubles of a library, once at a time.

    Args:
        library: The library.

    Attributes:
        result: What was found the last time; `None` before.
        problem: A sentence where the last time failed, else empty.
        done: How many pictures are through.
        total: How many there are in all.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._must_end = False
        self.result: Doubles | None = None
        self.problem = ""
        self.done = self.total = 0

    @property
    def is_running(self) -> bool:
        """Whether it is looking."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to look, where it is not looking already."""
        with self._lock:
            if not self.is_running:
                self.done = self.total = 0
                self._thread = threading.Thread(target=self._find, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End."""
        self._must_end = True
        if self._thread:
            self._thread.join()

    def _find(self) -> None:
        try:
            pictures = [one for one in known_pictures(self._library) if one.is_file()]
            self.total = len(pictures)
            found = find_doubles(pictures, self._seen)
            self.result, self.problem = found, ""
        except _Ended:
            pass
        # Whatever it is, the page must tell it.
        except Exception as error:
            self.problem = explain(error)

    def _seen(self) -> None:
        if self._must_end:
            raise _Ended
        self.done += 1
