"""Ordinary files, written whole or not at all; what one program at a time may do."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from imagecap.errors import ImagecapError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The errors of a disk that takes no more."""
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to be written; at the end it takes the place of the one at `path`.

    Until then it lies beside it under a name of its own that nobody can foresee. If
    anything fails, it is deleted, and the file at `path` stays as it was. A killed
    program leaves that whole, too. A link stays a link, and permissions stay.

    Args:
        path: The file's place.

    Raises:
        OSError: If something else than a file is there, or the disk refuses to take it.
    """
    place = _place(path)
    new = place.with_name(f"{_beginning(place)}{os.urandom(8).hex()}.new")
    try:
        with new.open("xb") as file:
            if place.exists():
                new.chmod(stat.S_IMODE(place.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(place)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def remove_abandoned(path: Path, before: float = math.inf) -> None:
    """Delete what killed programs left of a file when they wrote it.

    Args:
        path: The file's place; nobody else writes it now, but perhaps what was begun
            later.
        before: Only what was last written before this time, in seconds since 1970.

    Raises:
        OSError: If something else than a file is there, or it may not be deleted.
    """
    place = _place(path)
    for new in place.parent.glob(f"{_beginning(place)}{'[0-9a-f]' * 16}.new"):
        if new.stat().st_mtime < before:
            new.unlink(missing_ok=True)


def _beginning(place: Path) -> str:
    """Return how the names begin under which a file is written."""
    return f".{hashlib.sha256(os.fsencode(place.name)).hexdigest()[:16]}-"


def _place(path: Path) -> Path:
    """Return where a file comes to lie: behind links, and only in a file's place."""
    try:
        place = path.resolve()
    except RuntimeError:  # a link that leads round in a circle
        place = path
    if place.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if place.exists() and not place.is_file():
        raise OSError(errno.EINVAL, "it is there and is no ordinary file")
    return place


class WriteError(ImagecapError):
    """A file cannot be written."""


def check_place(path: Path) -> None:
    """Make sure, before the work for it, that a file can be written.

    Args:
        path: The file's place.

    Raises:
        WriteError: If it cannot: something else is there, or its folder is not.
    """
    try:
        folder = _place(path).parent
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written ({reason(error)}); choose another place."
        ) from error
    if not folder.is_dir():
        raise WriteError(
            f"{path} cannot be written: there is no folder {folder}; make it, or "
            "choose another place."
        )


def write_file(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Args:
        path: The file's place.
        content: All that it shall hold.

    Raises:
        WriteError: If it cannot be written.
    """
    try:
        with atomic_write(path) as file:
            file.write(content)
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written ({reason(error)}); choose another place."
        ) from error


def check_ordinary(path: Path) -> None:
    """Make sure that a file may be opened to be read.

    Opening a pipe would wait for its other end, perhaps for ever.

    Args:
        path: The file, or a link to it; a folder is left to whoever opens it.

    Raises:
        OSError: If there is none, or it is a pipe or a device.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")


def read_ordinary(path: Path) -> bytes:
    """Read all that an ordinary file holds.

    Raises:
        OSError: If it cannot be read, or is a pipe or a device.
    """
    check_ordinary(path)
    return path.read_bytes()


def place_named(named: str) -> Path:
    """Return the place that a person names outside of a shell, which would read `~`.

    Otherwise a folder of that name would be made.
    """
    # Unlike the method of paths, it never fails.
    return Path(os.path.expanduser(named))  # noqa: PTH111


def personal_folder(kind: Literal["config", "data", "cache"]) -> Path | None:
    """Tell where the platform keeps a person's files; `None` without a home folder.

    Args:
        kind: Settings, what is kept besides, or what can be made again.
    """
    # Late, because whoever names another place starts sooner without it.
    import platformdirs

    find = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
    }
    try:
        folder = find[kind]("imagecap", appauthor=False)
    except RuntimeError:
        return None
    # Some of its versions would take a folder named ~ in the working directory.
    return folder if folder.is_absolute() else None


def hash_ordinary(path: Path) -> bytes:
    """Return the SHA-256 of all that an ordinary file holds.

    Raises:
        OSError: If it cannot be read, or is a pipe or a device.
    """
    check_ordinary(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def reason(error: OSError) -> str:
    """Say why the system refused: “No space left on device”."""
    return error.strerror or str(error)


def is_exhausted(error: BaseException) -> bool:
    """Return whether the system has no more to give, whatever the file is like."""
    return isinstance(error, MemoryError) or (
        isinstance(error, OSError) and error.errno in _EXHAUSTED
    )


class InUseError(Exception):
    """Another program is at work there."""


@contextmanager
def exclusive_lock(path: Path, patience: float = 2.0) -> Iterator[None]:
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
