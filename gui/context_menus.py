"""The menus of what is clicked with the other button: chosen from those of the bar."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from . import strings
from .session import Session
from .widgets.actions import (
    SEPARATOR,
    Action,
    Entry,
    Menus,
    context_menu,
)
from .widgets.layout import Layout
from .widgets.picture_grid import PictureGrid
from .widgets.thumbnail_strip import ThumbnailStrip

_NOTHING_OPEN = (strings.OPEN, strings.OPEN_FOLDER, strings.PASTE, strings.SAMPLE)
_PICTURE = (
    strings.SPEAK,
    strings.COPY,
    strings.SAVE_TEXT,
    strings.SAVE_COPY,
    SEPARATOR,
    strings.WHOLE,
    strings.ACTUAL_SIZE,
    strings.TURN_RIGHT,
    strings.TURN_LEFT,
    strings.FULL_SCREEN,
    SEPARATOR,
    strings.MORE_LIKE,
    strings.GRID,
    strings.TAKE_OFF,
)
_CAPTION = (
    strings.SPEAK,
    strings.EDIT,
    strings.COPY,
    strings.CHOOSE_OTHER,
    strings.BACK_TO_MODEL,
    SEPARATOR,
    strings.SAVE_TEXT,
    strings.SAVE_COPY,
    strings.SAVE_SPEECH,
)
_THUMBNAIL = (
    strings.MORE_LIKE,
    strings.SAVE_COPY,
    strings.TAKE_OFF,
    SEPARATOR,
    strings.CAPTION_ALL,
    strings.GIVE_ALL,
    strings.SLIDE_SHOW,
    strings.DOUBLES,
    strings.GRID,
)


class ContextMenus:
    """Opens menus by the other button of the mouse, the menu key and Shift+F10.

    Args:
        root: The window.
        session: What tells whether a picture is looked at.
        layout: What is clicked.
        menus: The menus of the bar.

    Attributes:
        menu: The menu that was opened last; `None` before.
    """

    def __init__(
        self, root: tkinter.Tk, session: Session, layout: Layout, menus: Menus
    ) -> None:
        self._root = root
        self._session = session
        self._layout = layout
        self._entries = {
            entry.label: entry
            for entries in menus.values()
            for entry in entries
            if entry
        }
        self.menu: tkinter.Menu | None = None
        for widget in layout.picture.surfaces:
            self._offer(widget, self._of_picture)
        self._offer(layout.caption.field, self._of_caption)
        self._offer(layout.search, partial(_of_text, layout.search))
        for pictures in (layout.strip, layout.grid):
            self._offer(pictures.canvas, self._of_thumbnail, partial(_choose, pictures))
        for key in ("<Shift-F10>", "<Menu>" if self._is_x11 else "<App>"):
            root.bind(key, self._by_key)

    @property
    def _is_x11(self) -> bool:
        return bool(self._root.tk.call("tk", "windowingsystem") == "x11")

    def _offer(
        self,
        widget: tkinter.Misc,
        entries: Callable[[], Sequence[Entry]],
        before: Callable[[tkinter.Event[tkinter.Misc]], None] = lambda _: None,
    ) -> None:
        def show(event: tkinter.Event[tkinter.Misc]) -> str:
            before(event)
            self._show(entries(), event.x_root, event.y_root)
            return "break"

        buttons = ["<Button-3>"]
        if self._root.tk.call("tk", "windowingsystem") == "aqua":
            buttons = ["<Button-2>", "<Control-Button-1>"]
        for button in buttons:
            widget.bind(button, show)

    def _by_key(self, event: tkinter.Event[tkinter.Misc]) -> str:
        layout, focused = self._layout, self._root.focus_get()
        entries: Sequence[Entry] = self._of_picture()
        if focused in (layout.strip.canvas, layout.grid.canvas):
            entries = self._of_thumbnail()
        elif focused is layout.caption.field:
            entries = self._of_caption()
        elif focused is layout.search:
            entries = _of_text(layout.search)
        place = focused or self._root
        self._show(entries, place.winfo_rootx() + 9, place.winfo_rooty() + 9)
        return "break"

    def _show(self, entries: Sequence[Entry], x: int, y: int) -> None:
        if self.menu:
            self.menu.destroy()
        self.menu = context_menu(self._root, entries)
        self.menu.tk_popup(x, y)

    def _chosen(self, labels: Iterable[str | None]) -> list[Entry]:
        return [self._entries[label] if label else SEPARATOR for label in labels]

    def _of_picture(self) -> list[Entry]:
        has_picture = self._session.has_picture()
        return self._chosen(_PICTURE if has_picture else _NOTHING_OPEN)

    def _of_caption(self) -> Sequence[Entry]:
        if self._layout.caption.is_editing:
            return _of_text(self._layout.caption.field)
        return self._chosen(_CAPTION)

    def _of_thumbnail(self) -> list[Entry]:
        return self._chosen(_THUMBNAIL)


def _choose(
    pictures: ThumbnailStrip | PictureGrid, event: tkinter.Event[tkinter.Misc]
) -> None:
    """Look at the picture that is clicked: that is what the menu is about."""
    place = pictures.place_at(event.x, event.y)
    if place is not None:
        pictures.chosen(place)


def _of_text(field: tkinter.Misc) -> list[Entry]:
    field.focus_set()
    return [
        Action(label, partial(field.event_generate, event))
        for label, event in (
            (strings.CUT_TEXT, "<<Cut>>"),
            (strings.COPY_TEXT, "<<Copy>>"),
            (strings.PASTE_TEXT, "<<Paste>>"),
            (strings.SELECT_TEXT, "<<SelectAll>>"),
        )
    ]
