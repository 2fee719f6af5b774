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
        self._buttons: list[ttk.Button] = []

    @property
    def buttons(self) -> list[ttk.Button]:
        """The buttons that are in sight."""
        return [button for button in self._buttons if button.winfo_manager()]

    def show(self, texts: Sequence[tuple[int, str]]) -> None:
        """Show captions to choose from, as many as there is room for.

        Args:
            texts: The key of each, and the caption.
        """
        texts = texts[:_MOST]
        while len(self._buttons) < len(texts):
            self._buttons.append(ttk.Button(self, style=theme.CANDIDATE))
        for button in self._buttons[len(texts) :]:
            button.pack_forget()
        for button, (number, text) in zip(self._buttons, texts, strict=False):
            button.configure(
                text=f"{number}   {text}", command=partial(self._choose, number)
            )
            button.pack(fill="x")
        if not texts:
            # An empty frame keeps the height it had.
            self.configure(height=1)

    def _choose(self, number: int) -> None:
        self.chosen(number)
