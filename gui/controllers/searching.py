"""Words written into the search field, and the pictures they find."""

from __future__ import annotations

import tkinter
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings

if TYPE_CHECKING:
    from ..window import Window

_PAUSE_MILLISECONDS = 250


class Searching:
    """Goes through those open pictures only whose name or caption has some words.

    Args:
        window: The window it belongs to.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._field: ttk.Entry = window.parts.search
        self._planned: str | None = None
        self._text = tkinter.StringVar(window.root)
        self._text.trace_add("write", lambda *_: self._written())
        self._field.configure(textvariable=self._text)
        self._field.bind("<Return>", self._to_pictures)
        self._field.bind("<Escape>", self._clear)
        self._searched = ""

    def reset(self) -> None:
        """Begin with other pictures and no words."""
        self._field.delete(0, "end")
        self._searched = ""

    def find(self) -> None:
        """Have words written."""
        self._field.focus_set()
        self._field.selection_range(0, "end")

    def _written(self) -> None:
        # The last key of a word searches, not each.
        if self._planned:
            self._field.after_cancel(self._planned)
        self._planned = self._field.after(_PAUSE_MILLISECONDS, self._search)

    def _search(self) -> None:
        self._planned = None
        text, library = self._field.get().strip(), self._window.library
        if text == self._searched:
            return
        self._searched = text
        everything = tuple(self._window.album.pictures)
        if not text or library is None:
            self._found(text, everything)
            return
        self._window.background.run(
            partial(library.search, everything, text),
            partial(self._found, text),
            self._window.note,
        )

    def _found(self, text: str, pictures: list[Path] | tuple[Path, ...]) -> None:
        if text != self._searched:
            return
        if pictures:
            self._window.show_only(pictures)
            total = len(self._window.album.pictures)
            found = strings.FOUND.format(count=len(pictures), total=total)
            self._window.note(found if text else "")
        else:
            self._window.note(strings.NOT_FOUND.format(text=text))

    def _to_pictures(self, event: tkinter.Event[tkinter.Misc]) -> str:
        self._search()
        self._window.parts.strip.canvas.focus_set()
        return "break"

    def _clear(self, event: tkinter.Event[tkinter.Misc]) -> str:
        self._field.delete(0, "end")
        self._search()
        self._window.parts.strip.canvas.focus_set()
        return "break"
