"""What surrounds each program that a person starts, from its first line to its last.

Nothing heavy is imported here: Ctrl-C may come while all else is still being loaded.
"""

from __future__ import annotations

import _thread
import atexit
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, NoReturn

from imagecap.errors import explain

# Ctrl-C, the end of a session, a closed terminal; Windows has no such terminal.
_STOPS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]

# Twice as many as the window and the model are made of, which Python would otherwise
# look through a hundred times.
_OBJECTS_IMPORTED = 100_000


def start(program: Callable[[], int | None]) -> NoReturn:
    """Run a program and end this process; a person never meets a traceback.

    What nobody caught becomes a sentence on the error stream and exit status 1. While
    the program is loaded and when it has ended, Ctrl-C ends it without a word; in
    between it decides itself, see `when_stopped`.

    Args:
        program: Imports what it needs, runs, and gives back its exit status.
    """
    _open_closed_streams()
    sys.excepthook = _tell
    threading.excepthook = _tell_of_thread
    sys.unraisablehook = _ignore
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # NumPy's threads wait busily for work: now 2 to the power of 16 ticks of the clock,
    # else of 26, in which others could use the core.
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "16")
    _look_for_garbage_later()
    sys.exit(program())


@contextlib.contextmanager
def when_stopped(stop: Callable[[int], object]) -> Iterator[None]:
    """Let a program end in good order when it is told to stop, however it is told.

    The second time ends it at once. What was to be ignored, as after `nohup`, still is.

    Args:
        stop: Called in the main thread with the number of the signal.
    """
    previous = {
        number: signal.getsignal(number)
        for number in _STOPS
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler)
    }

    def stop_once(number: int, _frame: FrameType | None) -> None:
        for each in previous:
            signal.signal(each, signal.SIG_DFL)
        stop(number)

    for number in previous:
        signal.signal(number, stop_once)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _look_for_garbage_later() -> None:
    """Let Python look for garbage neither while it imports nor when all ends.

    What is imported stays. What is there at the end goes back to the system, whatever
    it is; this is registered first, so it is called last.
    """
    usual = gc.get_threshold()

    def look_as_usual(_phase: str, _found: dict[str, int]) -> None:
        gc.set_threshold(*usual)
        gc.callbacks.remove(look_as_usual)

    gc.callbacks.append(look_as_usual)
    gc.set_threshold(_OBJECTS_IMPORTED, *usual[1:])
    atexit.register(gc.freeze)


def _open_closed_streams() -> None:
    """Let closed streams lead nowhere.

    The next file to be opened would take a closed stream's place, and what a library
    writes to the stream would go into that file.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # The system takes the lowest number that is free: this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _tell(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    stopped = isinstance(error, KeyboardInterrupt)
    with contextlib.suppress(OSError):
        print("Stopped." if stopped else f"Error: {explain(error)}", file=sys.stderr)


def _tell_of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value and not isinstance(failed.exc_value, SystemExit):
        _tell(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _ignore(failed: Any) -> None:  # noqa: ANN401 - its type has no public name
    """Drop an error that has nowhere to go, such as of an object cleared away."""
    if isinstance(failed.exc_value, KeyboardInterrupt):
        # A person's wish is none; it is told again where it is heard.
        _thread.interrupt_main()
    elif sys.flags.dev_mode:
        sys.__unraisablehook__(failed)
