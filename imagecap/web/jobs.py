"""Folders captioned in the background, one after the other."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from imagecap.errors import explain
from imagecap.library.batch import BatchProgress, BatchRun
from imagecap.library.store import Library
from imagecap.web.inside import pictures_inside
from imagecap.web.model_queue import BusyError

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner

MOST_WAITING = 8
_KEPT = 50
State = Literal["waiting", "running", "paused", "done", "cancelled", "failed"]
OVER: frozenset[State] = frozenset({"done", "cancelled", "failed"})
"""The states that do not change any more."""
_NOTHING = BatchProgress(0, 0, (), 0.0, 0)


class Job:
    """A folder that is being captioned.

    `pause`, `go_on` and `cancel` may be called from any thread, and do nothing when the
    job is over.

    Attributes:
        number: What it is called.
        folder: The folder.
        problem: A sentence where it failed, else empty.
    """

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.folder = folder
        self.problem = ""
        self._lock = threading.Lock()
        self._run: BatchRun | None = None
        self._ended: State | None = None
        self._is_cancelled = self._is_paused = False

    @property
    def state(self) -> State:
        """Where it stands."""
        if self._ended:
            return self._ended
        if self._is_paused:
            return "paused"
        return "running" if self._run else "waiting"

    @property
    def progress(self) -> BatchProgress:
        """How far it is."""
        return self._run.progress if self._run else _NOTHING

    def pause(self) -> None:
        """Hold after the picture being captioned."""
        with self._lock:
            self._is_paused = True
            if self._run:
                self._run.pause()

    def go_on(self) -> None:
        """Go on after a pause."""
        with self._lock:
            self._is_paused = False
            if self._run:
                self._run.go_on()

    def cancel(self) -> None:
        """End it; what is captioned stays kept."""
        with self._lock:
            self._is_cancelled = True
            if self._run:
                self._run.cancel()
            elif not self._ended:
                self._ended = "cancelled"

    def do(self, captioner: Callable[[], Captioner], library: Library) -> None:
        """Caption the folder, on this thread."""
        try:
            run = BatchRun(captioner(), library, pictures_inside(library, self.folder))
            with self._lock:
                if self._is_cancelled:
                    return
                if self._is_paused:
                    run.pause()
                self._run = run
            run.run()
            self._ended = "cancelled" if self._is_cancelled else "done"
        # Whatever it is, whoever waits must hear of it.
        except Exception as error:
            self.problem = explain(error)
            self._ended = "failed"


class Jobs:
    """The folders that are captioned in the background, and those of lately.

    Args:
        captioner: Gives the model.
        library: Where captions are kept.
    """

    def __init__(self, captioner: Callable[[], Captioner], library: Library) -> None:
        self._captioner = captioner
        self._library = library
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1)

    def start(self, folder: Path) -> Job:
        """Caption a folder as soon as those before it are done.

        Args:
            folder: The folder, as `path_inside` gives it.

        Returns:
            The job; the one that there is where the folder waits already.

        Raises:
            BusyError: If too many wait.
        """
        with self._lock:
            open_ones = [one for one in self._jobs.values() if one.state not in OVER]
            for one in open_ones:
                if one.folder == folder:
                    return one
            if len(open_ones) > MOST_WAITING:
                raise BusyError
            job = Job(next(self._numbers), folder)
            self._jobs[job.number] = job
            over = [number for number, one in self._jobs.items() if one.state in OVER]
            for number in over[: max(0, len(self._jobs) - _KEPT)]:
                del self._jobs[number]
        self._worker.submit(job.do, self._captioner, self._library)
        return job

    def find(self, number: int) -> Job | None:
        """Give a job by its number."""
        return self._jobs.get(number)

    def all(self) -> list[Job]:
        """Give all jobs, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def close(self) -> None:
        """End what goes on; what is captioned stays kept."""
        for job in self.all():
            job.cancel()
        self._worker.shutdown()
