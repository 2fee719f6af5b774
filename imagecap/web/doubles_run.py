"""Pictures that are there twice, looked for in the background."""

from __future__ import annotations

import threading

from imagecap.errors import explain
from imagecap.library.doubles import Doubles
from imagecap.library.doubles_search import DoublesSearch
from imagecap.library.store import Library


class DoublesRun:
    """Looks for the doubles of a library, once at a time.

    Args:
        library: The library.

    Attributes:
        result: What was found the last time; `None` before.
        problem: A sentence where the last time failed, else empty.
        search: Tells how far it is.
    """

    def __init__(self, library: Library) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.result: Doubles | None = None
        self.problem = ""
        self.search = DoublesSearch((), library)

    @property
    def is_running(self) -> bool:
        """Whether it is looking."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to look, where it is not looking already."""
        with self._lock:
            if not self.is_running:
                self.search.done = self.search.total = 0
                self._thread = threading.Thread(target=self._find, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End."""
        self.search.must_end = True
        if self._thread:
            self._thread.join()

    def _find(self) -> None:
        try:
            if found := self.search.run():
                self.result, self.problem = found, ""
        # Whatever it is, the page must tell it.
        except Exception as error:
            self.problem = explain(error)
