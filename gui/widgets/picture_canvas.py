"""Small pictures on a canvas that scrolls, of which only those in sight exist."""

from __future__ import annotations

import tkinter
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING, Literal

from . import theme
from .dragging import Dragging
from .marks import draw_mark
from .scroll_thumb import ScrollThumb
from .thumbnails import Thumbnails, shortened

if TYPE_CHECKING:
    from PIL import ImageTk

    from ..services.background import Background

_FOCUS_WIDTH = 2
_SMALLEST_THUMB = 36


class PictureCanvas(ABC, ttk.Frame):
    """Thumbnails that scroll one way; one of them is the picture looked at.

    Args:
        parent: The widget around it.
        background: Where thumbnails are made.
        look: The colours and fonts.
        names: Of the frame, and of the canvas in it.
        orient: Which way they scroll.
        thumbnail: The largest width and height of one, in pixels of an ordinary screen.
        gap: What is between two, in the same.

    Attributes:
        chosen: Called with the place of a picture that was clicked or gone to.
        canvas: Where they are drawn.
        bar: The scroll bar, which the kind of canvas puts in its place.
    """

    WHEEL_STEPS: float
    """How far a turn of the wheel goes."""

    def __init__(
        self,
        parent: tkinter.Misc,
        background: Background,
        look: theme.Theme,
        names: tuple[str, str],
        orient: Literal["horizontal", "vertical"],
        thumbnail: tuple[int, int],
        gap: int,
    ) -> None:
        super().__init__(parent, name=names[0])
        self._look = look
        self.chosen: Callable[[int], None] = lambda place: None
        self._pictures: Sequence[Path] = ()
        self._marks: Mapping[Path, str] = {}
        self._index = -1
        self._offset = 0.0
        scale = theme.magnification(self)
        self._size = (round(thumbnail[0] * scale), round(thumbnail[1] * scale))
        self._gap = round(gap * scale)
        self._thumb = ScrollThumb(round(_SMALLEST_THUMB * scale))
        self._font = look.small_font
        self._is_horizontal = orient == "horizontal"
        self.canvas = tkinter.Canvas(
            self, name=names[1], width=1, height=1, takefocus=True, borderwidth=0
        )
        self.bar = ttk.Scrollbar(
            self, orient=orient, command=self._scroll, takefocus=False
        )
        self._thumbnails = Thumbnails(self.canvas, background, self._size, self._draw)
        self.canvas.bind("<Configure>", lambda _: self._show_current())
        Dragging(self.canvas, self._click, self._drag)
        self.canvas.bind("<Button-4>", lambda _: self._turn(-1))
        self.canvas.bind("<Button-5>", lambda _: self._turn(1))
        self.canvas.bind(
            "<MouseWheel>", lambda event: self._turn(-1 if event.delta > 0 else 1)
        )

    @property
    def thumbnails_shown(self) -> int:
        """How many thumbnails exist on the screen."""
        return len(self.canvas.find_withtag("thumbnail"))

    @property
    def in_sight(self) -> Sequence[Path]:
        """The pictures whose thumbnails can be seen."""
        return [self._pictures[place] for place in self._visible()]

    def mark(self, marks: Mapping[Path, str]) -> None:
        """Show how far pictures are; see `draw_mark`."""
        if marks != self._marks:
            self._marks = marks
            self._draw()

    def marked(self, place: int) -> str:
        """Return how far the picture at a place is marked to be."""
        picture = self._pictures[place]
        failed = "failed" if self._thumbnails.has_failed(picture) else ""
        return self._marks.get(picture, "") or failed

    def show(self, pictures: Sequence[Path], index: int) -> None:
        """Show thumbnails of pictures, with one of them marked and in sight."""
        self._pictures, self._index = pictures, index
        self._show_current()

    @abstractmethod
    def place_at(self, x: int, y: int) -> int | None:
        """Return the place of the picture at a point, if one is there.

        Args:
            x: Pixels from the left of the canvas.
            y: Pixels from its top.
        """

    @abstractmethod
    def _show_current(self) -> None:
        """Scroll so that the marked one is in sight."""

    @abstractmethod
    def _step(self) -> int:
        """Return how far it is from one to the next, in pixels."""

    @abstractmethod
    def _length(self) -> int:
        """Return how long all of them are, in pixels."""

    @abstractmethod
    def _visible(self) -> range:
        """Return the places of those in sight."""

    @abstractmethod
    def _draw(self) -> None:
        """Draw those in sight."""

    @abstractmethod
    def _draw_frame(self, left: int, top: int) -> None:
        """Draw what marks the picture looked at."""

    def _paint(self) -> None:
        """Have the colours of the look."""
        colors = self._look.colors
        self.canvas.configure(
            background=colors.background,
            highlightbackground=colors.background,
            highlightcolor=colors.accent,
            # ttkbootstrap takes it away whenever the theme changes.
            highlightthickness=_FOCUS_WIDTH,
        )

    def _shown(self) -> int:
        """Return how much is in sight, in pixels."""
        canvas = self.canvas
        return canvas.winfo_width() if self._is_horizontal else canvas.winfo_height()

    def _scroll(self, how: str, amount: str, unit: str = "") -> None:
        """Follow the scroll bar."""
        shown = self._shown()
        if how == "moveto":
            self._scroll_to(self._thumb.offset(float(amount), shown, self._length()))
        else:
            step = shown if unit == "pages" else self._step()
            self._scroll_to(self._offset + int(amount) * step)

    def _scroll_to(self, offset: float) -> None:
        last = self._length() - self._shown()
        self._offset = max(0.0, min(offset, last))
        self._draw()

    def _turn(self, direction: int) -> None:
        self._scroll_to(self._offset + direction * self.WHEEL_STEPS * self._step())

    def _drag(self, right: int, down: int) -> None:
        self._scroll_to(self._offset - (right if self._is_horizontal else down))

    def _click(self, x: int, y: int) -> None:
        place = self.place_at(x, y)
        if place is not None:
            self.chosen(place)

    def _thumb_ends(self) -> tuple[float, float]:
        return self._thumb.ends(self._offset, self._shown(), self._length())

    def _draw_pictures(
        self,
        position: Callable[[int], tuple[int, int]],
        name_gap: int,
        corner: Callable[[ImageTk.PhotoImage | None, int, int], tuple[int, int]],
    ) -> None:
        """Draw those in sight, with their names and marks.

        Args:
            position: Gives the left and the upper edge of the one at a place.
            name_gap: What is between a thumbnail and its name.
            corner: Gives where a thumbnail's mark ends, of the thumbnail, if it is
                there, and the right and the lower edge of its place.
        """
        canvas, colors = self.canvas, self._look.colors
        width, height = self._size
        visible = self._visible()
        pictures = [self._pictures[place] for place in visible]
        photos = self._thumbnails.of(pictures)
        for place, picture, photo in zip(visible, pictures, photos, strict=True):
            left, top = position(place)
            right, bottom = left + width, top + height
            middle = left + width // 2
            is_chosen = place == self._index
            canvas.create_text(
                middle,
                bottom + name_gap,
                anchor="n",
                text=shortened(picture.name, width, self._font),
                font=self._font,
                fill=colors.text if is_chosen else colors.quiet,
                tags="name",
            )
            if photo:
                canvas.create_image(
                    middle, top + height // 2, image=photo, tags="thumbnail"
                )
            else:
                canvas.create_rectangle(
                    left,
                    top,
                    right,
                    bottom,
                    outline=colors.quiet,
                    dash=(2, 4),
                    tags="thumbnail",
                )
            draw_mark(canvas, self.marked(place), *corner(photo, right, bottom), colors)
            if is_chosen:
                self._draw_frame(left, top)
