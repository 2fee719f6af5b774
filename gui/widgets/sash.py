"""A handle between two parts of the window, drawn up and down by the mouse."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from .theme import Theme

# Lengths in points, so that they are the same on every screen.
_HEIGHT = "6p"
_GRIP = ("24p", "2p")


class Sash(tkinter.Frame):
    """A line with a grip in its middle.

    Args:
        parent: The widget around it.
        look: The colours.

    Attributes:
        pressed: Called when it is taken hold of.
        dragged: Called with how far up it was drawn since then, in pixels.
    """

    def __init__(self, parent: tkinter.Misc, look: Theme) -> None:
        super().__init__(
            parent,
            name="sash",
            height=parent.winfo_pixels(_HEIGHT),
            cursor="sb_v_double_arrow",
        )
        self._look = look
        self._start = 0
        self.pressed: Callable[[], None] = lambda: None
        self.dragged: Callable[[int], None] = lambda up: None
        width, height = map(parent.winfo_pixels, _GRIP)
        self._grip = tkinter.Frame(self, width=width, height=height)
        self._grip.place(relx=0.5, rely=0.5, anchor="center")
        for part in (self, self._grip):
            part.bind("<ButtonPress-1>", self._press)
            part.bind("<B1-Motion>", self._drag)
        self.bind("<Enter>", lambda _: self._paint(is_pointed_at=True))
        self.bind("<Leave>", lambda _: self._paint(is_pointed_at=False))
        self._paint(is_pointed_at=False)
        look.on_change(lambda: self._paint(is_pointed_at=False))

    def _press(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self._start = event.y_root
        self.pressed()

    def _drag(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self.dragged(self._start - event.y_root)

    def _paint(self, is_pointed_at: bool) -> None:
        colors = self._look.colors
        self.configure(background=colors.background)
        self._grip.configure(
            background=colors.accent if is_pointed_at else colors.quiet
        )
