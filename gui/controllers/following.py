"""What comes from outside while the window is open: other windows, the system."""

from __future__ import annotations

import tkinter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session import Session

_LOOK_MILLISECONDS = 700


class Following:
    """Looks now and then for what other windows have written.

    Python hears of Ctrl-C and of the end of a session at each look, too: Tk alone would
    sleep on until a key is pressed.

    Args:
        session: What the window works on.
        root: The window.
    """

    def __init__(self, session: Session, root: tkinter.Tk) -> None:
        self._session = session
        self._root = root
        self._next_look = ""
        self._look_later()

    def close(self) -> None:
        """Look no more."""
        self._root.after_cancel(self._next_look)

    def _look(self) -> None:
        self._session.follow()
        self._look_later()

    def _look_later(self) -> None:
        self._next_look = self._root.after(_LOOK_MILLISECONDS, self._look)
