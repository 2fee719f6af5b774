"""Small copies of pictures, kept in memory while there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from imagecap.gallery.copies import open_to_shrink, shrink
from imagecap.library.picture_state import PictureState, look_at
from imagecap.pictures.errors import PictureError

SIDES = {"small": 480, "large": 1600}
"""The copies that there are, each with its longer side in pixels."""
_KEPT_BYTES = 16 * 2**20
_Key = tuple[Path, PictureState, int]


class Thumbnails:
    """Makes small copies of pictures, upright JPEGs without metadata.

    So a browser shows any format, and nothing but a picture ever leaves the machine.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def version(self, picture: Path) -> str:
        """Return what changes when a picture's file does.

        Raises:
            PictureError: If it is not there.
        """
        state = _state(picture)
        return f"{state.size:x}-{state.modified:x}"

    def copy(self, picture: Path, side: int) -> bytes:
        """Give a copy of a picture.

        Args:
            picture: The picture file.
            side: How wide and high the copy is at most, in pixels.

        Raises:
            PictureError: If it cannot be read.
        """
        key = (picture, _state(picture), side)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        content = make_copy(picture, side)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = content
                self._bytes += len(content)
            while self._bytes > _KEPT_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest)
        return content


def make_copy(picture: Path, side: int) -> bytes:
    """Make a small copy of a picture.

    Args:
        picture: The picture file.
        side: How wide and high it is at most, in pixels.

    Raises:
        PictureError: If it cannot be read.
    """
    return shrink(open_to_shrink(picture, side), side)


def _state(picture: Path) -> PictureState:
    state = look_at(picture)
    if state is None:
        raise PictureError(f"{picture} is not there now.")
    return state
