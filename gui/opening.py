"""The ways in which pictures come into the window."""

from __future__ import annotations

import contextlib
import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from tkinter import filedialog
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

from . import strings

if TYPE_CHECKING:
    from .window import Window

_SAMPLE = Path(__file__).with_name("sample.jpg")


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
        from imagecap.images import PICTURE_SUFFIXES

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
            partial(_pictures_of, paths), partial(self._found, paths), self._window.note
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
        text = ""
        with contextlib.suppress(tkinter.TclError):
            text = str(self._root.clipboard_get())
        paths = [path for path in _paths_in(text) if path.exists()]
        if paths:
            self.open(paths)
        else:
            folder = TemporaryDirectory(prefix="imagecap-")
            self._pasted.append(folder)
            self._window.background.run(
                partial(_grab_clipboard, text, Path(folder.name)),
                self._window.open,
                self._window.note,
            )

    def close(self) -> None:
        """Delete the files of pictures that were pasted."""
        for folder in self._pasted:
            folder.cleanup()

    def _found(self, paths: Sequence[Path], pictures: Sequence[Path]) -> None:
        if pictures:
            self._window.open(pictures)
        else:
            self._window.note(strings.NO_PICTURES.format(folder=paths[0]))

    def _dropped(self, event: tkinter.Event[tkinter.Misc]) -> str:
        paths = [Path(name) for name in self._root.tk.splitlist(event.data)]  # type: ignore[attr-defined]
        if paths:
            self.open(paths)
        return str(event.action)  # type: ignore[attr-defined]


def _pictures_of(paths: Sequence[Path]) -> list[Path]:
    from imagecap.folders import pictures_of

    return pictures_of(paths)


def _paths_in(text: str) -> list[Path]:
    """Read paths as programs copy them: a line each, quoted, or as file URLs."""
    paths = []
    for line in text.splitlines()[:1000]:
        name = line.strip().strip("\"'")
        if name.startswith("file://"):
            name = unquote(urlparse(name).path)
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            if name and len(name) < 4096 and "\0" not in name:
                paths.append(Path(name).expanduser())
    return paths


def _grab_clipboard(text: str, folder: Path) -> list[Path]:
    """Save the picture of the clipboard into a folder; return the file."""
    from PIL import Image, ImageGrab

    from imagecap.images import PictureError

    try:
        grabbed = ImageGrab.grabclipboard()
    except NotImplementedError as error:
        raise PictureError(strings.CLIPBOARD_PROGRAM) from error
    except (OSError, ValueError, SyntaxError):
        grabbed = None
    if isinstance(grabbed, list):
        return [Path(name) for name in grabbed]
    if not isinstance(grabbed, Image.Image):
        if text.strip() and len(text) < 200:
            raise PictureError(strings.NOT_A_PATH.format(text=text.strip()))
        raise PictureError(strings.NOTHING_TO_PASTE)
    path = folder / strings.PASTED_NAME
    grabbed.save(path)
    return [path]
