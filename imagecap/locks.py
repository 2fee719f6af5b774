"""What one program at a time may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class InUseError(Exception):
    """Another program is at work there."""


@contextmanager
def alone(path: Path, patience: float = 2.0) -> Iterator[None]:
    """Keep every other program that asks for the same out meanwhile.

    Args:
        path: A file that stands for what is guarded; it is made, with its folder.
        patience: Seconds to wait for another program. Whoever only looks whether
            there is anything to do is out again within two.

    Raises:
        InUseError: If another program is in.
        OSError: If the file cannot be made.
    """
    # Late, because whoever only reads starts sooner without it.
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The system lets go of the lock even where the program is killed.
        with FileLock(path, timeout=patience):
            yield
    except Timeout as error:
        raise InUseError(str(path)) from error
