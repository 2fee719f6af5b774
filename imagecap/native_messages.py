"""What libraries write straight to the error stream of the process."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

# There is one error stream for all threads.
_lock = threading.Lock()


@contextmanager
def kept_back(*beginnings: bytes) -> Iterator[None]:
    """Keep messages off the terminal; whatever else is written still comes, later.

    Args:
        beginnings: How the lines begin that are kept back.
    """
    with _lock, ExitStack() as stack:
        # A window has no console, and a full disk has no room.
        with suppress(OSError):
            _redirect(stack, beginnings)
        yield


@contextmanager
def all_kept_back() -> Iterator[None]:
    """Keep all off the terminal that is written to the error stream of the process.

    For a whole program: meanwhile `kept_back` may be used in it.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            _redirect(stack, (b"",))
        yield


def _redirect(stack: ExitStack, beginnings: tuple[bytes, ...]) -> None:
    """Have what is written to the error stream kept until the stack is closed."""
    written = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    terminal = os.dup(2)

    def give_back() -> None:
        os.dup2(terminal, 2)
        written.seek(0)
        for line in written:
            if not line.startswith(beginnings):
                os.write(terminal, line)
        os.close(terminal)

    stack.callback(give_back)
    os.dup2(written.fileno(), 2)
