"""Work off the window's thread, so that the window never waits."""

from __future__ import annotations

import itertools
import queue
import sys
import threading
import time
import tkinter
from collections.abc import Callable
from typing import Any, TypeVar

from imagecap.errors import explain

from .. import strings

_Result = TypeVar("_Result")
_Outcome = tuple[int, bool, Any]
_Job = tuple[Callable[[], Any], int, "queue.SimpleQueue[_Outcome]"]
_POLL_MILLISECONDS = 15
_SWITCH_SECONDS = 0.001


class Background:
    """Runs work in threads and hands the results back on the window's thread.

    The threads hold nothing of the window: its callbacks stay here under a number. So a
    thread that outlives the window cannot be the one to clear Tk's objects away, which
    would end the process.

    Args:
        root: The window whose event loop delivers results.
    """

    def __init__(self, root: tkinter.Tk) -> None:
        # Otherwise each thread keeps the window waiting for 5 ms at a time.
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._root = root
        self._numbers = itertools.count()
        self._outcomes: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
        self._callbacks: dict[int, tuple[Callable[[Any], None], ...]] = {}
        self._delivery: str | None = None
        self._workers = _Workers()
        self._in_order = _Workers(most=1)
        self._ordered: set[int] = set()

    def run(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[str], None],
    ) -> None:
        """Start work at once, in a thread that has nothing else to do.

        Args:
            work: What to do; it must hold no widget.
            done: Called on the window's thread with the result.
            failed: Called there instead with a sentence, where work raised an error.
        """
        self._workers.run(self._job(work, done, failed))

    def run_in_order(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[str], None],
    ) -> None:
        """Do work after all that was given to this method before; see `run`."""
        job = self._job(work, done, failed)
        self._ordered.add(job[1])
        self._in_order.run(job)

    def close(self, patience: float) -> list[str]:
        """Wait for the work that is done in order, and deliver nothing more.

        Args:
            patience: The longest to wait, in seconds.

        Returns:
            The sentences of that work which nobody was told: why it failed, or that it
            was not done in time.
        """
        self._callbacks.clear()
        self._workers.close()
        if self._delivery:
            self._root.after_cancel(self._delivery)
        untold = [] if self._in_order.close(patience) else [strings.NOT_DONE_IN_TIME]
        while not self._outcomes.empty():
            number, succeeded, result = self._outcomes.get()
            if number in self._ordered and not succeeded:
                untold.append(result)
        return untold

    def _job(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[str], None],
    ) -> _Job:
        number = next(self._numbers)
        self._callbacks[number] = (done, failed)
        if not self._delivery:
            self._deliver_later()
        return work, number, self._outcomes

    def _deliver_later(self) -> None:
        self._delivery = self._root.after(_POLL_MILLISECONDS, self._deliver)

    def _deliver(self) -> None:
        self._delivery = None
        try:
            while self._callbacks:
                number, succeeded, result = self._outcomes.get_nowait()
                done, failed = self._callbacks.pop(number)
                self._ordered.discard(number)
                (done if succeeded else failed)(result)
        except queue.Empty:
            pass
        finally:
            if self._callbacks and not self._delivery:
                self._deliver_later()


class _Workers:
    """Threads that take work as it comes; there are as many as were needed at once.

    To start a thread takes longer than most of the work.

    Args:
        most: How many threads there may be; with one, work is done in order.
    """

    def __init__(self, most: int = sys.maxsize) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._most = most
        self._threads: list[threading.Thread] = []
        # Threads without work, less the work without a thread.
        self._free = 0

    def run(self, job: _Job) -> None:
        with self._lock:
            starts = self._free < 1 and len(self._threads) < self._most
            self._free += starts - 1
        self._jobs.put(job)
        if starts:
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()

    def close(self, patience: float = 0.0) -> bool:
        """End each thread once its work is done; tell whether that was in time."""
        end = time.monotonic() + patience
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while job := self._jobs.get():
            _do(*job)
            # What it holds may be large, and the next may be long in coming.
            del job
            with self._lock:
                self._free += 1


def _do(
    work: Callable[[], Any], number: int, outcomes: queue.SimpleQueue[_Outcome]
) -> None:
    try:
        outcome = (number, True, work())
    except Exception as error:
        outcome = (number, False, explain(error))
    outcomes.put(outcome)
