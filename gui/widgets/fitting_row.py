"""Widgets side by side, of which some are left out where there is no room."""

from __future__ import annotations

import tkinter
from tkinter import ttk
from typing import NamedTuple


class _Part(NamedTuple):
    widget: tkinter.Widget
    importance: int
    least: int


class FittingRow(ttk.Frame):
    """A row that shows its most important widgets where it is too narrow for all.

    Args:
        parent: The widget around it.
        name: Its name.
        gap: The room between two widgets, in Tk's lengths.
    """

    def __init__(self, parent: tkinter.Misc, name: str, gap: str) -> None:
        super().__init__(parent, name=name)
        self._gap = self.winfo_pixels(gap)
        self._parts: list[_Part] = []
        self._columns = 0
        self.bind("<Configure>", lambda event: self.fit(event.width))

    def add(
        self, widget: tkinter.Widget, importance: int = 0, shrinks_to: str = ""
    ) -> None:
        """Put a widget at the right end.

        Args:
            widget: A child of this one.
            importance: 0 for what is always there; of others the largest number goes
                first.
            shrinks_to: How narrow it may become; by default it keeps its width.
        """
        least = self.winfo_pixels(shrinks_to) if shrinks_to else 0
        self._parts.append(_Part(widget, importance, least))
        sides = (0, self._gap)
        widget.grid(row=0, column=self._columns, padx=sides, sticky="ew")
        self.columnconfigure(self._columns, minsize=least, weight=1 if least else 0)
        self._columns += 1

    def add_space(self) -> None:
        """Have what comes after stand at the right."""
        # Much more than what shrinks, which then keeps its width where there is room.
        self.columnconfigure(self._columns, weight=1000)
        self._columns += 1

    @property
    def least_width(self) -> int:
        """How narrow it may become with what is always there."""
        return sum(self._width(part) for part in self._parts if not part.importance)

    def fit(self, width: int) -> None:
        """Show what there is room for.

        Args:
            width: The width there is, in pixels.
        """
        room = width + self._gap
        for part in sorted(self._parts, key=lambda part: part.importance):
            room -= self._width(part)
            if not part.importance or room >= 0:
                part.widget.grid()
            else:
                part.widget.grid_remove()
                # Nothing less important takes its place.
                room = min(room, -1)

    def _width(self, part: _Part) -> int:
        return (part.least or part.widget.winfo_reqwidth()) + self._gap
