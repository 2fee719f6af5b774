"""What goes on, said at the foot of the window and in its title."""

from __future__ import annotations

import tkinter
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings

if TYPE_CHECKING:
    from ..session import Session


class Status:
    """Shows the newest note, by which model the caption is, and which picture it is.

    Args:
        session: What is told of.
        root: The window whose title it writes.
        status: Where it is said what goes on.
        details: Where it is said by which model, and how long it took.
    """

    def __init__(
        self, session: Session, root: tkinter.Tk, status: ttk.Label, details: ttk.Label
    ) -> None:
        self._session = session
        self._root = root
        self._status = status
        self._details = details
        session.on("picture", self._show)
        session.on("caption", self._show)
        session.on("status", self._show)

    def _show(self) -> None:
        self._status.configure(text=self._going_on())
        self._details.configure(text=self._origin())
        picture = self._session.picture
        title = strings.TITLE_OF.format(name=picture.name) if picture else strings.TITLE
        if self._root.title() != title:
            self._root.title(title)

    def _going_on(self) -> str:
        session = self._session
        if session.describer.state == "loading":
            return strings.LOADING
        if session.describer.state == "describing":
            return strings.DESCRIBING
        said = " ".join(filter(None, (*session.warnings, session.note.text)))
        if not said and session.has_several():
            album = session.album
            return strings.PLACE.format(place=album.index + 1, count=len(album.shown))
        return said

    def _origin(self) -> str:
        """Say whose the caption is."""
        if self._session.is_human:
            best = [one.text for one in self._session.candidates[:1]]
            return strings.ACCEPTED if self._session.text in best else strings.BY_YOU
        described = self._session.described
        captioner = self._session.describer.captioner
        if not (described and captioner):
            return ""
        return strings.DETAILS.format(model=captioner.name)
