"""Words written into the search field, and the pictures they find."""

from __future__ import annotations

import threading
import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.counted import counted

from .. import strings
from ..widgets.layout import Layout

if TYPE_CHECKING:
    from imagecap.library.store import Library
    from imagecap.model.captioner import Captioner

    from ..session import Session
    from .browsing import Browsing

_PAUSE_MILLISECONDS = 250
_MOST_ALIKE = 200


class Searching:
    """Finds pictures by words or likeness, and goes through those only.

    Args:
        session: Whose pictures they are.
        layout: Where the words are written, and whether all of the library is
            searched.
        browsing: Shows what they find.

    Attributes:
        everywhere: Whether all of the library is searched, instead of the open
            pictures.
    """

    def __init__(
        self,
        session: Session,
        layout: Layout,
        browsing: Browsing,
    ) -> None:
        self._session = session
        self._layout = layout
        field = self._field = layout.search
        self._browsing = browsing
        self._planned: str | None = None
        self._searched: object = ("", True)
        self._pictures: Sequence[Path] = ()
        self._openings = 0
        self._is_comparing = False
        self._stopped = threading.Event()
        self._text = tkinter.StringVar(field)
        self._text.trace_add("write", lambda *_: self._written())
        self.everywhere = tkinter.BooleanVar(field, value=True)
        field.configure(textvariable=self._text)
        field.bind("<Return>", self._to_pictures)
        field.bind("<Escape>", self._clear)
        field.bind("<Destroy>", lambda _: self._plan_no_more())
        layout.everywhere_button.configure(
            variable=self.everywhere, command=self.scope_changed
        )
        session.on("picture", self._follow)

    def find(self) -> None:
        """Have words written."""
        self._layout.show_search(True)
        self._field.focus_set()
        self._field.selection_range(0, "end")

    def scope_changed(self) -> None:
        """Search for the same words where they are to be looked for now."""
        self._search()

    def can_compare(self) -> bool:
        """Return whether there is a picture, and what compares it with others."""
        session = self._session
        ready = session.kept.library and session.describer.captioner
        return bool(ready and session.has_picture())

    def more_like(self) -> None:
        """Go through the pictures of the library that are most like this one."""
        picture, library = self._session.picture, self._session.kept.library
        captioner = self._session.describer.captioner
        if picture and library and captioner:
            self._searched = picture
            self._compare(library, captioner, picture)

    def close(self) -> None:
        """End what is compared behind; what is compared already stays kept."""
        self._stopped.set()

    def _follow(self) -> None:
        """Begin without words where other pictures are open, or all are shown again."""
        album = self._session.album
        self._pictures = pictures = album.pictures
        if album.openings == self._openings:
            if self._text.get() and album.shown is pictures:
                self._forget_words()
        else:
            self._openings = album.openings
            # Where there is nothing to choose from, the library is meant.
            self.everywhere.set(len(pictures) < 2)
            self._forget_words()

    def _forget_words(self) -> None:
        self._searched = ("", self.everywhere.get())
        self._text.set("")
        self._plan_no_more()

    def _written(self) -> None:
        # The last key of a word searches, not each.
        self._plan_no_more()
        self._planned = self._field.after(_PAUSE_MILLISECONDS, self._search)

    def _plan_no_more(self) -> None:
        if self._planned:
            self._field.after_cancel(self._planned)
            self._planned = None

    def _search(self) -> None:
        self._plan_no_more()
        text, library = self._field.get().strip(), self._session.kept.library
        everywhere = self.everywhere.get()
        if self._searched == (text, everywhere):
            return
        self._searched = (text, everywhere)
        if not text or library is None:
            self._show(self._pictures)
            self._session.say("")
            return
        self._session.background.run_in_order(
            partial(_search, library, text, None if everywhere else self._pictures),
            partial(self._found, text, everywhere),
            self._session.say,
        )

    def _found(
        self, text: str, everywhere: bool, result: tuple[Sequence[Path], int]
    ) -> None:
        if self._searched != (text, everywhere):
            return
        pictures, missing = result
        self._show(pictures)
        found = counted(len(pictures), "picture")
        without = counted(missing, "picture")
        if not pictures:
            said = strings.NOT_FOUND.format(text=text)
            if missing:
                told = strings.NOT_CAPTIONED_YET.format(pictures=without)
                said = f"{said} {told}"
        elif everywhere:
            said = strings.FOUND_EVERYWHERE.format(pictures=found)
        else:
            among = counted(len(self._pictures), "picture")
            said = strings.FOUND.format(count=len(pictures), pictures=among)
            if missing:
                # F5 would caption only what is found.
                said = f"{said}. {strings.WITHOUT_ONE_YET.format(pictures=without)}"
        self._session.say(said)

    def _compare(self, library: Library, captioner: Captioner, picture: Path) -> None:
        self._session.background.run(
            partial(_like, library, captioner, picture),
            partial(self._found_like, library, captioner, picture),
            self._session.say,
        )

    def _found_like(
        self,
        library: Library,
        captioner: Captioner,
        picture: Path,
        others: Sequence[Path],
    ) -> None:
        if self._searched != picture:
            return
        if others:
            self._show((picture, *others))
            found = counted(len(others), "picture")
            said = strings.FOUND_LIKE.format(pictures=found, name=picture.name)
            self._session.say(said)
        else:
            self._session.say(strings.NOTHING_LIKE)
        if not self._is_comparing:
            self._is_comparing = True
            self._session.background.run(
                partial(_make_vectors, library, captioner, self._stopped),
                partial(self._compared, library, captioner, picture),
                self._not_compared,
            )

    def _compared(
        self, library: Library, captioner: Captioner, picture: Path, count: int
    ) -> None:
        self._is_comparing = False
        if count and self._searched == picture:
            self._compare(library, captioner, picture)

    def _not_compared(self, reason: str) -> None:
        self._is_comparing = False
        self._session.say(reason)

    def _show(self, pictures: Sequence[Path]) -> None:
        self._session.show_only(pictures)
        self._browsing.show()

    def _to_pictures(self, event: tkinter.Event[tkinter.Misc]) -> str:
        self._search()
        self._browsing.focus()
        return "break"

    def _clear(self, event: tkinter.Event[tkinter.Misc]) -> str:
        self._field.delete(0, "end")
        self._search()
        self._browsing.focus()
        return "break"


def _search(
    library: Library, text: str, pictures: Sequence[Path] | None
) -> tuple[Sequence[Path], int]:
    """Give what is found among pictures, and of how many of them nothing is said."""
    found = tuple(entry.picture for entry in library.search(text, pictures))
    if pictures is None:
        return found, 0
    missing = sum(entry.caption is None for entry in library.entries(pictures))
    # In the order of the folder, through which a person goes.
    inside = set(found)
    return tuple(picture for picture in pictures if picture in inside), missing


def _like(library: Library, captioner: Captioner, picture: Path) -> list[Path]:
    return [
        entry.picture for entry in library.like(picture, captioner, limit=_MOST_ALIKE)
    ]


def _make_vectors(
    library: Library, captioner: Captioner, stopped: threading.Event
) -> int:
    """Make what pictures are compared by where it is missing; tell of how many."""
    from imagecap.library.missing_vectors import make_vectors

    missing = library.pictures_without_vector(captioner.bundle.identity)
    there = (one for one in missing if one.is_file() and not stopped.is_set())
    return sum(
        problem is None for _, problem in make_vectors(captioner, library, there)
    )
