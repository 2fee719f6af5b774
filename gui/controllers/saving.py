"""The ways in which captions leave the window, and come back."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tkinter import messagebox
from typing import TYPE_CHECKING

from imagecap.counted import counted
from imagecap.files import read_ordinary

from .. import dialog_strings, strings
from ..widgets import file_dialogs

if TYPE_CHECKING:
    from imagecap.library.import_captions import Imported
    from imagecap.library.store import Library

    from ..session import Session
    from .speaking import Speaking

# More pictures than these are named by their folders in a command.
_MOST_NAMED = 10


class Saving:
    """Saves captions as text, in copies, as speech and in files of many captions.

    Args:
        session: Whose captions they are.
        root: The Tk window.
        speaking: What makes speech of them.
    """

    def __init__(self, session: Session, root: tkinter.Tk, speaking: Speaking) -> None:
        self._session = session
        self._root = root
        self._speaking = speaking

    def save_text(self) -> None:
        """Save the caption into a text file beside the picture."""
        from imagecap.captions.sidecar import sidecar_path

        picture, caption = self._session.picture, self._session.text
        if not (picture and caption):
            return
        if self._session.folder is None:
            self._save_text_elsewhere(picture, caption)
            return
        file = sidecar_path(picture)
        self._session.background.run(
            partial(_holds_another, file, caption),
            partial(self._ask_and_write, file, caption),
            self._session.say,
        )

    def _ask_and_write(self, file: Path, caption: str, holds_another: bool) -> None:
        if not holds_another or messagebox.askokcancel(
            parent=self._root,
            title=dialog_strings.REPLACE_TITLE,
            message=dialog_strings.REPLACE.format(name=file.name),
        ):
            self._write_text(file, caption)

    def _write_text(self, file: Path, caption: str) -> None:
        from imagecap.captions.sidecar import write_sidecar

        self._session.background.run_in_order(
            partial(write_sidecar, file, caption),
            lambda _: self._saved(file),
            self._session.say,
        )

    def _save_text_elsewhere(self, picture: Path, caption: str) -> None:
        """Ask where the text of a pasted picture goes, whose own folder is deleted."""
        path = self._ask_where(
            dialog_strings.SAVE_TEXT_TITLE,
            f"{picture.stem}.txt",
            [".txt"],
            [(dialog_strings.TEXT_FILES, "*.txt")],
        )
        if path:
            self._write_text(path, caption)

    def save_copy(self) -> None:
        """Save a copy of the picture that carries the caption."""
        from imagecap.pictures.metadata import copy_endings

        picture, caption = self._session.picture, self._session.text
        if picture and caption:
            self._session.background.run(
                partial(copy_endings, picture),
                partial(self._ask_and_copy, picture, caption),
                self._session.say,
            )

    def _ask_and_copy(
        self, picture: Path, caption: str, endings: Sequence[str]
    ) -> None:
        # The picture's own first, so that a name without one gets it.
        endings = sorted(endings, key=lambda end: end != picture.suffix.lower())
        name = dialog_strings.COPY_NAME.format(stem=picture.stem) + picture.suffix
        path = self._ask_where(dialog_strings.SAVE_COPY_TITLE, name, endings)
        if path:
            library = self._session.kept.library
            self._session.background.run_in_order(
                partial(_copy, library, picture, caption, path),
                lambda notes: self._saved(path, *notes),
                self._session.say,
            )

    def save_speech(self) -> None:
        """Save the caption as a sound file."""
        picture, caption = self._session.picture, self._session.text
        if not (picture and caption):
            return
        path = self._ask_where(
            dialog_strings.SAVE_SPEECH_TITLE,
            f"{picture.stem}.wav",
            [".wav"],
            [(dialog_strings.WAV_FILES, "*.wav")],
        )
        if path:
            self._session.say(strings.SAVING)
            self._speaking.player.save(
                caption, path, lambda: self._saved(path), self._session.say
            )

    def export(self) -> None:
        """Save the captions of all open pictures into one file."""
        library = self._session.kept.library
        if not (self._session.album.pictures and library):
            return
        from imagecap.captions.formats import WRITERS

        path = self._ask_where(
            dialog_strings.EXPORT_TITLE,
            dialog_strings.EXPORT_NAME,
            list(WRITERS),
            [
                (
                    dialog_strings.EXPORT_KIND.format(
                        kind=end.lstrip(".").upper(), content=writer.content
                    ),
                    f"*{end}",
                )
                for end, writer in WRITERS.items()
            ],
        )
        if path:
            pictures = self._session.album.pictures
            self._session.background.run_in_order(
                partial(_export, library, pictures, path),
                lambda count: self._exported(path, count, len(pictures)),
                self._session.say,
            )

    def import_captions(self) -> None:
        """Read captions that people wrote elsewhere for the open pictures."""
        library = self._session.kept.library
        if not (self._session.album.pictures and library):
            return
        from imagecap.captions.formats import READERS

        chosen = file_dialogs.askopenfilename(
            parent=self._root,
            title=dialog_strings.IMPORT_TITLE,
            initialdir=self._session.folder,
            filetypes=[
                (dialog_strings.CAPTION_FILES, tuple(f"*{end}" for end in READERS))
            ],
        )
        if chosen:
            from imagecap.library.import_captions import import_captions

            self._session.background.run_in_order(
                partial(
                    import_captions, library, self._session.album.pictures, Path(chosen)
                ),
                self._imported,
                self._session.say,
            )

    def _ask_where(
        self,
        title: str,
        name: str,
        endings: Sequence[str],
        kinds: Sequence[tuple[str, str]] = (),
    ) -> Path | None:
        """Ask for a file to write, again where its name has a wrong ending.

        Args:
            title: What for.
            name: The name that is offered.
            endings: Those that are right.
            kinds: The kinds of files to choose from, each with its pattern.
        """
        folder = self._session.folder
        while True:
            chosen = file_dialogs.asksaveasfilename(
                parent=self._root,
                title=title,
                initialdir=folder,
                initialfile=name,
                defaultextension=endings[0],
                filetypes=kinds,
            )
            path = Path(chosen)
            if chosen and not path.suffix:
                path = path.with_name(path.name + endings[0])
            if not chosen or path.suffix.lower() in map(str.lower, endings):
                return path if chosen else None
            messagebox.showerror(
                parent=self._root,
                title=dialog_strings.WRONG_ENDING_TITLE,
                message=dialog_strings.WRONG_ENDING.format(
                    name=path.name, endings=" or ".join(endings)
                ),
            )
            folder, name = path.parent, path.stem + endings[0]

    def copy(self) -> None:
        """Copy the caption."""
        if self._session.text:
            self._put_on_clipboard(self._session.text_shown)
            self._session.say(strings.COPIED)

    def copy_command(self) -> None:
        """Copy the command that does on the command line what the window shows."""
        import shlex

        words = ["imagecap", "caption"]
        if self._session.model:
            words += ["--model", self._session.model]
        if self._session.describer.beam_width:
            words += ["--beam", str(self._session.describer.beam_width)]
        pictures = self._session.album.pictures
        if len(pictures) <= _MOST_NAMED:
            words += [str(picture.absolute()) for picture in pictures]
        else:
            folders = {picture.absolute().parent for picture in pictures}
            words += sorted(map(str, folders))
        if len(pictures) > 1:
            words += ["--output", dialog_strings.EXPORT_NAME]
        command = shlex.join(words)
        self._put_on_clipboard(command)
        self._session.say(strings.COMMAND_COPIED.format(command=command))

    def _put_on_clipboard(self, text: str) -> None:
        self._root.clipboard_clear()
        self._root.clipboard_append(text)

    def _saved(self, path: Path, *notes: str) -> None:
        self._session.say(" ".join((strings.SAVED.format(name=path.name), *notes)))

    def _exported(self, path: Path, count: int, total: int) -> None:
        captions = counted(count, "caption")
        if count == total:
            note = strings.EXPORTED.format(name=path.name, captions=captions)
        else:
            note = strings.EXPORTED_SOME.format(
                name=path.name, captions=captions, missing=total - count
            )
        self._session.say(note)

    def _imported(self, imported: Imported) -> None:
        self._session.learn(imported.human)
        counts = strings.IMPORTED.format(
            captions=counted(imported.taken, "caption"), kept=imported.kept
        )
        self._session.say(" ".join([counts, *imported.problems]))


def _holds_another(file: Path, caption: str) -> bool:
    try:
        return read_ordinary(file).strip() not in (b"", caption.encode())
    except OSError:
        return False


def _copy(
    library: Library | None, picture: Path, caption: str, path: Path
) -> tuple[str, ...]:
    from imagecap.library.give_captions import describe
    from imagecap.pictures.metadata import write_described_copy

    entry = next(library.entries([picture])) if library else None
    if library and entry and entry.caption == caption:
        return write_described_copy(picture, describe(library, entry), path)
    return write_described_copy(picture, caption, path)


def _export(library: Library, pictures: Sequence[Path], path: Path) -> int:
    from imagecap.library.export_captions import export_captions

    library.recognise(pictures)
    return export_captions(library, pictures, path)
