"""The folders and files to choose from, one a row, gone through by keys."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Callable, Iterable
from tkinter import ttk

from .. import dialog_strings
from ..services.narrator import set_spoken_name

_THIS = "."


class FileRows(ttk.Treeview):
    """Marks rows; a letter goes to the next name that begins with it.

    Args:
        parent: The widget around it.
        several: Whether several may be marked.
        marked: Called when others are marked.

    Attributes:
        path_begun: Called with a letter with which paths begin, when it is pressed.
    """

    def __init__(
        self, parent: tkinter.Misc, several: bool, marked: Callable[[], None]
    ) -> None:
        super().__init__(
            parent,
            columns=("kind",),
            show="tree",
            selectmode="extended" if several else "browse",
        )
        self._marked = marked
        self.path_begun: Callable[[str], None] = lambda letter: None
        self.column("kind", width=self.winfo_pixels("60p"), stretch=False)
        set_spoken_name(self, dialog_strings.FILES_TO_CHOOSE)
        self.bind("<<TreeviewSelect>>", lambda _: marked())
        self.bind("<Key>", self._look_for)
        if several:
            self.bind("<Shift-Down>", lambda _: self._mark_more(1))
            self.bind("<Shift-Up>", lambda _: self._mark_more(-1))
            self.bind("<Control-a>", lambda _: self._mark_all())

    @property
    def chosen(self) -> list[str]:
        """The names that are marked."""
        return [row for row in self.selection() if row != _THIS]

    def show_files(
        self, entries: Iterable[os.DirEntry[str]], with_this: bool, mark: str
    ) -> None:
        """Show folders and files, and mark one of them, or the first.

        Args:
            entries: The folders and files, in their order.
            with_this: Whether the folder that they are in can be chosen, too.
            mark: The name of the one to be marked.
        """
        self.delete(*self.get_children())
        if with_this:
            self.insert("", "end", _THIS, text=dialog_strings.THIS_FOLDER)
        for entry in entries:
            kind = (dialog_strings.A_FOLDER,) if entry.is_dir() else ()
            self.insert("", "end", entry.name, text=entry.name, values=kind)
        there = self.get_children()
        self._mark(mark if mark in there else next(iter(there), ""))

    def is_folder(self, row: str) -> bool:
        """Return whether a row is a folder."""
        return row == _THIS or bool(self.item(row, "values"))

    def can_be_entered(self, row: str) -> bool:
        """Return whether a row is a folder with rows of its own."""
        return bool(row) and row != _THIS and self.is_folder(row)

    def _mark(self, row: str) -> None:
        self.selection_set([row] if row else [])
        self.focus(row)
        if row:
            self.see(row)
        else:
            self._marked()

    def _mark_more(self, step: int) -> str:
        there = self.get_children()
        place = there.index(self.focus()) + step if self.focus() else -1
        if 0 <= place < len(there):
            self.selection_add([there[place]])
            self.focus(there[place])
            self.see(there[place])
        return "break"

    def _mark_all(self) -> str:
        files = [row for row in self.get_children() if not self.is_folder(row)]
        if files:
            self.focus(files[0])
            self.selection_set(files)
        return "break"

    def _look_for(self, event: tkinter.Event[tkinter.Misc]) -> None:
        """Mark the next row that begins with a letter, or let a path be written."""
        if event.char and event.char in "/~":
            self.path_begun(event.char)
            return
        there = self.get_children()
        if not event.char.isalnum() or not there:
            return
        begin = there.index(self.focus()) + 1 if self.focus() else 0
        for row in (*there[begin:], *there[:begin]):
            if row.lower().startswith(event.char.lower()):
                self._mark(row)
                return
