"""The ways in which pictures come into the window."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from tkinter import filedialog
from typing import TYPE_CHECKING

from .. import strings
from ..services.clipboard import (
    copied_text,
    dropped_paths,
    existing_paths,
    grab_picture,
    not_a_picture,
)

if TYPE_CHECKING:
    from imagecap.library.store import Library

    from ..window import Window

# Pictures, and what there is to tell of them.
_Found = tuple[Sequence[Path], str]

_SAMPLE = Path(__file__).parents[1] / "sample.jpg"


class Opening:
    """Chosen, dropped, pasted, named or opened before: pictures and folders.

    Args:
        root: The Tk window.
        window: Where they are opened.
    """

    def __init__(self, root: tkinter.Tk, window: Window) -> None:
        self._root = root
        self._window = window
        self._pasted: list[TemporaryDirectory[str]] = []

    def choose_pictures(self) -> None:
        """Ask for picture files."""
        from imagecap.pictures.reading import PICTURE_SUFFIXES

        # Tk tells capitals from small letters where file names do.
        suffixes = sorted(PICTURE_SUFFIXES)
        patterns = [*suffixes, *(suffix.upper() for suffix in suffixes)]
        chosen = filedialog.askopenfilenames(
            parent=self._root,
            title=strings.OPEN_TITLE,
            initialdir=self._window.folder,
            filetypes=[(strings.PICTURES, patterns), (strings.ALL_FILES, "*")],
        )
        if chosen:
            self.open([Path(path) for path in chosen])

    def choose_folder(self) -> None:
        """Ask for a folder of pictures."""
        chosen = filedialog.askdirectory(
            parent=self._root,
            title=strings.FOLDER_TITLE,
            initialdir=self._window.folder,
            mustexist=True,
        )
        if chosen:
            self.open([Path(chosen)])

    def open(self, paths: Sequence[Path]) -> None:
        """Open pictures and the pictures of folders.

        Args:
            paths: Files and folders, in any mixture.
        """
        self._window.settings.add_recent(paths[0])
        self._window.background.run(
            partial(_pictures_of, paths, self._window.library),
            partial(self._found, paths),
            self._window.note,
        )

    def take_drops(self, place: tkinter.Widget) -> bool:
        """Let pictures be dropped, where tkinterdnd2 can; tell whether it can.

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
            return False
        return True

    def open_sample(self) -> None:
        """Open the photograph that comes with the program."""
        self._window.open([_SAMPLE])

    def paste(self) -> None:
        """Open the picture, or the path of one, that the clipboard holds."""
        text = copied_text(self._root)
        if paths := existing_paths(text):
            self.open(paths)
        else:
            folder = TemporaryDirectory(prefix="imagecap-")
            self._pasted.append(folder)
            self._window.background.run(
                partial(grab_picture, text, Path(folder.name)),
                self._window.open,
                self._window.note,
            )

    def lasts(self, picture: Path) -> bool:
        """Whether a picture's file stays; that of a pasted one goes with the window."""
        return all(picture.parent != Path(folder.name) for folder in self._pasted)

    def close(self) -> None:
        """Delete the files of pictures that were pasted."""
        for folder in self._pasted:
            folder.cleanup()

    def _found(self, paths: Sequence[Path], found: _Found) -> None:
        pictures, told = found
        if pictures:
            self._window.open(pictures)
            if told:
                self._window.note(told)
        else:
            self._window.note(strings.NO_PICTURES.format(folder=paths[0]))

    def _dropped(self, event: tkinter.Event[tkinter.Misc]) -> str:
        dropped = self._root.tk.splitlist(event.data)  # type: ignore[attr-defined]
        if paths := list(dropped_paths(dropped)):
            self.open(paths)
        else:
            self._window.note(not_a_picture(" ".join(dropped)))
        return str(event.action)  # type: ignore[attr-defined]


def _pictures_of(paths: Sequence[Path], library: Library | None) -> _Found:
    """List the pictures, and take over the captions beside them."""
    from imagecap.library.store import LibraryError
    from imagecap.library.take_sidecars import take_sidecars
    from imagecap.pictures.folders import pictures_of

    pictures = pictures_of(paths)
    told: list[str] = []
    try:
        taken = take_sidecars(library, pictures, told) if library else 0
    except LibraryError as error:
        return pictures, str(error)
    told += [strings.TEXTS_TAKEN.format(count=taken)] if taken else []
    return pictures, " ".join(told)
