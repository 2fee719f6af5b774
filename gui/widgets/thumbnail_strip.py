"""A strip of small pictures, of which only those that can be seen exist."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from . import theme
from .dragging import Dragging
from .marks import draw_mark
from .scroll_thumb import ScrollThumb
from .thumbnails import Thumbnails, shortened

if TYPE_CHECKING:
    from ..services.background import Background

_THUMBNAIL = (84, 60)
_GAP = 6
_WHEEL_CELLS = 2
_FOCUS_WIDTH = 2
_SMALLEST_THUMB = 36


class ThumbnailStrip(ttk.Frame):
    """Thumbnails side by side; one of them is the picture looked at.

    Args:
        parent: The widget around it.
        background: Where thumbnails are made.
        look: The colours.

    Attributes:
        chosen: Called with the place of a thumbnail that was clicked.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        background: Background,
        look: theme.Theme,
    ) -> None:
        super().__init__(parent, name="strip")
        self._look = look
        self.chosen: Callable[[int], None] = lambda place: None
        self._pictures: Sequence[Path] = ()
        self._marks: Mapping[Path, str] = {}
        self._index = -1
        self._offset = 0.0
        scale = theme.magnification(self)
        self._size = (round(_THUMBNAIL[0] * scale), round(_THUMBNAIL[1] * scale))
        self._gap = round(_GAP * scale)
        self._thumb = ScrollThumb(round(_SMALLEST_THUMB * scale))
        self._cell = self._size[0] + self._gap
        self._font = look.small_font
        self.canvas = tkinter.Canvas(
            self,
            name="thumbnails",
            width=1,
            takefocus=True,
            borderwidth=0,
        )
        self.bar = ttk.Scrollbar(
            self, orient="horizontal", command=self._scroll, takefocus=False
        )
        self._thumbnails = Thumbnails(self.canvas, background, self._size, self._draw)
        self.canvas.pack(fill="x")
        self.bar.pack(fill="x")
        self.canvas.bind("<Configure>", lambda _: self._show_current())
        Dragging(self.canvas, self._click, lambda right, _: self._drag(right))
        self.canvas.bind("<Button-4>", lambda _: self._turn(-1))
        self.canvas.bind("<Button-5>", lambda _: self._turn(1))
        self.canvas.bind(
            "<MouseWheel>", lambda event: self._turn(-1 if event.delta > 0 else 1)
        )
        self.repaint()
        look.on_change(self.repaint)

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

    def place_at(self, x: int, y: int) -> int | None:
        """Return the place of the thumbnail at a point, if one is there.

        Args:
            x: Pixels from the left of the canvas.
            y: Pixels from its top.
        """
        place = int((x + self._offset - self._gap / 2) // self._cell)
        return place if 0 <= place < len(self._pictures) else None

    def show(self, pictures: Sequence[Path], index: int) -> None:
        """Show thumbnails of pictures, with one of them marked and in sight."""
        self._pictures, self._index = pictures, index
        self._show_current()

    def repaint(self) -> None:
        """Have the colours of the look."""
        colors = self._look.colors
        self.canvas.configure(
            background=colors.background,
            highlightbackground=colors.background,
            highlightcolor=colors.accent,
            # ttkbootstrap takes it away whenever the theme changes.
            highlightthickness=_FOCUS_WIDTH,
            height=self._size[1] + 2 * self._gap + self._font.metrics("linespace"),
        )
        self._draw()

    def _show_current(self) -> None:
        """Scroll no further than needed for some room around the marked one."""
        width = self.canvas.winfo_width()
        room = min(width / 2 - self._cell / 2, 1.5 * self._cell)
        left = self._index * self._cell
        farthest, nearest = left - room, left + self._cell + room - width
        self._scroll_to(min(farthest, max(nearest, self._offset)))

    def _scroll_to(self, offset: float) -> None:
        last = self._length() - self.canvas.winfo_width()
        self._offset = max(0.0, min(offset, last))
        self._draw()

    def _length(self) -> int:
        return len(self._pictures) * self._cell + self._gap

    def _scroll(self, how: str, amount: str, unit: str = "") -> None:
        """Follow the scroll bar."""
        if how == "moveto":
            shown = self.canvas.winfo_width()
            self._scroll_to(self._thumb.offset(float(amount), shown, self._length()))
        else:
            step = self.canvas.winfo_width() if unit == "pages" else self._cell
            self._scroll_to(self._offset + int(amount) * step)

    def _turn(self, direction: int) -> None:
        self._scroll_to(self._offset + direction * _WHEEL_CELLS * self._cell)

    def _drag(self, right: int) -> None:
        self._scroll_to(self._offset - right)

    def _click(self, x: int, y: int) -> None:
        place = self.place_at(x, y)
        if place is not None:
            self.chosen(place)

    def _visible(self) -> range:
        width = self.canvas.winfo_width()
        first = int(self._offset // self._cell)
        last = int((self._offset + width) // self._cell) + 1
        return range(max(0, first), min(len(self._pictures), last))

    def _draw(self) -> None:
        canvas, colors = self.canvas, self._look.colors
        canvas.delete("all")
        if not self._pictures:
            self.bar.pack_forget()
            return
        width, height = self._size
        visible = self._visible()
        pictures = [self._pictures[place] for place in visible]
        photos = self._thumbnails.of(pictures)
        for place, picture, photo in zip(visible, pictures, photos, strict=True):
            x = round(place * self._cell - self._offset) + self._gap
            canvas.create_text(
                x + width // 2,
                2 * self._gap + height,
                anchor="n",
                text=shortened(picture.name, width, self._font),
                font=self._font,
                fill=colors.text if place == self._index else colors.quiet,
                tags="name",
            )
            if photo:
                canvas.create_image(
                    x + width // 2,
                    self._gap + height // 2,
                    image=photo,
                    tags="thumbnail",
                )
            else:
                canvas.create_rectangle(
                    x,
                    self._gap,
                    x + width,
                    self._gap + height,
                    outline=colors.quiet,
                    dash=(2, 4),
                    tags="thumbnail",
                )
            draw_mark(canvas, self.marked(place), x + width, self._gap + height, colors)
            if place == self._index:
                edge = max(2, self._gap // 2)
                canvas.create_rectangle(
                    x - edge, self._gap - edge, x + width + edge - 1,
                    self._gap + height + edge - 1,
                    outline=colors.accent, width=edge,
                )  # fmt: skip
        shown = canvas.winfo_width()
        start, end = self._thumb.ends(self._offset, shown, self._length())
        self.bar.set(start, end)
        if end >= 1 and start <= 0:
            self.bar.pack_forget()
        elif not self.bar.winfo_manager():
            self.bar.pack(fill="x")
