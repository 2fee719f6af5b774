"""Folders watched for pictures that are added."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imagecap.pictures.folders import FoundPictures, find_pictures

_Seen = tuple[int, int]


class FolderWatch:
    """Knows which pictures of folders are new, or have changed, since it was asked.

    A file counts once it has stayed the same between two questions: what is still being
    copied is not read. A folder that is gone, such as on an unplugged disk, is looked
    for again each time.

    Args:
        folders: The folders.
        subfolders: Whether those of all sub-folders are meant, too.
        known: What was found in them before, which is not new.
    """

    def __init__(
        self, folders: Iterable[Path], subfolders: bool, known: FoundPictures
    ) -> None:
        self._folders = list(folders)
        self._subfolders = subfolders
        self._known = _look_at(known.pictures)
        self._before: dict[Path, _Seen] = {}
        self._told = set(known.left_out)

    def added(self) -> FoundPictures:
        """Find what was added or changed; each is given once."""
        there = [folder for folder in self._folders if folder.is_dir()]
        found = find_pictures(there, self._subfolders)
        now = _look_at(found.pictures)
        new = {
            picture: seen
            for picture, seen in now.items()
            if seen != self._known.get(picture) and seen == self._before.get(picture)
        }
        left_out = [why for why in found.left_out if why not in self._told]
        self._known |= new
        self._before = now
        self._told.update(left_out)
        return FoundPictures(list(new), left_out)


def _look_at(pictures: Iterable[Path]) -> dict[Path, _Seen]:
    """Return size and time of change, in nanoseconds, of those that are there."""
    seen = {}
    for picture in pictures:
        try:
            status = picture.stat()
        except OSError:
            continue
        seen[picture] = status.st_size, status.st_mtime_ns
    return seen
