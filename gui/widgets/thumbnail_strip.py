"""A strip of small pictures, of which only those that can be seen exist."""

from __future__ import annotations

import tkinter
from typing import TYPE_CHECKING

from . import theme
from .picture_canvas import PictureCanvas

if TYPE_CHECKING:
    from ..services.background import Background

# In pixels of an ordinary screen.
USUAL_HEIGHT = 60
_WIDTH_TO_HEIGHT = 1.4
_GAP = 6


class ThumbnailStrip(PictureCanvas):
    """Thumbnails side by side; one of them is the picture looked at.

    Args:
        parent: The widget around it.
        background: Where thumbnails are made.
        look: The colours.

    Attributes:
        thumbnail_height: How high a thumbnail is at most, in pixels of an ordinary
            screen.
    """

    WHEEL_STEPS = 2

    def __init__(
        self, parent: tkinter.Misc, background: Background, look: theme.Theme
    ) -> None:
        names = ("strip", "thumbnails")
        size = _size_of(USUAL_HEIGHT)
        super().__init__(parent, background, look, names, "horizontal", size, _GAP)
        self.thumbnail_height = USUAL_HEIGHT
        self._cell = self._size[0] + self._gap
        self.canvas.pack(fill="x")
        self.bar.pack(fill="x")
        self.repaint()
        look.on_change(self.repaint)

    def place_at(self, x: int, y: int) -> int | None:
        """See `PictureCanvas`."""
        place = int((x + self._offset - self._gap / 2) // self._cell)
        return place if 0 <= place < len(self._pictures) else None

    def resize(self, height: int) -> None:
        """Have thumbnails of another height, in pixels of an ordinary screen."""
        if height == self.thumbnail_height:
            return
        self.thumbnail_height = height
        scale = theme.magnification(self)
        width, height = _size_of(height)
        self._size = (round(width * scale), round(height * scale))
        self._cell = self._size[0] + self._gap
        self._thumbnails.resize(self._size)
        self.repaint()
        self._show_current()

    def repaint(self) -> None:
        """Have the colours and the size of text of the look."""
        self._paint()
        line = self._font.metrics("linespace")
        self.canvas.configure(height=self._size[1] + 2 * self._gap + line)
        self._draw()

    def _show_current(self) -> None:
        """Scroll no further than needed for some room around the marked one."""
        width = self.canvas.winfo_width()
        room = min(width / 2 - self._cell / 2, 1.5 * self._cell)
        left = self._index * self._cell
        farthest, nearest = left - room, left + self._cell + room - width
        self._scroll_to(min(farthest, max(nearest, self._offset)))

    def _step(self) -> int:
        return self._cell

    def _length(self) -> int:
        return len(self._pictures) * self._cell + self._gap

    def _visible(self) -> range:
        width = self.canvas.winfo_width()
        first = int(self._offset // self._cell)
        last = int((self._offset + width) // self._cell) + 1
        return range(max(0, first), min(len(self._pictures), last))

    def _draw(self) -> None:
        self.canvas.delete("all")
        if not self._pictures:
            self.bar.pack_forget()
            return
        self._draw_pictures(
            lambda place: (
                round(place * self._cell - self._offset) + self._gap,
                self._gap,
            ),
            self._gap,
            lambda _, right, bottom: (right, bottom),
        )
        start, end = self._thumb_ends()
        self.bar.set(start, end)
        if end >= 1 and start <= 0:
            self.bar.pack_forget()
        elif not self.bar.winfo_manager():
            self.bar.pack(fill="x")

    def _draw_frame(self, left: int, top: int) -> None:
        width, height = self._size
        edge = max(2, self._gap // 2)
        self.canvas.create_rectangle(
            left - edge,
            top - edge,
            left + width + edge - 1,
            top + height + edge - 1,
            outline=self._look.colors.accent,
            width=edge,
        )


def _size_of(height: int) -> tuple[int, int]:
    return round(height * _WIDTH_TO_HEIGHT), height
