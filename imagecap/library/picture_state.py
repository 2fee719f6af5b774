"""One state of a picture file: it tells whether captions are of what is there now."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from imagecap.files import hash_ordinary

_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class PictureState:
    """A picture file at one moment.

    Attributes:
        size: Its bytes.
        modified: When it was changed, in nanoseconds; what SQLite has no number for is
            the nearest one that it has.
        content: The SHA-256 of all that the file holds; `None` where it was not read.
    """

    size: int
    modified: int
    content: bytes | None = None

    def is_at(self, picture: Path) -> bool:
        """Tell whether a file still has this size and time."""
        now = look_at(picture)
        return now is not None and (now.size, now.modified) == (
            self.size,
            self.modified,
        )


def look_at(picture: Path) -> PictureState | None:
    """Return the state of a file without its content; `None` where there is none."""
    try:
        status = picture.stat()
    except (OSError, ValueError):
        return None
    return PictureState(
        status.st_size, max(-_LARGEST, min(status.st_mtime_ns, _LARGEST))
    )


def read_state(picture: Path) -> PictureState | None:
    """Return the state of a file with its content; `None` where it cannot be read."""
    seen = look_at(picture)
    try:
        content = hash_ordinary(picture)
    except (OSError, ValueError):
        return None
    return None if seen is None else PictureState(seen.size, seen.modified, content)


def path_key(picture: str | os.PathLike[str]) -> bytes:
    """Return the bytes by which a path is known, since names need not be text.

    It is not resolved: a link and what it points to are two pictures for their users.
    Only a way that leads back, such as by `../photos`, is gone first.
    """
    path = Path(picture).absolute()
    if ".." in path.parts:
        back = len(path.parts) - path.parts[::-1].index("..")
        with suppress(ValueError):  # of a name that no file can have
            # Unlike the method of paths, it takes links that lead round in a circle.
            beginning = os.path.realpath(Path(*path.parts[:back]))
            path = Path(beginning, *path.parts[back:])
    return os.fsencode(path)


def path_of(key: bytes) -> Path:
    """Return the path that is known by some bytes."""
    return Path(os.fsdecode(key))
