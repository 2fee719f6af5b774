"""The ways in which pictures come into the window."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import dialog_strings, strings
from ..services.clipboard import (
    copied_text,
    dropped_paths,
    existing_paths,
    grab_picture,
    not_a_picture,
)
from ..widgets import file_dialogs
from ..widgets.picture_view import PictureView

if TYPE_CHECKING:
    from imagecap.library.store import Library
    from imagecap.pictures.folders import FoundPictures

    from ..session import Session

_SAMPLE = Path(__file__).parents[1] / "sample.jpg"


class Opening:
    """Chosen, dropped, pasted, named or opened before: pictures and folders.

    Args:
        session: Where they are opened.
        root: The Tk window.
        view: Where it is said how to open pictures.
    """

    def __init__(self, session: Session, root: tkinter.Tk, view: PictureView) -> None:
        self._session = session
        self._root = root
        self._view = view

    def choose_pictures(self) -> None:
        """Ask for picture files."""
        from imagecap.pictures.reading import PICTURE_SUFFIXES

        # Tk tells capitals from small letters where file names do.
        suffixes = sorted(PICTURE_SUFFIXES)
        patterns = [*suffixes, *(suffix.upper() for suffix in suffixes)]
        chosen = file_dialogs.askopenfilenames(
            parent=self._root,
            title=dialog_strings.OPEN_TITLE,
            initialdir=self._session.folder,
            filetypes=[
                (dialog_strings.PICTURES, patterns),
                (dialog_strings.ALL_FILES, "*"),
            ],
        )
        if chosen:
            self.open([Path(path) for path in chosen])

    def choose_folder(self) -> None:
        """Ask for a folder of pictures."""
        chosen = file_dialogs.askdirectory(
            parent=self._root,
            title=dialog_strings.FOLDER_TITLE,
            initialdir=self._session.folder,
            mustexist=True,
        )
        if chosen:
            self.open([Path(chosen)])

    def open(self, paths: Sequence[Path]) -> None:
        """Open pictures and the pictures of folders.

        Args:
            paths: Files and folders, in any mixture.
        """
        self._session.settings.add_recent(paths[0])
        self._session.background.run(
            partial(_pictures_of, paths),
            partial(self._found, paths[0]),
            self._session.say,
        )

    def accept_drops(self, place: tkinter.Widget) -> None:
        """Let pictures be dropped, where tkinterdnd2 can, and say so.

        Args:
            place: The widget on which they may be dropped.
        """
        try:
            from tkinterdnd2 import DND_FILES, TkinterDnD

            TkinterDnD._require(self._root)
            place.drop_target_register(DND_FILES)  # type: ignore[attr-defined]
            place.dnd_bind("<<Drop>>", self._dropped)  # type: ignore[attr-defined]
        # What loading a foreign library into Tk may raise differs by platform.
        except (ImportError, tkinter.TclError, RuntimeError, AttributeError):
            return
        self._view.invite(strings.EMPTY_WITH_DROP)

    def open_sample(self) -> None:
        """Open the photograph that comes with the program."""
        self._session.open([_SAMPLE])

    def paste(self) -> None:
        """Open the picture, or the path of one, that the clipboard holds."""
        text = copied_text(self._root)
        self._session.background.run(
            partial(existing_paths, text),
            partial(self._pasted, text),
            self._session.say,
        )

    def _pasted(self, text: str, paths: Sequence[Path]) -> None:
        if paths:
            self.open(paths)
        else:
            self._session.background.run(
                partial(grab_picture, text, self._session.temporary_folder()),
                self._session.open,
                self._session.say,
            )

    def _found(self, asked: Path, found: FoundPictures) -> None:
        left_out = (
            strings.LEFT_OUT.format(count=len(found.left_out), first=found.left_out[0])
            if found.left_out
            else ""
        )
        if found.pictures:
            self._session.background.run_in_order(
                partial(_take_texts, self._session.kept.on_demand.get, found.pictures),
                partial(self._show, found.pictures, left_out),
                self._session.say,
            )
        else:
            self._session.say(left_out or strings.NO_PICTURES.format(folder=asked))

    def _show(self, pictures: Sequence[Path], left_out: str, taken: str) -> None:
        self._session.open(pictures)
        if said := " ".join(filter(None, (left_out, taken))):
            self._session.say(said)

    def _dropped(self, event: tkinter.Event[tkinter.Misc]) -> str:
        dropped = self._root.tk.splitlist(event.data)  # type: ignore[attr-defined]
        if paths := list(dropped_paths(dropped)):
            self.open(paths)
        else:
            self._session.say(not_a_picture(" ".join(dropped)))
        return str(event.action)  # type: ignore[attr-defined]


def _pictures_of(paths: Sequence[Path]) -> FoundPictures:
    from imagecap.pictures.folders import find_pictures

    return find_pictures(paths)


def _take_texts(
    get_library: Callable[[], Library | None], pictures: Sequence[Path]
) -> str:
    """Keep the captions in text files beside pictures; return what to say of that."""
    from imagecap.library.store import LibraryError
    from imagecap.library.take_sidecars import take_sidecars

    library = get_library()
    told: list[str] = []
    try:
        taken = take_sidecars(library, pictures, told) if library else 0
    except LibraryError as error:
        return str(error)
    told += [strings.TEXTS_TAKEN.format(count=taken)] if taken else []
    return " ".join(told)
