"""How far a review is, in a line at the foot of the window."""

from __future__ import annotations

import tkinter
from tkinter import ttk

from .. import strings
from . import theme
from .fitting_row import FittingRow

_GAP = "4p"
_NARROWEST_LABEL = "30p"


class ReviewBar(FittingRow):
    """Shows how many captions are left, with buttons for what the keys do.

    Args:
        parent: The widget around it.
    """

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, "review", _GAP)
        self.label = ttk.Label(self, style=theme.QUIET)
        self.accept_button = ttk.Button(self, text=strings.ACCEPT_BUTTON)
        self.skip_button = ttk.Button(self, text=strings.SKIP_BUTTON)
        self.end_button = ttk.Button(self, text=strings.END_BUTTON)
        self.add(self.label, shrinks_to=_NARROWEST_LABEL)
        self.add_space()
        self.add(self.accept_button)
        # Keys do the same.
        self.add(self.skip_button, importance=1)
        self.add(self.end_button, importance=2)

    @property
    def text(self) -> str:
        """How far the review is, in words."""
        return str(self.label.cget("text"))

    def show(self, left: int, total: int, seconds: float) -> None:
        """Show how far the review is.

        Args:
            left: The captions that are left.
            total: The captions in all.
            seconds: How long it has taken so far.
        """
        parts = [
            strings.REVIEW_LEFT.format(left=left, total=total),
            duration(seconds),
        ]
        if done := total - left:
            parts.append(strings.SECONDS_EACH.format(seconds=seconds / done))
        self.label.configure(text=" · ".join(parts))


def duration(seconds: float) -> str:
    """Say how long something took: "2 min 5 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 2)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2])
