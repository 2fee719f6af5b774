"""All open pictures captioned, with progress, in a line at the foot of the window."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import name
from ..strings import plain
from . import theme

if TYPE_CHECKING:
    from imagecap.library.batch import BatchRun, Progress

    from ..services.background import Background

_LOOK_MILLISECONDS = 200


class FolderRun(ttk.Frame):
    """Shows how far a run is and lets it be held, ended and gone on with.

    Args:
        parent: The widget around it.
        background: Where the run is done.
        changed: Called when a run began, paused or ended, and with each progress;
            given a sentence.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        background: Background,
        changed: Callable[[str], None],
    ) -> None:
        super().__init__(parent, name="folder")
        self._background = background
        self._changed = changed
        self._run: BatchRun | None = None
        self._next_look: str | None = None
        self.failed: tuple[tuple[Path, str], ...] = ()
        self.label = ttk.Label(self, style=theme.QUIET)
        self.bar = ttk.Progressbar(self, maximum=1.0)
        self.pause_button = ttk.Button(self, command=self.pause_or_go_on)
        self.cancel_button = ttk.Button(
            self, text=plain(strings.CANCEL), command=self.cancel
        )
        name(self.bar, strings.PROGRESS)
        self.cancel_button.pack(side="right")
        self.pause_button.pack(side="right", padx=6)
        self.label.pack(side="left")
        self.bar.pack(side="left", fill="x", expand=True, padx=12)

    @property
    def is_running(self) -> bool:
        """Whether a run is going on or held."""
        return self._run is not None

    @property
    def is_paused(self) -> bool:
        """Whether a run is held."""
        return bool(self._run and self._run.is_paused)

    def start(self, run: BatchRun) -> None:
        """Begin a run."""
        self._run, self.failed = run, ()
        self._background.run(
            run.run, partial(self._ended, run), partial(self._broke, run)
        )
        self._look()

    def pause_or_go_on(self) -> None:
        """Hold the run, or go on with it."""
        if self._run:
            if self._run.is_paused:
                self._run.go_on()
            else:
                self._run.pause()
            self._show()

    def cancel(self) -> None:
        """End the run now; what is captioned stays."""
        if self._run:
            run, self._run = self._run, None
            run.cancel()
            self._look_no_more()
            progress = run.progress
            self.failed = progress.failed
            self._changed(
                strings.CANCELLED.format(done=progress.done, total=progress.total)
            )

    def close(self) -> None:
        """Let the run end by itself, without telling anyone."""
        if self._run:
            self._run.cancel()
        self._look_no_more()

    def _look(self) -> None:
        self._show()
        self._next_look = self.after(_LOOK_MILLISECONDS, self._look)

    def _look_no_more(self) -> None:
        if self._next_look:
            self.after_cancel(self._next_look)
            self._next_look = None

    def _show(self) -> None:
        if not self._run:
            return
        text = progress_sentence(self._run.progress, self._run.is_paused)
        progress = self._run.progress
        self.label.configure(text=text)
        self.bar.configure(value=progress.done / max(1, progress.total))
        go_on_or_pause = strings.GO_ON if self._run.is_paused else strings.PAUSE
        self.pause_button.configure(text=go_on_or_pause)
        self._changed("")

    def _ended(self, run: BatchRun, progress: Progress) -> None:
        if run is self._run:
            self._run = None
            self._look_no_more()
            self.failed = progress.failed
            captioned = progress.total - len(progress.failed)
            sentence = strings.FOLDER_DONE.format(captioned=captioned)
            if progress.failed:
                sentence += " " + strings.FOLDER_FAILED.format(
                    failed=len(progress.failed)
                )
            self._changed(sentence)

    def _broke(self, run: BatchRun, reason: str) -> None:
        if run is self._run:
            self._run = None
            self._look_no_more()
            self.failed = run.progress.failed
            self._changed(reason)


def progress_sentence(progress: Progress, is_paused: bool) -> str:
    """Say how far a run is: "412 of 2,000 · 61 per second · 26 s left"."""
    parts = [strings.CAPTIONING.format(done=progress.done, total=progress.total)]
    if is_paused:
        parts.append(strings.PAUSED)
    elif progress.per_second:
        parts.append(strings.PER_SECOND.format(speed=progress.per_second))
        parts.append(_time_left(progress.seconds_left or 0))
    if progress.failed:
        parts.append(strings.FAILED_SO_FAR.format(failed=len(progress.failed)))
    return " · ".join(parts)


def _time_left(seconds: float) -> str:
    if seconds < 60:
        return strings.SECONDS_LEFT.format(seconds=round(seconds))
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return strings.MINUTES_LEFT.format(minutes=minutes, seconds=seconds)
    hours, minutes = divmod(minutes, 60)
    return strings.HOURS_LEFT.format(hours=hours, minutes=minutes)
