"""Pictures in rows and columns, of which only those that can be seen exist."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import theme
from .marks import corner
from .picture_canvas import PictureCanvas

if TYPE_CHECKING:
    from PIL import ImageTk

    from ..services.background import Background

_THUMBNAIL = (150, 112)
_GAP = 12


class PictureGrid(PictureCanvas):
    """Thumbnails row by row; one of them is the picture looked at.

    Args:
        parent: The widget around it.
        background: Where thumbnails are made.
        look: The colours and fonts.

    Attributes:
        opened: Called when the chosen one is to be seen large.
    """

    WHEEL_STEPS = 0.5

    def __init__(
        self, parent: tkinter.Misc, background: Background, look: theme.Theme
    ) -> None:
        names = ("grid", "pictures")
        super().__init__(parent, background, look, names, "vertical", _THUMBNAIL, _GAP)
        self.opened: Callable[[], None] = lambda: None
        self.bar.pack(side="right", fill="y")
        self.canvas.pack(side="left", fill="both", expand=True)
        self.canvas.bind("<Double-Button-1>", lambda _: self.opened())
        self._bind_keys()
        self.repaint()
        look.on_change(self.repaint)

    @property
    def columns(self) -> int:
        """How many pictures are side by side."""
        return max(1, (self.canvas.winfo_width() - self._gap) // self._width)

    @property
    def names(self) -> list[str]:
        """The names of the pictures in sight, row by row."""
        return [self._pictures[place].name for place in self._visible()]

    @property
    def in_sight(self) -> Sequence[Path]:
        """The pictures whose thumbnails can be seen."""
        return super().in_sight if self.winfo_ismapped() else ()

    def place_at(self, x: int, y: int) -> int | None:
        """See `PictureCanvas`."""
        column = int((x - self._left(0) + self._gap / 2) // self._width)
        row = int((y + self._offset - self._gap / 2) // self._height)
        place = row * self.columns + column
        is_there = 0 <= column < self.columns and 0 <= place < len(self._pictures)
        return place if is_there else None

    def repaint(self) -> None:
        """Have the colours and the size of text of the look."""
        self._paint()
        self._show_current()

    @property
    def _width(self) -> int:
        return self._size[0] + self._gap

    @property
    def _height(self) -> int:
        return self._size[1] + self._gap + self._font.metrics("linespace")

    def _bind_keys(self) -> None:
        canvas = self.canvas
        for key, rows in (("<Up>", -1), ("<Down>", 1)):
            canvas.bind(key, partial(self._go_rows, rows))
        for key, pages in (("<Prior>", -1), ("<Next>", 1)):
            canvas.bind(key, partial(self._page, pages))
        canvas.bind("<Home>", lambda _: self._go(0))
        canvas.bind("<End>", lambda _: self._go(len(self._pictures) - 1))
        canvas.bind("<Return>", lambda _: self.opened())

    def _go_rows(self, rows: int, event: tkinter.Event[tkinter.Misc]) -> str:
        place = self._index + rows * self.columns
        is_last_row = self._index // self.columns == self._rows() - 1
        if place < 0 or (rows > 0 and is_last_row):
            place = self._index
        return self._go(place)

    def _page(self, pages: int, event: tkinter.Event[tkinter.Misc]) -> str:
        rows = max(1, self.canvas.winfo_height() // self._height)
        return self._go(self._index + pages * rows * self.columns)

    def _go(self, place: int) -> str:
        self.chosen(max(0, min(place, len(self._pictures) - 1)))
        # What was scrolled away comes back, though it was chosen already.
        self._show_current()
        return "break"

    def _show_current(self) -> None:
        """Scroll no further than needed to have the marked one in sight."""
        top = self._index // self.columns * self._height
        lowest = top + self._height + self._gap - self.canvas.winfo_height()
        self._scroll_to(min(top, max(lowest, self._offset)))

    def _step(self) -> int:
        return self._height

    def _rows(self) -> int:
        return -(-len(self._pictures) // self.columns)

    def _length(self) -> int:
        return self._rows() * self._height + self._gap

    def _visible(self) -> range:
        first = int(self._offset // self._height)
        last = int((self._offset + self.canvas.winfo_height()) // self._height) + 1
        columns = self.columns
        return range(first * columns, min(len(self._pictures), last * columns))

    def _left(self, column: int) -> int:
        # What is left of the width goes to both sides.
        rest = self.canvas.winfo_width() - self._gap - self.columns * self._width
        return column * self._width + self._gap + rest // 2

    def _draw(self) -> None:
        self.canvas.delete("all")
        if not self.winfo_ismapped():
            return
        self._draw_pictures(self._position, self._gap // 4, self._corner)
        self.bar.set(*self._thumb_ends())

    def _position(self, place: int) -> tuple[int, int]:
        row, column = divmod(place, self.columns)
        top = round(row * self._height - self._offset) + self._gap
        return self._left(column), top

    def _corner(
        self, photo: ImageTk.PhotoImage | None, right: int, bottom: int
    ) -> tuple[int, int]:
        return corner(photo, right, bottom, self._size)

    def _draw_frame(self, left: int, top: int) -> None:
        width, height = self._size
        edge = self._gap // 4
        self.canvas.create_rectangle(
            left - edge,
            top - edge,
            left + width + edge,
            top + height + edge,
            outline=self._look.colors.accent,
            width=edge,
        )
