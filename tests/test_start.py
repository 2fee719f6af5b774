"""Any error as a sentence, and signals while something is under way."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from imagecap.errors import ImagecapError, explain
from imagecap.start import when_stopped


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ImagecapError("a.jpg is gone."), "a.jpg is gone."),
        (MemoryError(), "There is not enough memory"),
        (ModuleNotFoundError("No module", name="click"), "is missing: click."),
        (ImportError("no segment"), "cannot be loaded (no segment)"),
        (
            OSError(errno.ENOSPC, "No space left on device", "a.csv"),
            "a.csv cannot be used (No space left on device)",
        ),
        (OSError(errno.EIO, "I/O error"), "The system gave up (I/O error)"),
        (OSError("broken\nfile"), "broken file (OSError)."),
        (KeyError(), "not foreseen: no reason given (KeyError)."),
    ],
)
def test_any_error_is_one_sentence(error: Exception, sentence: str) -> None:
    said = explain(error)
    assert sentence in said
    assert said.endswith(".")
    assert "\n" not in said


def test_the_first_signal_is_heard_and_the_second_ends_the_program() -> None:
    heard: list[int] = []
    before = signal.getsignal(signal.SIGTERM)
    with when_stopped(heard.append):
        os.kill(os.getpid(), signal.SIGTERM)
        assert heard == [signal.SIGTERM]
        for number in (signal.SIGINT, signal.SIGTERM):
            assert signal.getsignal(number) == signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with when_stopped(lambda _: pytest.fail("It was heard.")):
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_garbage_is_looked_for_as_usual_once_all_is_imported() -> None:
    code = """
        import gc, weakref
        from imagecap.start import start

        class Ring:
            def __init__(self):
                self.own = self

            def __del__(self):
                print("found")

        def program():
            first = weakref.ref(Ring())
            kept = [[] for _ in range(50_000)]
            print(first() is not None)
            kept += [[] for _ in range(100_000)]
            print(first() is None, gc.get_threshold() == usual, gc.callbacks)
            Ring()

        usual = gc.get_threshold()
        start(program)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # The second ring is left to the system.
    assert done.stdout.split("\n") == ["True", "found", "True True []", ""]
