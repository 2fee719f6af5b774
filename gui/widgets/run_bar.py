"""How far a run over all open pictures is, in a line at the foot of the window."""

from __future__ import annotations

import tkinter
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import set_spoken_name
from . import theme

if TYPE_CHECKING:
    from imagecap.library.batch import BatchProgress


class RunBar(ttk.Frame):
    """Shows how far a run is, with a button to hold it and one to end it.

    Args:
        parent: The widget around it.
    """

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, name="run")
        self.label = ttk.Label(self, style=theme.QUIET)
        self.bar = ttk.Progressbar(self, maximum=1.0)
        self.pause_button = ttk.Button(self)
        self.cancel_button = ttk.Button(self, text=strings.CANCEL)
        set_spoken_name(self.bar, strings.PROGRESS)
        self.cancel_button.pack(side="right")
        self.pause_button.pack(side="right", padx=6)
        self.label.pack(side="left")
        self.bar.pack(side="left", fill="x", expand=True, padx=12)

    @property
    def text(self) -> str:
        """How far the run is, in words."""
        return str(self.label.cget("text"))

    def show(self, progress: BatchProgress, is_paused: bool) -> None:
        """Show how far the run is, and whether it is held."""
        self.label.configure(text=progress_sentence(progress, is_paused))
        self.bar.configure(value=progress.done / max(1, progress.total))
        self.pause_button.configure(text=strings.GO_ON if is_paused else strings.PAUSE)


def progress_sentence(progress: BatchProgress, is_paused: bool) -> str:
    """Say how far a run is: "412 of 2,000 · 61 per second · 26 s left"."""
    parts = [strings.CAPTIONING.format(done=progress.done, total=progress.total)]
    if is_paused:
        parts.append(strings.PAUSED)
    elif progress.per_second:
        parts.append(strings.PER_SECOND.format(speed=progress.per_second))
        parts.append(time_left(progress.seconds_left or 0))
    if progress.failed:
        parts.append(strings.FAILED_SO_FAR.format(failed=len(progress.failed)))
    return " · ".join(parts)


def time_left(seconds: float) -> str:
    """Say how long something will take."""
    if seconds < 60:
        return strings.SECONDS_LEFT.format(seconds=round(seconds))
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return strings.MINUTES_LEFT.format(minutes=minutes, seconds=seconds)
    hours, minutes = divmod(minutes, 60)
    return strings.HOURS_LEFT.format(hours=hours, minutes=minutes)
