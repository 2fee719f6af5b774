"""What one program at a time may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

# Whoever only looks whether there is anything to do lets go within this.
_PATIENCE = 2.0


class InUseError(Exception):
    """Another program is at work there."""


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep every other program that asks for the same out meanwhile.

    Args:
        path: A file that stands for what is guarded; it is made, with its folder.

    Raises:
        InUseError: If another program is in.
        OSError: If the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The system lets go of the lock even where the program is killed.
        with FileLock(path, timeout=_PATIENCE):
            yield
    except Timeout as error:
        raise InUseError(str(path)) from error
