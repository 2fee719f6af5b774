"""Small pictures, made behind the window for those who draw them."""

from __future__ import annotations

import tkinter
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tkinter import font
from typing import TYPE_CHECKING

from PIL import ImageTk

from ..services.lookahead import Lookahead

if TYPE_CHECKING:
    from PIL import Image

    from ..services.background import Background

_KEPT = 200
# Only until Tk has them.
_KEPT_HALFWAY = 8
_DRAWING_MILLISECONDS = 40
_ELLIPSIS = "…"


class Thumbnails:
    """Makes thumbnails one after another and keeps those that were seen last.

    Args:
        widget: On which they are drawn.
        background: Where they are made.
        size: The largest width and height, in pixels.
        arrived: Called once when some have been made.
    """

    def __init__(
        self,
        widget: tkinter.Widget,
        background: Background,
        size: tuple[int, int],
        arrived: Callable[[], None],
    ) -> None:
        self._widget = widget
        self._tell = arrived
        self._planned: str | None = None
        self._photos: OrderedDict[Path, ImageTk.PhotoImage | None] = OrderedDict()
        # Of another size, until those of the new one are there.
        self._former: dict[Path, ImageTk.PhotoImage | None] = {}
        self._made: Lookahead[Image.Image] = Lookahead(
            background,
            partial(make_thumbnail, size),
            self._arrived,
            lambda path, _: self._arrived(path, None),
            _KEPT_HALFWAY,
        )
        widget.bind("<Destroy>", lambda _: self._tell_no_more())

    def of(self, pictures: Sequence[Path]) -> list[ImageTk.PhotoImage | None]:
        """Give the thumbnails that are there, and have the others made.

        Args:
            pictures: Those in sight; no others are made.
        """
        missing = [picture for picture in pictures if picture not in self._photos]
        found = [
            self._photos.get(picture, self._former.get(picture)) for picture in pictures
        ]
        for picture in pictures:
            if picture in self._photos:
                self._photos.move_to_end(picture)
        self._made.want(missing)
        return found

    def resize(self, size: tuple[int, int]) -> None:
        """Have another largest width and height."""
        self._former, self._photos = dict(self._photos) or self._former, OrderedDict()
        self._made.restart(partial(make_thumbnail, size))

    def has_failed(self, picture: Path) -> bool:
        """Return whether a picture could not be read."""
        known = self._photos if picture in self._photos else self._former
        return picture in known and known[picture] is None

    def _arrived(self, picture: Path, thumbnail: Image.Image | None) -> None:
        self._photos[picture] = (
            ImageTk.PhotoImage(thumbnail, master=self._widget) if thumbnail else None
        )
        while len(self._photos) > _KEPT:
            self._photos.popitem(last=False)
        # Once for all that arrive in a short while.
        if self._planned is None:
            self._planned = self._widget.after(_DRAWING_MILLISECONDS, self._tell_now)

    def _tell_now(self) -> None:
        self._planned = None
        self._tell()

    def _tell_no_more(self) -> None:
        if self._planned:
            self._widget.after_cancel(self._planned)


def make_thumbnail(size: tuple[int, int], path: Path) -> Image.Image:
    """Read a picture in little.

    Args:
        size: The largest width and height.
        path: The picture file.

    Raises:
        PictureError: If it cannot be read.
    """
    from PIL import Image

    from imagecap.pictures.reading import open_readable_part

    picture = open_readable_part(path, at_least=size)
    picture.thumbnail(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return picture


def shortened(text: str, width: int, measure: font.Font) -> str:
    """Leave out the middle of a text that is too wide, not its end.

    Args:
        text: What is to be one line.
        width: The room there is, in pixels.
        measure: The font in which it is drawn.
    """
    text = " ".join(text.splitlines())
    if measure.measure(text) <= width:
        return text
    fitting, too_many = 0, len(text)
    while too_many - fitting > 1:
        kept = (fitting + too_many) // 2
        if measure.measure(_without_middle(text, kept)) <= width:
            fitting = kept
        else:
            too_many = kept
    return _without_middle(text, fitting)


def _without_middle(text: str, kept: int) -> str:
    end = kept // 2
    return text[: kept - end] + _ELLIPSIS + (text[-end:] if end else "")
