"""One run at a time in a folder of shards, wherever the folder is."""

from __future__ import annotations

import json
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.storage import Location
from imagecap.files import InUseError, exclusive_lock

LOCK = "_lock"
"""The file's name; readers of Parquet pass it over."""
BEAT_SECONDS = 5.0
"""How often whoever is at work in a folder elsewhere says so."""
_MISSED_BEATS = 3

Check = Callable[[], None]
"""Raises a `ClusterError` once another run has taken the folder over."""


@contextmanager
def exclusive_run(output: Location) -> Iterator[Check]:
    """Keep other runs out of a folder meanwhile; a killed one keeps nobody out.

    Storage elsewhere has no locks. There a file is written again and again, and is
    left by a run whose machine is gone; whoever finds one looks whether it changes.

    Args:
        output: The folder.

    Raises:
        ClusterError: If another run is at work there.
    """
    lock = output.child(LOCK)
    if output.is_on_this_machine:
        try:
            with exclusive_lock(Path(lock.path)):
                yield lambda: None
        except InUseError as error:
            raise _at_work(output) from error
        return
    _wait_for_former(output, lock)
    own = _Beat(lock)
    own.write()
    ended, lost = threading.Event(), threading.Event()

    def check() -> None:
        if lost.is_set():
            raise ClusterError(
                f"Another run has taken over {output.address}, since this one could "
                "not be heard for some time; let that one go on."
            )

    def go_on() -> None:
        while not ended.wait(BEAT_SECONDS):
            # Where the storage does not answer, the run itself finds that out.
            with suppress(ClusterError):
                if not own.is_there():
                    lost.set()
                    return
                own.write()

    beating = threading.Thread(target=go_on, daemon=True)
    beating.start()
    try:
        if not own.is_there():
            raise _at_work(output)
        yield check
    finally:
        ended.set()
        beating.join()
        with suppress(ClusterError):
            if own.is_there():
                lock.delete()


class _Beat:
    """The file that says who is at work.

    Args:
        file: Where it is.
    """

    def __init__(self, file: Location) -> None:
        self._file = file
        self._run = uuid.uuid4().hex
        self._count = 0

    def write(self) -> None:
        """Say that this run is at work."""
        self._count += 1
        who = {"run": self._run, "beat": self._count}
        where = {"host": socket.gethostname(), "process": os.getpid()}
        self._file.write(json.dumps({**who, **where}).encode())

    def is_there(self) -> bool:
        """Tell whether the file is still that of this run."""
        return _parse(_read(self._file)).get("run") == self._run


def _wait_for_former(output: Location, lock: Location) -> None:
    """Return once nobody is at work; raise a `ClusterError` where somebody is."""
    found = _read(lock)
    if not found or _is_gone(_parse(found)):
        return
    for _ in range(_MISSED_BEATS):
        threading.Event().wait(BEAT_SECONDS)
        now = _read(lock)
        if not now:
            return
        if now != found:
            raise _at_work(output)


def _is_gone(who: dict[str, object]) -> bool:
    """Tell whether it was a process of this machine that has ended."""
    number = who.get("process")
    # Elsewhere asking for a process would end it.
    if os.name != "posix" or who.get("host") != socket.gethostname():
        return False
    if not isinstance(number, int):
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _read(lock: Location) -> bytes:
    try:
        return lock.read()
    except FileNotFoundError:
        return b""


def _parse(content: bytes) -> dict[str, object]:
    with suppress(ValueError):
        who = json.loads(content)
        if isinstance(who, dict):
            return who
    return {}


def _at_work(output: Location) -> ClusterError:
    return ClusterError(
        f"Another run is at work in {output.address}; wait for its end, or name "
        "another folder."
    )
