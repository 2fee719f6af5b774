"""All open pictures captioned, with progress."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imagecap.counted import counted

from .. import strings
from ..widgets.run_bar import RunBar

if TYPE_CHECKING:
    from pathlib import Path

    from imagecap.library.batch import BatchProgress, BatchRun

    from ..session import Session
    from .speaking import Speaking

_LOOK_MILLISECONDS = 200


class Captioning:
    """Runs over all open pictures and lets the run be held, ended and gone on with.

    Args:
        session: Whose pictures they are.
        bar: Shows how far the run is.
        speaking: Tells how far it is now and then.

    """

    def __init__(self, session: Session, bar: RunBar, speaking: Speaking) -> None:
        self._session = session
        self._bar = bar
        self._speaking = speaking
        self._run: BatchRun | None = None
        self._next_look: str | None = None
        self._last: BatchProgress | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is going on or held."""
        return self._run is not None

    @property
    def failed(self) -> list[Path]:
        """The pictures that could not be read in this run or the last."""
        progress = self._run.progress if self._run else self._last
        return [picture for picture, _ in progress.failed] if progress else []

    def failures(self) -> list[str]:
        """Say why pictures could not be read in this run or the last, if some were."""
        progress = self._run.progress if self._run else self._last
        if progress is None:
            return [strings.NO_RUN_YET]
        done = counted(progress.done, "picture")
        none = strings.NONE_FAILED.format(pictures=done)
        return [reason for _, reason in progress.failed] or [none]

    def can_start(self) -> bool:
        """Return whether a run may begin."""
        session = self._session
        ready = session.kept.library and session.describer.captioner
        return bool(ready and session.has_pictures()) and not self.is_running

    def start(self) -> None:
        """Caption every picture shown that has no caption of this model yet.

        Where the search shows none, all that are open are meant.
        """
        from imagecap.library.batch import BatchRun

        session, describer = self._session, self._session.describer
        library, captioner = session.kept.library, describer.captioner
        if library and captioner:
            pictures = session.album.shown or session.album.pictures
            run = BatchRun(captioner, library, pictures, describer.beam_width)
            self._run = run
            session.background.run(
                run.run, partial(self._ended, run), partial(self._broke, run)
            )
            self._bar.grid()
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
            progress = self._run.progress
            self.close()
            self._session.say(
                strings.CANCELLED.format(done=progress.done, total=progress.total)
            )

    def close(self) -> None:
        """End the run without a word."""
        if self._run:
            self._run.cancel()
            self._finish(self._run)

    def _look(self) -> None:
        self._show()
        self._next_look = self._bar.after(_LOOK_MILLISECONDS, self._look)

    def _show(self) -> None:
        if self._run:
            self._bar.show(self._run.progress, self._run.is_paused)
            self._speaking.narrator.say_progress(self._bar.text)

    def _finish(self, run: BatchRun) -> None:
        self._run, self._last = None, run.progress
        self._bar.grid_remove()
        if self._next_look:
            self._bar.after_cancel(self._next_look)
            self._next_look = None

    def _ended(self, run: BatchRun, progress: BatchProgress) -> None:
        if run is self._run:
            self._finish(run)
            failed = len(progress.failed)
            said = strings.FOLDER_DONE.format(
                pictures=counted(progress.total - failed, "picture")
            )
            if failed:
                said += " " + strings.FOLDER_FAILED.format(failed=failed)
            self._session.say(said)

    def _broke(self, run: BatchRun, reason: str) -> None:
        if run is self._run:
            self._finish(run)
            self._session.say(reason)
