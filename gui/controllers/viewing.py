"""The picture looked at: opened ahead, in more detail when zoomed into."""

from __future__ import annotations

import tkinter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import strings
from ..services.lookahead import Prepared

if TYPE_CHECKING:
    from PIL import Image

    from ..window import Window

_AHEAD = 1
_KEPT = 4
_MOST_DETAIL = 4


class Viewing:
    """Opens the picture looked at and its neighbours, no larger than a screen.

    Args:
        window: The window it belongs to.

    Attributes:
        attention: Whether it is shown where the model looked.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        root = window.root
        self.attention = tkinter.BooleanVar(root, True)
        self._screen = (root.winfo_screenwidth(), root.winfo_screenheight())
        self._detailed: Path | None = None
        self._opened: Prepared[Image.Image] = Prepared(
            window.background,
            partial(_open_no_larger, self._screen),
            self._show,
            self._show_broken,
            _KEPT,
        )

    def begin(self, picture: Path) -> None:
        """Show a picture as soon as it is opened."""
        self._detailed = None
        found = self._opened.get(picture)
        if found:
            self._show(picture, found)
        self._opened.want([picture, *self._window.album.neighbours(_AHEAD)])

    def want_detail(self) -> None:
        """Have the picture in more detail than a screen shows."""
        picture = self._window.picture_path
        if picture and picture != self._detailed:
            self._detailed = picture
            width, height = self._screen
            size = (_MOST_DETAIL * width, _MOST_DETAIL * height)
            self._window.background.run(
                partial(_open_no_larger, size, picture),
                partial(self._refine, picture),
                self._window.note,
            )

    def attention_changed(self) -> None:
        """Show where the model looked for the word pointed at, or no longer."""
        captions = self._window.captions
        captions.point(self._window.parts.caption.word)
        has_attention = any(
            caption.attention is not None for caption in captions.candidates
        )
        if self.attention.get() and captions.candidates and not has_attention:
            self._window.note(strings.NO_ATTENTION)

    def _show(self, picture: Path, opened: Image.Image) -> None:
        if picture == self._window.picture_path:
            self._window.parts.picture.show(opened)

    def _refine(self, picture: Path, opened: Image.Image) -> None:
        if picture == self._window.picture_path == self._detailed:
            self._window.parts.picture.refine(opened)

    def _show_broken(self, picture: Path, reason: str) -> None:
        if picture == self._window.picture_path:
            self._window.parts.picture.show(None)
            self._window.show_broken(reason)


def _open_no_larger(size: tuple[int, int], path: Path) -> Image.Image:
    """Open a picture no larger than can be of use."""
    from imagecap.pictures.reading import open_picture

    picture = open_picture(path, at_least=size)
    picture.thumbnail(size)
    return picture
