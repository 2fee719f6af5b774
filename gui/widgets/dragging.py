"""A press of the mouse: a click, or something drawn along with it."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

# A hand is never quite still.
_STILL_POINTS = "3p"


class Dragging:
    """Tells clicks on a canvas from drags.

    Args:
        canvas: What is pressed.
        clicked: Called with the place of a click, in pixels of the canvas.
        dragged: Called with how far the mouse went since the last call, right and down.
    """

    def __init__(
        self,
        canvas: tkinter.Canvas,
        clicked: Callable[[int, int], None],
        dragged: Callable[[int, int], None],
    ) -> None:
        self._canvas = canvas
        self._clicked = clicked
        self._dragged = dragged
        self._last = (0, 0)
        self._is_drag = False
        canvas.bind("<ButtonPress-1>", self._press)
        canvas.bind("<B1-Motion>", self._move)
        canvas.bind("<ButtonRelease-1>", self._release)

    def _press(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self._last, self._is_drag = (event.x, event.y), False
        self._canvas.focus_set()

    def _move(self, event: tkinter.Event[tkinter.Misc]) -> None:
        right, down = event.x - self._last[0], event.y - self._last[1]
        still = self._canvas.winfo_fpixels(_STILL_POINTS)
        if self._is_drag or max(abs(right), abs(down)) > still:
            self._is_drag = True
            self._last = (event.x, event.y)
            self._dragged(right, down)

    def _release(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if not self._is_drag:
            self._clicked(event.x, event.y)
