"""A picture as large as its place allows, or a part of it larger."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import TYPE_CHECKING

from PIL import ImageTk

from . import theme
from .rendering import View, render

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from ..services.background import Background

_LARGEST_ENLARGEMENT = 2.0
_LARGEST_ZOOM = 16.0
_ZOOM_STEP = 1.25
_PAN_STEP = 0.15
# The wheel of a mouse: up and down on X11.
_WHEEL_UP, _WHEEL_DOWN = "<Button-4>", "<Button-5>"


class PictureView(ttk.Frame):
    """Shows one picture, scaled to fit, or zoomed into.

    Args:
        parent: The widget around it.
        background: Where pictures are scaled.
        invitation: The words that stand there without a picture.

    Attributes:
        zoomed_in: Called when more detail than a screen's can be of use.
        zoomed: Called when a person has zoomed.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        background: Background,
        invitation: str,
    ) -> None:
        super().__init__(parent, name="picture")
        self._background = background
        self._invitation = invitation
        self.zoomed_in: Callable[[], None] = lambda: None
        self.zoomed: Callable[[], None] = lambda: None
        self._picture: Image.Image | None = None
        self._attention: np.ndarray | None = None
        self._rendering = False
        self._shown: ImageTk.PhotoImage | None = None
        self._shown_view: View | None = None
        self._zoom, self._middle = 1.0, (0.5, 0.5)
        self._is_actual_size = False
        self._grabbed: tuple[int, int] | None = None
        self._label = ttk.Label(self, style=theme.INVITATION, justify="center")
        self._label.place(relx=0.5, rely=0.5, anchor="center")
        self.show(None)
        self.bind("<Configure>", lambda _: self._fit())
        for widget in self.surfaces:
            widget.bind(_WHEEL_UP, partial(self._wheel, _ZOOM_STEP))
            widget.bind(_WHEEL_DOWN, partial(self._wheel, 1 / _ZOOM_STEP))
            widget.bind("<MouseWheel>", self._turn_wheel)
            widget.bind("<ButtonPress-1>", self._grab)
            widget.bind("<B1-Motion>", self._drag)
            widget.bind("<Double-Button-1>", self._toggle)

    @property
    def surfaces(self) -> tuple[tkinter.Misc, ...]:
        """What the mouse points at."""
        return (self, self._label)

    @property
    def shown_size(self) -> tuple[int, int] | None:
        """The size of the picture on the screen; `None` where none is shown."""
        return (self._shown.width(), self._shown.height()) if self._shown else None

    @property
    def zoom(self) -> float:
        """How much larger than fitted the picture is shown."""
        return self._zoom

    @property
    def shown_part(self) -> tuple[float, float, float, float] | None:
        """The part shown: left, top, right and bottom as shares of the whole."""
        return self._shown_view.box if self._shown_view else None

    @property
    def shows_attention(self) -> bool:
        """Whether the picture on the screen is overlaid with where the model looked."""
        return bool(self._shown_view and self._shown_view.attention is not None)

    def show(self, picture: Image.Image | None, instead: str = "") -> None:
        """Show a picture instead of the former.

        Args:
            picture: The picture; `None` for words.
            instead: The words; the invitation without them.
        """
        self._picture, self._attention = picture, None
        self._zoom, self._middle, self._is_actual_size = 1.0, (0.5, 0.5), False
        if picture is None:
            self._is_inviting = not instead
            self._label.configure(image="", text=instead or self._invitation)
            self._shown = self._shown_view = None
        self._fit()

    def invite(self, invitation: str) -> None:
        """Have other words where there is no picture."""
        self._invitation = invitation
        if self._is_inviting and self._picture is None:
            self._label.configure(text=invitation)

    def refine(self, picture: Image.Image) -> None:
        """Go on with the same picture in more detail."""
        self._picture = picture
        self._fit()

    def overlay(self, attention: np.ndarray | None) -> None:
        """Overlay the picture with where the model looked, or with nothing.

        Args:
            attention: A map of the whole picture, `[rows, columns]`, float32.
        """
        if attention is not self._attention:
            self._attention = attention
            self._fit()

    def zoom_by(self, factor: float, place: tuple[int, int] | None = None) -> None:
        """Zoom in or out.

        Args:
            factor: How much larger to show the picture.
            place: What is to stay where it is, in pixels of this widget; the middle
                by default.
        """
        if self._picture is None:
            return
        x, y = place or (self.winfo_width() // 2, self.winfo_height() // 2)
        former = self._scale(self._picture)
        zoom = max(1.0, min(_LARGEST_ZOOM, self._zoom * factor))
        if zoom == self._zoom:
            return
        self._zoom, self._is_actual_size = zoom, False
        width, height = self._picture.size
        # The point under the pointer stays there.
        change = 1 / former - 1 / self._scale(self._picture)
        self._middle = (
            self._middle[0] + (x - self.winfo_width() / 2) * change / width,
            self._middle[1] + (y - self.winfo_height() / 2) * change / height,
        )
        if zoom > 1:
            self.zoomed_in()
        self._fit()
        self.zoomed()

    def zoom_in(self) -> None:
        """Zoom in by a step."""
        self.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out by a step."""
        self.zoom_by(1 / _ZOOM_STEP)

    def fit(self) -> None:
        """Show the whole picture again."""
        self._zoom, self._middle, self._is_actual_size = 1.0, (0.5, 0.5), False
        self._fit()
        self.zoomed()

    def show_actual_size(self) -> None:
        """Show a pixel of the picture as one of the screen."""
        if self._picture is not None:
            self._is_actual_size = True
            # A screen's worth of pixels may not be all that there are.
            self.zoomed_in()
            self._fit()

    def pan(self, right: int, down: int) -> None:
        """Look further to a side.

        Args:
            right: Steps to the right; negative to the left.
            down: Steps down; negative up.
        """
        x, y = self._middle
        step = _PAN_STEP / self._zoom
        self._middle = (x + right * step, y + down * step)
        self._fit()

    def _scale(self, picture: Image.Image) -> float:
        return self._zoom * min(
            self.winfo_width() / picture.width,
            self.winfo_height() / picture.height,
            _LARGEST_ENLARGEMENT * theme.magnification(self),
        )

    def _view(self, picture: Image.Image) -> View:
        """Return what is to be seen; bring the middle back where it is too far off."""
        scale = self._scale(picture)
        middle, starts, ends, size = [], [], [], []
        for place, length, room in zip(
            self._middle,
            picture.size,
            (self.winfo_width(), self.winfo_height()),
            strict=True,
        ):
            pixels = max(1, min(room, round(length * scale)))
            half = min(0.5, pixels / (length * scale) / 2)
            inside = max(half, min(1 - half, place))
            middle.append(inside)
            starts.append(max(0.0, inside - half))
            ends.append(min(1.0, inside + half))
            size.append(pixels)
        self._middle = (middle[0], middle[1])
        box = (starts[0], starts[1], ends[0], ends[1])
        return View(picture, box, (size[0], size[1]), self._attention)

    def _fit(self) -> None:
        self._label.configure(wraplength=self.winfo_width())
        # Words of which half is cut off say less than none.
        is_cut = self._picture is None and (
            self._label.winfo_reqheight() > self.winfo_height()
        )
        self._label.place(anchor="n" if is_cut else "center", rely=1 if is_cut else 0.5)
        if self._picture is None or self._rendering or self.winfo_width() <= 1:
            return
        if self._is_actual_size:
            self._zoom /= self._scale(self._picture)
        view = self._view(self._picture)
        if not view.is_like(self._shown_view):
            self._rendering = True
            self._background.run(
                partial(render, view), partial(self._put, view), self._give_up
            )

    def _put(self, view: View, rendered: Image.Image) -> None:
        self._rendering = False
        # A dialog may have been closed meanwhile.
        if not self.winfo_exists():
            return
        if view.picture is self._picture:
            self._shown = ImageTk.PhotoImage(rendered, master=self)
            self._shown_view = view
            self._label.configure(image=self._shown, text="")
        # The place or the picture may have changed meanwhile.
        self._fit()

    def _give_up(self, reason: str) -> None:
        self._rendering = False

    def _wheel(self, factor: float, event: tkinter.Event[tkinter.Misc]) -> None:
        self.zoom_by(factor, self._place(event))

    def _turn_wheel(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self._wheel(_ZOOM_STEP if event.delta > 0 else 1 / _ZOOM_STEP, event)

    def _place(self, event: tkinter.Event[tkinter.Misc]) -> tuple[int, int]:
        return (event.x_root - self.winfo_rootx(), event.y_root - self.winfo_rooty())

    def _grab(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self._grabbed = self._place(event)

    def _drag(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if self._picture is None or self._grabbed is None or self._zoom == 1:
            return
        x, y = self._place(event)
        scale = self._scale(self._picture)
        self._middle = (
            self._middle[0] - (x - self._grabbed[0]) / (self._picture.width * scale),
            self._middle[1] - (y - self._grabbed[1]) / (self._picture.height * scale),
        )
        self._grabbed = (x, y)
        self._fit()

    def _toggle(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if self._zoom > 1:
            self.fit()
        else:
            self.zoom_by(_ZOOM_STEP**4, self._place(event))
