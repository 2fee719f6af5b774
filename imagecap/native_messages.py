"""What libraries write straight to the error stream of the process."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# There is one error stream for all threads.
_lock = threading.Lock()


@contextmanager
def kept_back(*beginnings: bytes) -> Iterator[None]:
    """Keep messages off the terminal; whatever else is written still comes, later.

    Args:
        beginnings: How the lines begin that are kept back.
    """
    try:
        terminal = os.dup(2)
    except OSError:  # a window without a console
        yield
        return
    try:
        written = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    except OSError:  # nowhere to put them
        os.close(terminal)
        yield
        return
    with _lock, written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            written.seek(0)
            for line in written:
                if not line.startswith(beginnings):
                    os.write(terminal, line)
            os.close(terminal)
