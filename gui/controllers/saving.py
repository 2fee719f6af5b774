"""The ways in which captions leave the window, and come back."""

from __future__ import annotations

import shlex
import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tkinter import filedialog, messagebox
from typing import TYPE_CHECKING

from .. import strings

if TYPE_CHECKING:
    from imagecap.library.import_captions import Imported
    from imagecap.library.store import Library

    from ..window import Window


# More pictures than these are named by their folders in a command.
_MOST_NAMED = 10


class Saving:
    """Saves captions as text, in copies, as speech and in files of many captions.

    Args:
        root: The Tk window.
        window: Whose captions they are.
    """

    def __init__(self, root: tkinter.Tk, window: Window) -> None:
        self._root = root
        self._window = window

    def save_text(self) -> None:
        """Save the caption into a text file beside the picture."""
        from imagecap.captions.sidecar import sidecar_path, write_sidecar

        picture, caption = self._window.picture_path, self._window.captions.text
        if not (picture and caption):
            return
        if self._window.folder is None:
            self._save_text_elsewhere(picture, caption)
            return
        file = sidecar_path(picture)
        if _holds_another(file, caption) and not messagebox.askokcancel(
            parent=self._root,
            title=strings.REPLACE_TITLE,
            message=strings.REPLACE.format(name=file.name),
        ):
            return
        self._window.background.run(
            partial(write_sidecar, file, caption),
            lambda _: self._saved(file),
            self._window.note,
        )

    def _save_text_elsewhere(self, picture: Path, caption: str) -> None:
        """Ask where the text of a pasted picture goes, whose own folder is deleted."""
        from imagecap.captions.sidecar import write_sidecar

        chosen = filedialog.asksaveasfilename(
            parent=self._root,
            title=strings.SAVE_TEXT_TITLE,
            initialfile=f"{picture.stem}.txt",
            defaultextension=".txt",
            filetypes=[(strings.TEXT_FILES, "*.txt")],
        )
        if chosen:
            self._window.background.run(
                partial(write_sidecar, Path(chosen), caption),
                lambda _: self._saved(Path(chosen)),
                self._window.note,
            )

    def save_copy(self) -> None:
        """Save a copy of the picture that carries the caption."""
        from imagecap.pictures.metadata import write_described_copy

        picture, caption = self._window.picture_path, self._window.captions.text
        if not (picture and caption):
            return
        chosen = filedialog.asksaveasfilename(
            parent=self._root,
            title=strings.SAVE_COPY_TITLE,
            initialdir=self._window.folder,
            initialfile=strings.COPY_NAME.format(stem=picture.stem) + picture.suffix,
            defaultextension=picture.suffix,
        )
        if chosen:
            path = Path(chosen)
            self._window.background.run(
                partial(write_described_copy, picture, caption, path),
                lambda _: self._saved(path),
                self._window.note,
            )

    def save_speech(self) -> None:
        """Save the caption as a sound file."""
        picture, caption = self._window.picture_path, self._window.captions.text
        if not (picture and caption):
            return
        chosen = filedialog.asksaveasfilename(
            parent=self._root,
            title=strings.SAVE_SPEECH_TITLE,
            initialdir=self._window.folder,
            initialfile=f"{picture.stem}.wav",
            defaultextension=".wav",
            filetypes=[(strings.WAV_FILES, "*.wav")],
        )
        if chosen:
            path = Path(chosen)
            self._window.note(strings.SAVING)
            self._window.speaking.voice.save(
                caption, path, lambda: self._saved(path), self._window.note
            )

    def export(self) -> None:
        """Save the captions of all open pictures into one file."""
        library = self._window.library
        if not (self._window.album.pictures and library):
            return
        chosen = filedialog.asksaveasfilename(
            parent=self._root,
            title=strings.EXPORT_TITLE,
            initialdir=self._window.folder,
            initialfile=strings.EXPORT_NAME,
            defaultextension=".csv",
            filetypes=strings.EXPORT_KINDS,
        )
        if chosen:
            path = Path(chosen)
            pictures = tuple(self._window.album.pictures)
            self._window.background.run(
                partial(_export, library, pictures, path),
                lambda count: self._exported(path, count, len(pictures)),
                self._window.note,
            )

    def import_captions(self) -> None:
        """Read captions that people wrote elsewhere for the open pictures."""
        library = self._window.library
        if not (self._window.album.pictures and library):
            return
        chosen = filedialog.askopenfilename(
            parent=self._root,
            title=strings.IMPORT_TITLE,
            initialdir=self._window.folder,
            filetypes=strings.IMPORT_KINDS,
        )
        if chosen:
            from imagecap.library.import_captions import import_captions

            pictures = tuple(self._window.album.pictures)
            self._window.background.run(
                partial(import_captions, library, pictures, Path(chosen)),
                self._imported,
                self._window.note,
            )

    def copy(self) -> None:
        """Copy the caption."""
        if self._window.captions.text:
            self._put_on_clipboard(self._window.captions.told)
            self._window.note(strings.COPIED)

    def copy_command(self) -> None:
        """Copy the command that does on the command line what the window shows."""
        words = ["imagecap", "caption"]
        if self._window.model:
            words += ["--model", self._window.model]
        if self._window.describer.beam_width:
            words += ["--beam", str(self._window.describer.beam_width)]
        pictures = self._window.album.pictures
        if len(pictures) <= _MOST_NAMED:
            words += [str(picture.absolute()) for picture in pictures]
        else:
            folders = {picture.absolute().parent for picture in pictures}
            words += sorted(map(str, folders))
        if len(pictures) > 1:
            words += ["--output", strings.EXPORT_NAME]
        command = shlex.join(words)
        self._put_on_clipboard(command)
        self._window.note(strings.COMMAND_COPIED.format(command=command))

    def _put_on_clipboard(self, text: str) -> None:
        self._root.clipboard_clear()
        self._root.clipboard_append(text)

    def _saved(self, path: Path) -> None:
        self._window.note(strings.SAVED.format(name=path.name))

    def _exported(self, path: Path, count: int, total: int) -> None:
        if count == total:
            note = strings.EXPORTED.format(name=path.name, count=count)
        else:
            note = strings.EXPORTED_SOME.format(
                name=path.name, count=count, missing=total - count
            )
        self._window.note(note)

    def _imported(self, imported: Imported) -> None:
        self._window.captions.refresh()
        counts = strings.IMPORTED.format(taken=imported.taken, kept=imported.kept)
        self._window.note(" ".join([counts, *imported.problems]))


def _holds_another(file: Path, caption: str) -> bool:
    try:
        return file.read_bytes().strip() not in (b"", caption.encode())
    except OSError:
        return False


def _export(library: Library, pictures: Sequence[Path], path: Path) -> int:
    from imagecap.captions.caption_files import write_captions

    entries = [entry for entry in library.entries(pictures) if entry.caption]
    captions = [(entry.picture, entry.caption or "") for entry in entries]
    provenance = {entry.picture: library.provenance(entry) for entry in entries}
    write_captions(captions, path, provenance)
    return len(captions)
