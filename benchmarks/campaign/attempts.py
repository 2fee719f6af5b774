"""Attempts that may come to grief: how each ended, how long, how much memory."""

from __future__ import annotations

import gc
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from imagecap.errors import ImagecapError

# Of the processor; on a busy machine an attempt may wait long for its turn.
_MOST_SECONDS = 60
_MOST_WAITING_SECONDS = 600
_TOO_LONG = (-signal.SIGPROF, -signal.SIGALRM)
_MOST_ADDRESSES = 16 * 2**30
_MOST_TEXT = 10_000


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
    """Do something in a forked process, which may come to grief; see `attempt_each`."""
    (outcome,) = attempt_each([work])
    return outcome


def attempt_each(works: Sequence[Callable[[], object]]) -> list[Outcome]:
    """Do things one after the other in a forked process, which may come to grief.

    Forked, since all modules are loaded then; the process begins with the memory of
    this one, about 150 MB. What is to be done after something that ended the process is
    done in another one.

    Args:
        works: What is done there. What it prints to its error stream is uncaught, too.

    Returns:
        What became of each.
    """
    outcomes: list[Outcome] = []
    while len(outcomes) < len(works):
        outcomes += _in_one_process(works[len(outcomes) :])
    return outcomes


def _in_one_process(works: Sequence[Callable[[], object]]) -> list[Outcome]:
    """Do things until one ends the process, and tell what became of those."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as noted:
        started = time.perf_counter()
        child = os.fork()
        if not child:
            os._exit(_in_child(works, printed.fileno(), noted.fileno()))
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - started
        noted.seek(0)
        outcomes = [_outcome(line) for line in noted]
        printed.seek(0)
        text = printed.read(_MOST_TEXT).decode("utf-8", "replace")
    if len(outcomes) == len(works):
        return outcomes
    code = os.waitstatus_to_exitcode(status)
    name = signal.Signals(-code).name if code < 0 else f"native code ended with {code}"
    ended = Outcome(
        Ending.TOO_LONG if code in _TOO_LONG else Ending.CRASHED,
        seconds - sum(one.seconds for one in outcomes),
        usage.ru_utime + usage.ru_stime - sum(one.computing for one in outcomes),
        usage.ru_maxrss * 1024 / 1e6,
        f"{name}\n{text}",
    )
    return [*outcomes, ended]


def _outcome(line: bytes) -> Outcome:
    name, *others = json.loads(line)
    return Outcome(Ending[name], *others)


def _in_child(works: Sequence[Callable[[], object]], terminal: int, notes: int) -> int:
    """Do things, and note what became of each as soon as it is known."""
    os.dup2(terminal, 1)
    os.dup2(terminal, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # So that the machine outlives an attempt; the memory itself is measured.
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))
    for alarm in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(alarm, signal.SIG_DFL)
    # What the process begins with is no rubbish of the attempts.
    gc.freeze()
    for work in works:
        _forget_peak()
        started, computed = time.perf_counter(), _computing()
        _limit(_MOST_SECONDS, _MOST_WAITING_SECONDS)
        ending = _ending(work, terminal)
        _limit(0, 0)
        seconds, computing = time.perf_counter() - started, _computing() - computed
        text = os.pread(terminal, _MOST_TEXT, 0).decode("utf-8", "replace")
        if ending is Ending.DONE and text:
            ending = Ending.UNCAUGHT
        outcome = ending.name, seconds, computing, _peak(), text
        os.write(notes, json.dumps(outcome).encode() + b"\n")
        os.ftruncate(terminal, 0)
        os.lseek(terminal, 0, os.SEEK_SET)
        gc.collect()
    return 0


def _limit(computing: float, waiting: float) -> None:
    """Have this process ended after so many seconds; 0 for never."""
    signal.setitimer(signal.ITIMER_PROF, computing)
    signal.setitimer(signal.ITIMER_REAL, waiting)


def _ending(work: Callable[[], object], terminal: int) -> Ending:
    """Do it, and write to the terminal what it ended with."""
    ending = Ending.UNCAUGHT
    try:
        work()
        ending = Ending.DONE
    except ImagecapError as error:
        ending = Ending.REFUSED
        os.write(terminal, str(error).encode("utf-8", "backslashreplace"))
    except BaseException:
        os.write(terminal, traceback.format_exc().encode("utf-8", "backslashreplace"))
    sys.stdout.flush()
    return ending


def _computing() -> float:
    """Give the time of the processor until now, of this process and its children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _forget_peak() -> None:
    """Have the largest memory of this process be that of from now on."""
    # Linux, Documentation/filesystems/proc.rst, clear_refs.
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """Give the largest memory of this process, in megabytes."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) * 1024 / 1e6
