"""Captions of all open pictures, given to other programs and taken from them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tkinter import messagebox
from typing import TYPE_CHECKING

from imagecap.counted import counted

from .. import dialog_strings, strings
from ..widgets import file_dialogs
from ..widgets.actions import Action

if TYPE_CHECKING:
    from imagecap.errors import ImagecapError
    from imagecap.library.give_captions import Given
    from imagecap.library.store import Library

    from ..session import Session


class Exchanging:
    """Writes a file for each open picture, and reads what its metadata says.

    Args:
        session: Whose pictures they are.
        root: The Tk window.
    """

    def __init__(self, session: Session, root: tkinter.Tk) -> None:
        self._session = session
        self._root = root

    def forms(self) -> list[Action]:
        """Give what captions can be written into, as entries of a menu."""
        return [
            self._action(
                strings.GIVE_TEXTS, partial(self._give, "sidecar"), "Ctrl+Shift+T"
            ),
            self._action(strings.GIVE_XMP, partial(self._give, "xmp"), "Ctrl+Shift+X"),
            self._action(strings.GIVE_COPIES, self._give_copies, "Ctrl+Shift+E"),
        ]

    def fields(self) -> list[Action]:
        """Give the fields of metadata, one of which wins, as entries of a menu."""
        from imagecap.pictures.caption_fields import CAPTION_FIELDS

        every = partial(self._take, CAPTION_FIELDS)
        return [self._action(strings.TAKE_FIRST, every, "Ctrl+Shift+I")] + [
            self._action(
                strings.TAKE_FIELD.format(number=number, field=field),
                partial(self._take, (field, *CAPTION_FIELDS)),
                f"Ctrl+Shift+F{number}",
            )
            for number, field in enumerate(CAPTION_FIELDS, start=1)
        ]

    def _action(self, label: str, run: Callable[[], None], key: str = "") -> Action:
        return Action(label, run, key, self._session.has_pictures)

    def _give_copies(self) -> None:
        chosen = file_dialogs.askdirectory(
            parent=self._root, title=dialog_strings.GIVE_COPIES_TITLE
        )
        if chosen:
            self._give("copies", Path(chosen))

    def _give(self, form: str, folder: Path | None = None, force: bool = False) -> None:
        library = self._session.kept.library
        pictures = self._session.album.pictures
        if not (pictures and library):
            return
        self._session.say(strings.SAVING)
        self._session.background.run_in_order(
            partial(_give, library, pictures, form, folder, force),
            partial(self._given, form, folder, len(pictures)),
            self._session.say,
        )

    def _given(self, form: str, folder: Path | None, total: int, given: Given) -> None:
        where = strings.GIVEN_WHERE[form].format(folder=folder)
        pictures = counted(given.count, "picture")
        texts = [strings.GIVEN.format(pictures=pictures, where=where)]
        missing = total - given.count - len(given.left) - len(given.failed)
        if missing:
            texts.append(strings.WITHOUT_CAPTION.format(missing=missing))
        texts += [*given.notes[:1], *map(str, given.failed[:1])]
        self._session.say(" ".join(texts))
        if given.left and messagebox.askokcancel(
            parent=self._root,
            title=dialog_strings.REPLACE_TITLE,
            message=dialog_strings.REPLACE_ALL.format(
                files=counted(len(given.left), "file"), name=given.left[0].name
            ),
        ):
            self._give(form, folder, force=True)

    def _take(self, fields: tuple[str, ...]) -> None:
        library = self._session.kept.library
        pictures = self._session.album.pictures
        if not (pictures and library):
            return
        from imagecap.library.take_metadata import take_metadata

        self._session.background.run_in_order(
            partial(take_metadata, library, pictures, fields),
            self._taken,
            self._session.say,
        )

    def _taken(self, taken: tuple[dict[Path, str], list[ImagecapError]]) -> None:
        captions, problems = taken
        self._session.learn(captions)
        done = strings.TAKEN.format(captions=counted(len(captions), "caption"))
        texts = [done, *map(str, problems[:1])]
        self._session.say(" ".join(texts))


def _give(
    library: Library,
    pictures: Sequence[Path],
    form: str,
    folder: Path | None,
    force: bool,
) -> Given:
    from imagecap.library.give_captions import Form, give_captions

    library.recognise(pictures)
    return give_captions(library, library.entries(pictures), Form(form), folder, force)
