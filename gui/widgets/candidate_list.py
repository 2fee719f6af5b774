"""The other captions that a model has for a picture, each to be chosen by a click."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk

from . import theme

_MOST = 3


class CandidateList(ttk.Frame):
    """Shows captions with their keys, one button each.

    Args:
        parent: The widget around it.

    Attributes:
        chosen: Called with the key of a caption that was clicked.
    """

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, name="candidates")
        self.chosen: Callable[[int], None] = lambda number: None
        self._buttons = [ttk.Button(self, style=theme.CANDIDATE) for _ in range(_MOST)]
        # Its height stays, whatever is in it, so that nothing above jumps.
        self.pack_propagate(False)
        self._is_reserved = False
        self._rows = _MOST
        self.fit()

    @property
    def buttons(self) -> list[ttk.Button]:
        """The buttons that are in sight."""
        return [button for button in self._buttons if button.winfo_manager()]

    def rows_in(self, height: int) -> int:
        """Return how many captions there is room for in a height in pixels."""
        return max(0, min(_MOST, height // self._row_height))

    def show(self, texts: Sequence[tuple[int, str]]) -> None:
        """Show captions to choose from, as many as there is room for.

        Args:
            texts: The key of each, and the caption.
        """
        texts = texts[:_MOST]
        for button in self._buttons[len(texts) :]:
            button.pack_forget()
        for button, (number, text) in zip(self._buttons, texts, strict=False):
            button.configure(
                text=f"{number}   {text}", command=partial(self._choose, number)
            )
            button.pack(fill="x")

    def reserve(self, wanted: bool) -> None:
        """Take the room of captions, though they may still be to come, or none."""
        self._is_reserved = wanted
        self.fit()

    def limit(self, rows: int) -> None:
        """Show no more captions than so many; the others are in the menu."""
        self._rows = rows
        self.fit()

    def fit(self) -> None:
        """Have the height that is wanted with the size of text there is."""
        # What has no room is not shown, and Tab does not come to it.
        height = self._rows * self._row_height if self._is_reserved else 1
        if int(str(self.cget("height"))) != height:
            self.configure(height=height)

    @property
    def _row_height(self) -> int:
        return self._buttons[0].winfo_reqheight()

    def _choose(self, number: int) -> None:
        self.chosen(number)
