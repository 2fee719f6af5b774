"""Many pictures at a glance: the strip below the picture, or a grid instead of it."""

from __future__ import annotations

import tkinter
from typing import TYPE_CHECKING

from .. import strings
from ..widgets.layout import Layout

if TYPE_CHECKING:
    from ..session import Session
    from .speaking import Speaking


class Browsing:
    """Shows the pictures to go through, and goes where a person points.

    Args:
        session: Whose pictures they are.
        layout: Where the strip and the grid are.
        speaking: What falls silent before the grid is left.

    Attributes:
        as_grid: Whether the grid is there instead of the picture.
    """

    def __init__(self, session: Session, layout: Layout, speaking: Speaking) -> None:
        self._session = session
        self._layout = layout
        self._speaking = speaking
        self.as_grid = tkinter.BooleanVar(layout.body, value=False)
        layout.strip.chosen = layout.grid.chosen = session.go_to
        layout.grid.opened = self._leave
        layout.grid.canvas.bind("<Escape>", self._escape)
        session.on("picture", self.show)

    def show(self) -> None:
        """Show the pictures there are now."""
        album = self._session.album
        if self.as_grid.get() and not self._session.has_picture():
            # Without a picture it is said how to open one.
            self.as_grid.set(False)
            self._layout.show_grid(False)
        self._layout.strip.show(album.shown, album.index)
        if self.as_grid.get():
            self._layout.grid.show(album.shown, album.index)
        self._layout.show_strip(self._session.has_several())

    def grid_changed(self) -> None:
        """Have the grid instead of the picture, or no longer."""
        as_grid = self.as_grid.get()
        self._layout.show_grid(as_grid)
        self.show()
        self.focus()

    def has_thumbnails(self) -> bool:
        """Return whether there are thumbnails whose size can be changed."""
        return self._layout.room.has_strip()

    def resize_thumbnails(self, steps: int) -> None:
        """Have larger or smaller thumbnails.

        Args:
            steps: How many steps larger; negative for smaller.
        """
        percent = self._layout.room.resize_thumbnails(steps)
        self._session.say(strings.THUMBNAILS_ARE.format(percent=percent))

    def focus(self) -> None:
        """Have the arrow keys go through the pictures."""
        shown = self._layout.grid if self.as_grid.get() else self._layout.strip
        shown.canvas.focus_set()

    def _leave(self) -> None:
        self.as_grid.set(False)
        self.grid_changed()

    def _escape(self, event: tkinter.Event[tkinter.Misc]) -> str:
        if self._speaking.is_speaking:
            self._speaking.player.stop()
        else:
            self._leave()
        return "break"
