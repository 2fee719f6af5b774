"""Work off the window's thread, so that the window never waits."""

from __future__ import annotations

import itertools
import queue
import sys
import threading
import tkinter
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from imagecap.errors import ImagecapError

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
        number = next(self._numbers)
        self._callbacks[number] = (done, failed)
        if not self._delivery:
            self._deliver_later()
        self._workers.run((work, number, self._outcomes))

    def close(self) -> None:
        """Deliver nothing more."""
        self._callbacks.clear()
        self._workers.close()
        if self._delivery:
            self._root.after_cancel(self._delivery)

    def _deliver_later(self) -> None:
        self._delivery = self._root.after(_POLL_MILLISECONDS, self._deliver)

    def _deliver(self) -> None:
        self._delivery = None
        try:
            while self._callbacks:
                number, succeeded, result = self._outcomes.get_nowait()
                done, failed = self._callbacks.pop(number)
                (done if succeeded else failed)(result)
        except queue.Empty:
            pass
        finally:
            if self._callbacks and not self._delivery:
                self._deliver_later()


class _Workers:
    """Threads that take work as it comes; there are as many as were needed at once.

    To start a thread takes longer than most of the work.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._free = self._all = 0

    def run(self, job: _Job) -> None:
        with self._lock:
            is_one_free = self._free > 0
            self._free -= is_one_free
        self._jobs.put(job)
        if not is_one_free:
            self._all += 1
            threading.Thread(target=self._work, daemon=True).start()

    def close(self) -> None:
        for _ in range(self._all):
            self._jobs.put(None)

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
        outcome = (number, False, sentence(error))
    outcomes.put(outcome)


def sentence(error: BaseException) -> str:
    """Say an error in a sentence; one not foreseen is also logged in full."""
    if isinstance(error, ImagecapError):
        return str(error)
    if isinstance(error, ImportError):
        message = strings.NOT_INSTALLED.format(name=error.name)
    else:
        message = strings.UNEXPECTED.format(error=str(error) or type(error).__name__)
    traceback.print_exception(error, file=sys.stderr)
    return message
