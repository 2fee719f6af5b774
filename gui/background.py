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

from . import strings

_Result = TypeVar("_Result")
_Outcome = tuple[int, bool, Any]
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

    def run(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[str], None],
    ) -> None:
        """Start work in a thread of its own.

        Args:
            work: What to do; it must hold no widget.
            done: Called on the window's thread with the result.
            failed: Called there instead with a sentence, where work raised an error.
        """
        number = next(self._numbers)
        self._callbacks[number] = (done, failed)
        if not self._delivery:
            self._deliver_later()
        threading.Thread(
            target=_run, args=(work, number, self._outcomes), daemon=True
        ).start()

    def close(self) -> None:
        """Deliver nothing more."""
        self._callbacks.clear()
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


def _run(
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
