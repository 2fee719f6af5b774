"""Pictures in rows and columns, of which only those that can be seen exist."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from . import theme
from .dragging import Dragging
from .marks import corner, draw_mark
from .scroll_thumb import ScrollThumb
from .thumbnails import Thumbnails, shortened

if TYPE_CHECKING:
    from PIL import ImageTk

    from ..services.background import Background

_THUMBNAIL = (150, 112)
_GAP = 12
_FOCUS_WIDTH = 2
_SMALLEST_THUMB = 36
_WHEEL_ROWS = 0.5


class PictureGrid(ttk.Frame):
    """Thumbnails row by row; one of them is the picture looked at.

    Args:
        parent: The widget around it.
        background: Where thumbnails are made.
        look: The colours and fonts.

    Attributes:
        chosen: Called with the place of a picture that was clicked or gone to.
        opened: Called when the chosen one is to be seen large.
        canvas: Where they are drawn.
    """

    def __init__(
        self, parent: tkinter.Misc, background: Background, look: theme.Theme
    ) -> None:
        super().__init__(parent, name="grid")
        self._look = look
        self.chosen: Callable[[int], None] = lambda place: None
        self.opened: Callable[[], None] = lambda: None
        self._pictures: Sequence[Path] = ()
        self._marks: Mapping[Path, str] = {}
        self._index = -1
        self._offset = 0.0
        scale = theme.magnification(self)
        self._size = (round(_THUMBNAIL[0] * scale), round(_THUMBNAIL[1] * scale))
        self._gap = round(_GAP * scale)
        self._thumb = ScrollThumb(round(_SMALLEST_THUMB * scale))
        self._font = look.small_font
        self.canvas = tkinter.Canvas(
            self, name="pictures", width=1, height=1, takefocus=True, borderwidth=0
        )
        self._bar = ttk.Scrollbar(self, command=self._scroll, takefocus=False)
        self._bar.pack(side="right", fill="y")
        self.canvas.pack(side="left", fill="both", expand=True)
        self._thumbnails = Thumbnails(self.canvas, background, self._size, self._draw)
        self.canvas.bind("<Configure>", lambda _: self._show_current())
        Dragging(self.canvas, self._click, lambda _, down: self._drag(down))
        self.canvas.bind("<Double-Button-1>", lambda _: self.opened())
        self._bind_keys()
        self.repaint()
        look.on_change(self.repaint)

    @property
    def columns(self) -> int:
        """How many pictures are side by side."""
        return max(1, (self.canvas.winfo_width() - self._gap) // self._width)

    @property
    def thumbnails_shown(self) -> int:
        """How many thumbnails exist on the screen."""
        return len(self.canvas.find_withtag("thumbnail"))

    @property
    def names(self) -> list[str]:
        """The names of the pictures in sight, row by row."""
        return [self._pictures[place].name for place in self._visible()]

    @property
    def in_sight(self) -> Sequence[Path]:
        """The pictures whose thumbnails can be seen."""
        if not self.winfo_ismapped():
            return ()
        return [self._pictures[place] for place in self._visible()]

    def mark(self, marks: Mapping[Path, str]) -> None:
        """Show how far pictures are; see `draw_mark`."""
        if marks != self._marks:
            self._marks = marks
            self._draw()

    def show(self, pictures: Sequence[Path], index: int) -> None:
        """Show pictures, with one of them marked and in sight."""
        self._pictures, self._index = pictures, index
        self._show_current()

    def place_at(self, x: int, y: int) -> int | None:
        """Return the place of the picture at a point, if one is there.

        Args:
            x: Pixels from the left of the canvas.
            y: Pixels from its top.
        """
        column = int((x - self._left(0) + self._gap / 2) // self._width)
        row = int((y + self._offset - self._gap / 2) // self._height)
        place = row * self.columns + column
        is_there = 0 <= column < self.columns and 0 <= place < len(self._pictures)
        return place if is_there else None

    def repaint(self) -> None:
        """Have the colours and the size of text of the look."""
        colors = self._look.colors
        self.canvas.configure(
            background=colors.background,
            highlightbackground=colors.background,
            highlightcolor=colors.accent,
            # ttkbootstrap takes it away whenever the theme changes.
            highlightthickness=_FOCUS_WIDTH,
        )
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
            canvas.bind(key, partial(self._step, rows))
        for key, pages in (("<Prior>", -1), ("<Next>", 1)):
            canvas.bind(key, partial(self._page, pages))
        canvas.bind("<Home>", lambda _: self._go(0))
        canvas.bind("<End>", lambda _: self._go(len(self._pictures) - 1))
        canvas.bind("<Return>", lambda _: self.opened())
        for button, direction in (("<Button-4>", -1), ("<Button-5>", 1)):
            canvas.bind(button, partial(self._turn, direction))
        canvas.bind(
            "<MouseWheel>",
            lambda event: self._turn(-1 if event.delta > 0 else 1, event),
        )

    def _step(self, rows: int, event: tkinter.Event[tkinter.Misc]) -> str:
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

    def _turn(self, direction: int, event: tkinter.Event[tkinter.Misc]) -> None:
        self._scroll_to(self._offset + direction * _WHEEL_ROWS * self._height)

    def _click(self, x: int, y: int) -> None:
        place = self.place_at(x, y)
        if place is not None:
            self.chosen(place)

    def _drag(self, down: int) -> None:
        self._scroll_to(self._offset - down)

    def _scroll(self, how: str, amount: str, unit: str = "") -> None:
        """Follow the scroll bar."""
        if how == "moveto":
            shown = self.canvas.winfo_height()
            self._scroll_to(self._thumb.offset(float(amount), shown, self._length()))
        else:
            step = self.canvas.winfo_height() if unit == "pages" else self._height
            self._scroll_to(self._offset + int(amount) * step)

    def _show_current(self) -> None:
        """Scroll no further than needed to have the marked one in sight."""
        top = self._index // self.columns * self._height
        lowest = top + self._height + self._gap - self.canvas.winfo_height()
        self._scroll_to(min(top, max(lowest, self._offset)))

    def _scroll_to(self, offset: float) -> None:
        last = self._length() - self.canvas.winfo_height()
        self._offset = max(0.0, min(offset, last))
        self._draw()

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
        visible = self._visible()
        pictures = [self._pictures[place] for place in visible]
        photos = self._thumbnails.of(pictures)
        for place, picture, photo in zip(visible, pictures, photos, strict=True):
            self._draw_picture(place, picture, photo)
        shown = self.canvas.winfo_height()
        self._bar.set(*self._thumb.ends(self._offset, shown, self._length()))

    def _draw_picture(
        self, place: int, picture: Path, photo: ImageTk.PhotoImage | None
    ) -> None:
        canvas, colors = self.canvas, self._look.colors
        width, height = self._size
        row, column = divmod(place, self.columns)
        left = self._left(column)
        top = round(row * self._height - self._offset) + self._gap
        middle = left + width // 2
        is_chosen = place == self._index
        canvas.create_text(
            middle,
            top + height + self._gap // 4,
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
                left + width,
                top + height,
                outline=colors.quiet,
                dash=(2, 4),
                tags="thumbnail",
            )
        mark = self._marks.get(picture, "")
        if self._thumbnails.has_failed(picture):
            mark = mark or "failed"
        place_of_mark = corner(photo, left + width, top + height, self._size)
        draw_mark(canvas, mark, *place_of_mark, colors)
        if is_chosen:
            edge = self._gap // 4
            canvas.create_rectangle(
                left - edge,
                top - edge,
                left + width + edge,
                top + height + edge,
                outline=colors.accent,
                width=edge,
            )
