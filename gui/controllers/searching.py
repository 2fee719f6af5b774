"""Words written into the search field, and the pictures they find."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from imagecap.counted import counted

from .. import strings
from ..widgets.thumbnail_strip import ThumbnailStrip

if TYPE_CHECKING:
    from imagecap.library.store import Library

    from ..session import Session

_PAUSE_MILLISECONDS = 250


class Searching:
    """Goes through those open pictures only whose name or caption has some words.

    Args:
        session: Whose pictures they are.
        field: Where the words are written.
        strip: Where what they find is shown.
    """

    def __init__(
        self, session: Session, field: ttk.Entry, strip: ThumbnailStrip
    ) -> None:
        self._session = session
        self._field = field
        self._strip = strip
        self._planned: str | None = None
        self._searched = ""
        self._pictures: Sequence[Path] = ()
        self._text = tkinter.StringVar(field)
        self._text.trace_add("write", lambda *_: self._written())
        field.configure(textvariable=self._text)
        field.bind("<Return>", self._to_pictures)
        field.bind("<Escape>", self._clear)
        field.bind("<Destroy>", lambda _: self._plan_no_more())
        session.on("picture", self._follow)

    def find(self) -> None:
        """Have words written."""
        self._field.focus_set()
        self._field.selection_range(0, "end")

    def _follow(self) -> None:
        """Begin without words where other pictures are open."""
        if self._session.album.pictures is not self._pictures:
            self._pictures = self._session.album.pictures
            self._searched = ""
            # Not through the field, which refuses while it is out of use.
            self._text.set("")

    def _written(self) -> None:
        # The last key of a word searches, not each.
        self._plan_no_more()
        self._planned = self._field.after(_PAUSE_MILLISECONDS, self._search)

    def _plan_no_more(self) -> None:
        if self._planned:
            self._field.after_cancel(self._planned)
            self._planned = None

    def _search(self) -> None:
        self._planned = None
        text, library = self._field.get().strip(), self._session.kept.library
        if text == self._searched:
            return
        self._searched = text
        if not text or library is None:
            self._found(text, self._pictures)
            return
        self._session.background.run_in_order(
            partial(_search, library, text, self._pictures),
            partial(self._found, text),
            self._session.say,
        )

    def _found(self, text: str, pictures: Sequence[Path]) -> None:
        if text != self._searched:
            return
        if pictures:
            self._session.show_only(pictures)
            album = self._session.album
            self._strip.show(album.shown, album.index)
            found = strings.FOUND.format(
                count=len(pictures), pictures=counted(len(album.pictures), "picture")
            )
            self._session.say(found if text else "")
        else:
            self._session.say(strings.NOT_FOUND.format(text=text))

    def _to_pictures(self, event: tkinter.Event[tkinter.Misc]) -> str:
        self._search()
        self._strip.canvas.focus_set()
        return "break"

    def _clear(self, event: tkinter.Event[tkinter.Misc]) -> str:
        self._field.delete(0, "end")
        self._search()
        self._strip.canvas.focus_set()
        return "break"


def _search(library: Library, text: str, pictures: Sequence[Path]) -> list[Path]:
    # In the order of the folder, through which a person goes.
    found = {entry.picture for entry in library.search(text, pictures)}
    return [picture for picture in pictures if picture in found]
