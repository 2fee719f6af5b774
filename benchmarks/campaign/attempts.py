"""One attempt, in a process of its own: how it ended, how long, how much memory."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from imagecap.errors import ImagecapError

_MOST_SECONDS = 60
# Libraries end programs with small ones.
_FIRST_CODE = 64
_MOST_ADDRESSES = 16 * 2**30


class Ending(Enum):
    """How an attempt ended."""

    DONE = "done"
    REFUSED = "refused"
    """With a sentence for a person."""
    UNCAUGHT = "uncaught"
    """With any other exception, or with something on the terminal."""
    TOO_LONG = "too long"
    """It never ended by itself."""
    CRASHED = "crashed"
    """Native code ended the process."""
    STOPPED = "stopped"
    """The trial of a model crashed or was cut off; a person sees a sentence."""


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt.

    Attributes:
        ending: How it ended.
        seconds: Wall time.
        computing: Time of the processor, all threads together. On a machine that does
            nothing else, one that does not wait takes no longer.
        megabytes: Largest resident memory of its process.
        text: What it printed: a traceback, or the sentence.
    """

    ending: Ending
    seconds: float
    computing: float
    megabytes: float
    text: str


def attempt(work: Callable[[], object]) -> Outcome:
    """Do something in a forked process, which may come to grief.

    Forked, since all modules are loaded then; the process begins with the memory of
    this one, about 150 MB.

    Args:
        work: What is done there. What it prints to its error stream is uncaught, too.
    """
    with tempfile.TemporaryFile() as printed:
        started = time.perf_counter()
        child = os.fork()
        if not child:
            os._exit(_in_child(work, printed.fileno()))
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - started
        printed.seek(0)
        text = printed.read(10_000).decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGALRM:
        ending = Ending.TOO_LONG
    elif code < 0:
        ending = Ending.CRASHED
        text = f"{signal.Signals(-code).name}\n{text}"
    elif code < _FIRST_CODE:
        ending = Ending.CRASHED
        text = f"native code ended it with {code}\n{text}"
    else:
        ending = list(Ending)[code - _FIRST_CODE]
        if ending is Ending.DONE and text:
            ending = Ending.UNCAUGHT
    computing = usage.ru_utime + usage.ru_stime
    return Outcome(ending, seconds, computing, usage.ru_maxrss * 1024 / 1e6, text)


def _in_child(work: Callable[[], object], terminal: int) -> int:
    """Do it, and return a code for the ending."""
    ending = Ending.UNCAUGHT
    os.dup2(terminal, 1)
    os.dup2(terminal, 2)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # So that the machine outlives an attempt; the memory itself is measured.
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_MOST_SECONDS)
        work()
        ending = Ending.DONE
    except ImagecapError as error:
        ending = Ending.REFUSED
        os.write(terminal, str(error).encode("utf-8", "backslashreplace"))
    except BaseException:
        os.write(terminal, traceback.format_exc().encode("utf-8", "backslashreplace"))
    sys.stdout.flush()
    return _FIRST_CODE + list(Ending).index(ending)
