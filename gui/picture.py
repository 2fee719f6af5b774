"""A picture as large as its place allows."""

from __future__ import annotations

import tkinter
from functools import partial
from tkinter import ttk
from typing import TYPE_CHECKING

from PIL import Image, ImageTk

from . import theme

if TYPE_CHECKING:
    from .background import Background

_LARGEST_ENLARGEMENT = 2.0


class PictureView(ttk.Frame):
    """Shows one picture, scaled to fit whenever its place changes.

    Args:
        parent: The widget around it.
        background: Where pictures are scaled.
        invitation: The words that stand there without a picture.
    """

    def __init__(
        self, parent: tkinter.Misc, background: Background, invitation: str
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._invitation = invitation
        self._picture: Image.Image | None = None
        self._scaling = False
        self._shown: ImageTk.PhotoImage | None = None
        self._shown_picture: Image.Image | None = None
        self._label = ttk.Label(self, style=theme.INVITATION, justify="center")
        self._label.place(relx=0.5, rely=0.5, anchor="center")
        self.show(None)
        self.bind("<Configure>", lambda _: self._fit())

    @property
    def shown_size(self) -> tuple[int, int] | None:
        """The size of the picture on the screen; `None` where none is shown."""
        return (self._shown.width(), self._shown.height()) if self._shown else None

    def show(self, picture: Image.Image | None) -> None:
        """Show a picture instead of the former, or the invitation for `None`."""
        self._picture = picture
        if picture is None:
            self._label.configure(image="", text=self._invitation)
            self._shown = self._shown_picture = None
        self._fit()

    def _fit(self) -> None:
        self._label.configure(wraplength=self.winfo_width())
        picture = self._picture
        if picture is None or self._scaling or self.winfo_width() <= 1:
            return
        size = self._fitting_size(picture)
        if picture is not self._shown_picture or size != self.shown_size:
            self._scaling = True
            self._background.run(
                partial(_scale, picture, size),
                partial(self._put, picture),
                self._give_up,
            )

    def _fitting_size(self, picture: Image.Image) -> tuple[int, int]:
        scale = min(
            self.winfo_width() / picture.width,
            self.winfo_height() / picture.height,
            _LARGEST_ENLARGEMENT * theme.magnification(self),
        )
        width, height = picture.size
        return max(1, round(width * scale)), max(1, round(height * scale))

    def _put(self, picture: Image.Image, scaled: Image.Image) -> None:
        self._scaling = False
        if picture is self._picture:
            self._shown = ImageTk.PhotoImage(scaled, master=self)
            self._shown_picture = picture
            self._label.configure(image=self._shown, text="")
        # The place or the picture may have changed meanwhile.
        self._fit()

    def _give_up(self, reason: str) -> None:
        self._scaling = False


def _scale(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
