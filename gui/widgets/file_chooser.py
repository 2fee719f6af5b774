"""A dialog that chooses files, with a look at the picture that is marked."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from tkinter import messagebox, ttk

from imagecap.files import reason

from .. import dialog_strings, strings
from ..services.background import Background
from ..services.file_programs import Question, globs
from ..services.narrator import set_spoken_name
from . import theme
from .dialog import Dialog
from .file_rows import FileRows, is_folder
from .thumbnails import Thumbnails

_SIZE = ("510p", "360p")
_PREVIEW = ("165p", "150p")
_GAP = "6p"
# A screen of the height of fewer is low.
_FEW_BUTTONS = 8


class FileChooser(Dialog):
    """Asks for files or a folder where the desktop has no dialog for that.

    Args:
        parent: The window it belongs to.
        question: What is asked.

    Attributes:
        chosen: What was chosen; nothing until then.
        rows: The folders and files to choose from.
        field: Where a name or path can be written.
        preview: The picture that is marked, or the first one in the folder.
        message: What is wrong.
    """

    def __init__(self, parent: tkinter.Misc, question: Question) -> None:
        super().__init__(parent, question.title, self._closed)
        self.chosen: Sequence[Path] = ()
        self._form = question.form
        saves = question.form == "save"
        self._folder = question.place.parent if saves else question.place
        self._kinds = {name: globs(patterns) for name, patterns in question.kinds}
        self._background = Background(parent.nametowidget("."))
        self._filled = ""
        self._build()
        if saves:
            self._fill(question.place.name)
            self._select_all()
        self.resize(_SIZE)
        self._go(self._folder)
        self.appear(self.field if saves else self.rows)

    def _closed(self) -> None:
        self._background.close(0)

    def _build(self) -> None:
        frame = self.body
        top = ttk.Frame(frame)
        above = ttk.Button(top, text=dialog_strings.FOLDER_ABOVE, command=self._go_up)
        above.pack(side="right")
        # On a low screen the files need its room; a key does the same.
        if self.maxsize()[1] > _FEW_BUTTONS * above.winfo_reqheight():
            top.pack(side="top", fill="x", pady=(0, _GAP))
        self._place = ttk.Label(top)
        self._place.pack(side="left", fill="x", expand=True)
        foot = ttk.Frame(frame)
        foot.pack(side="bottom", fill="x", pady=(_GAP, 0))
        ok = dialog_strings.SAVE_HERE if self._form == "save" else dialog_strings.CHOOSE
        cancel = ttk.Button(foot, text=strings.CANCEL, command=self.destroy)
        confirm = ttk.Button(foot, text=ok, command=self._confirm, style=theme.EMPHASIS)
        self.kind = ttk.Combobox(foot, values=list(self._kinds), state="readonly")
        if self._kinds:
            self.kind.current(0)
        self.kind.bind("<<ComboboxSelected>>", lambda _: self._go(self._folder))
        set_spoken_name(self.kind, dialog_strings.KIND_OF_FILES)
        self.line_up([cancel, confirm], self.widest)
        if len(self._kinds) > 1:
            self.kind.pack(side="left")
        self.message = ttk.Label(frame, style=theme.QUIET, wraplength=self.widest)
        self._name_row = name = ttk.Frame(frame)
        name.pack(side="bottom", fill="x", pady=(_GAP, 0))
        ttk.Label(name, text=dialog_strings.NAME_OF_FILE).pack(
            side="left", padx=(0, _GAP)
        )
        self.field: ttk.Entry = ttk.Entry(name)
        self.field.pack(side="left", fill="x", expand=True)
        self.field.bind("<Return>", lambda _: self._confirm())
        self.field.bind("<Control-a>", lambda _: self._select_all())
        set_spoken_name(self.field, dialog_strings.NAME_OF_FILE)
        size = (self.winfo_pixels(_PREVIEW[0]), self.winfo_pixels(_PREVIEW[1]))
        side = ttk.Frame(frame, width=size[0], height=size[1])
        side.pack_propagate(False)
        if size[0] < self.widest / 2:
            side.pack(side="right", fill="y", padx=(_GAP, 0))
        self.preview = ttk.Label(side, anchor="center")
        self.preview.pack(fill="both", expand=True)
        self._thumbnails = Thumbnails(
            self.preview, self._background, size, self._show_preview
        )
        self._build_rows(frame)

    def _build_rows(self, frame: ttk.Frame) -> None:
        self.rows = FileRows(frame, self._form == "files", self._marked)
        bar = ttk.Scrollbar(frame, command=self.rows.yview, takefocus=False)
        self.rows.configure(yscrollcommand=bar.set)
        bar.pack(side="right", fill="y")
        self.rows.pack(side="left", fill="both", expand=True)
        for event in ("<Return>", "<Double-Button-1>"):
            self.rows.bind(event, self._enter)
        self.rows.bind("<BackSpace>", lambda _: self._go_up())
        self.rows.path_begun = self._begin_path

    def _go(self, folder: Path, mark: str = "") -> None:
        """Show what is in a folder; mark a row of it."""
        try:
            found = sorted(os.scandir(folder), key=_order)
        except OSError as error:
            why = reason(error)
            self._tell(dialog_strings.CANNOT_LOOK.format(folder=folder, reason=why))
            return
        self._folder = folder
        self._tell("")
        self._place.configure(text=str(folder))
        wanted = (entry for entry in found if self._is_wanted(entry))
        self.rows.show_files(wanted, self._form == "folder", mark)

    def _tell(self, sentence: str) -> None:
        """Say what is wrong, if anything is."""
        self.message.configure(text=sentence)
        if sentence:
            self.message.pack(
                side="bottom", anchor="w", fill="x", before=self._name_row
            )
        else:
            self.message.pack_forget()

    def _go_up(self) -> None:
        self._go(self._folder.parent, self._folder.name)

    def _is_wanted(self, entry: os.DirEntry[str]) -> bool:
        if is_folder(entry):
            return True
        if self._form == "folder" or entry.name.startswith("."):
            return False
        patterns = self._kinds.get(self.kind.get(), ())
        return not patterns or any(
            fnmatch(entry.name.lower(), pattern.lower()) for pattern in patterns
        )

    def _marked(self) -> None:
        self._show_preview()
        files = self.rows.chosen
        if self._form == "save":
            files = [one for one in files if not self.rows.is_folder(one)]
        if files or self._form != "save":
            self._fill(", ".join(files))

    def _begin_path(self, letter: str) -> None:
        self.field.delete(0, "end")
        self.field.insert(0, letter)
        self.field.focus_set()

    def _fill(self, text: str) -> None:
        self._filled = text
        self.field.delete(0, "end")
        self.field.insert(0, text)

    def _select_all(self) -> str:
        self.field.selection_range(0, "end")
        self.field.icursor("end")
        return "break"

    def _show_preview(self) -> None:
        row = self.rows.focus()
        picture = self._folder / row if row else None
        if picture and self.rows.is_folder(row):
            picture = _first_picture(picture)
        (photo,) = self._thumbnails.of([picture]) if picture else (None,)
        # A label keeps no picture by itself; the thumbnails do.
        self.preview.configure(image=photo or "")

    def _enter(self, event: tkinter.Event[tkinter.Misc]) -> str:
        row = self.rows.focus()
        if self.rows.can_be_entered(row):
            self._go(self._folder / row)
        elif row:
            self._confirm()
        return "break"

    def _confirm(self) -> None:
        """Choose what is written or marked; go to a folder where none is asked for."""
        written = self.field.get().strip()
        if written and written != self._filled:
            paths = [self._folder / _expanded(written)]
        elif self._form == "save":
            paths = [self._folder / written] if written else []
        else:
            paths = [self._folder / row for row in self.rows.selection()]
        if self._form != "folder":
            if len(paths) == 1 and os.path.isdir(paths[0]):
                self._go(paths[0])
                return
            paths = [path for path in paths if not os.path.isdir(path)]
        if paths and self._is_allowed(paths[0]):
            self.chosen = paths
            self.destroy()

    def _is_allowed(self, path: Path) -> bool:
        if self._form == "save":
            said = dialog_strings.REPLACE_FILE.format(name=path.name)
            return not os.path.exists(path) or messagebox.askokcancel(
                parent=self, title=self.title(), message=said
            )
        there = os.path.isdir(path) if self._form == "folder" else os.path.exists(path)
        if not there:
            self._tell(dialog_strings.NOT_THERE.format(name=path))
        return there


# Whatever a person writes, such as a name that is too long: `Path` would raise errors.


def _expanded(written: str) -> str:
    return os.path.expanduser(written)  # noqa: PTH111


def _order(entry: os.DirEntry[str]) -> tuple[bool, str]:
    return not is_folder(entry), entry.name.casefold()


def _first_picture(folder: Path) -> Path | None:
    from imagecap.pictures.reading import PICTURE_SUFFIXES

    try:
        found = sorted(folder.iterdir())
    except OSError:
        return None
    pictures = (path for path in found if path.suffix.lower() in PICTURE_SUFFIXES)
    return next((path for path in pictures if path.is_file()), None)
