"""The window read aloud, for those who cannot see it: focus, menus, what happens."""

from __future__ import annotations

import contextlib
import time
import tkinter
from collections.abc import Callable
from tkinter import ttk

from .. import strings
from ..strings import without_mnemonic

READ = "<<Read>>"
"""What a field of text gets when another part of it is to be read, the selected one."""
SELF_VOICING = "self_voicing"
"""The variable of Tk that tells whether the window is read aloud."""
_PROGRESS_SECONDS = 15.0

_spoken_names: dict[str, str] = {}


def set_spoken_name(widget: tkinter.Misc, words: str) -> None:
    """Give a widget the name by which it is read, where its own text is not enough."""
    _spoken_names[str(widget)] = words
    # Tk hands names on to screen readers from 9.1 on; before, it does not know this.
    with contextlib.suppress(tkinter.TclError):
        widget.tk.call("tk", "accessible", "set_acc_name", str(widget), words)


def description(widget: tkinter.Misc) -> str:
    """Say what a widget is and how it stands: "Speak automatically, on"."""
    words = _spoken_names.get(str(widget), "")
    if not words:
        with contextlib.suppress(tkinter.TclError):
            words = without_mnemonic(str(widget.cget("text")))
    state = ""
    if isinstance(widget, ttk.Checkbutton | ttk.Radiobutton):
        state = strings.ON if widget.instate(["selected"]) else strings.OFF
    elif isinstance(widget, ttk.Combobox | ttk.Spinbox | ttk.Entry):
        state = str(widget.get()) or strings.NOTHING_WRITTEN
    elif isinstance(widget, ttk.Scale):
        state = str(round(float(widget.get())))
    elif isinstance(widget, ttk.Button):
        state = strings.BUTTON
    elif isinstance(widget, tkinter.Text):
        first = widget.get("1.0", "1.0 lineend")
        state = _selected(widget) or first or strings.NOTHING_WRITTEN
    elif isinstance(widget, ttk.Notebook):
        words = _title(widget, "current")
    elif isinstance(widget, ttk.Treeview):
        row = widget.focus()
        marked = widget.selection()
        cells = [str(widget.item(row, "text")), *map(str, widget.item(row, "values"))]
        state = " ".join(cells) if row in marked else ""
        if len(marked) > 1:
            state = f"{state}, {strings.MARKED.format(count=len(marked))}"
    if isinstance(widget, ttk.Widget) and widget.instate(["disabled"]):
        state = strings.NOT_NOW
    return ", ".join(part for part in (words, state) if part)


def _title(pages: ttk.Notebook, page: str) -> str:
    return str(pages.tk.call(str(pages), "tab", page, "-text"))


def _page_of(widget: tkinter.Misc) -> str:
    """Return the name of the page on which a widget is, where there are several."""
    inside: tkinter.Misc | None = widget
    while inside is not None:
        if isinstance(inside.master, ttk.Notebook):
            return _title(inside.master, str(inside))
        inside = inside.master
    return ""


def _description_of_tk(root: tkinter.Misc, path: str) -> str:
    """Say what a widget of Tk's own dialogs is, which Tkinter does not know."""
    words = state = ""
    kind = str(root.tk.call("winfo", "class", path))
    with contextlib.suppress(tkinter.TclError):
        words = without_mnemonic(str(root.tk.call(path, "cget", "-text")))
    if kind.endswith("Button"):
        state = strings.BUTTON
    elif kind in ("Entry", "TEntry", "TCombobox"):
        state = str(root.tk.call(path, "get")) or strings.NOTHING_WRITTEN
        words = _label_before(root, path)
    return ", ".join(part for part in (words, state) if part)


def _label_before(root: tkinter.Misc, path: str) -> str:
    """Return the text of the label that was made last before a field beside it."""
    words = ""
    beside = root.tk.call("winfo", "children", path.rpartition(".")[0] or ".")
    for other in map(str, root.tk.splitlist(beside)):
        if other == path:
            break
        if root.tk.call("winfo", "class", other) in ("Label", "TLabel"):
            words = str(root.tk.call(other, "cget", "-text"))
    return words.rstrip(":")


def _dialog_text(root: tkinter.Misc, dialog: str) -> str:
    """Say what a window is that has just got the focus: its title, its question."""
    words = [str(root.tk.call("wm", "title", dialog))]
    # Where Tk draws message boxes itself.
    for part in ("msg", "dtl"):
        with contextlib.suppress(tkinter.TclError):
            words.append(str(root.tk.call(f"{dialog}.{part}", "cget", "-text")))
    return " ".join(filter(None, words))


class Narrator:
    """Says what has the focus and what happens, while it is wanted.

    Args:
        root: The window.
        speak: Reads a text aloud instead of any other.
        wanted: Tells whether the window is to be read aloud.
    """

    def __init__(
        self,
        root: tkinter.Tk,
        speak: Callable[[str], None],
        wanted: Callable[[], bool],
    ) -> None:
        self._root = root
        self._speak = speak
        self._wanted = wanted
        self._last_progress = 0.0
        self._dialog = self._page = self._last_page = ""
        self._happened: list[str] = []
        self._progress = ""
        self._entered = self._focus = ""
        self._is_planned = False
        root.bind_all("<FocusIn>", self._focused, add="+")
        root.bind_class("Menu", "<<MenuSelect>>", self._menu_entry, add="+")
        for kind in ("TCheckbutton", "TRadiobutton"):
            for event in ("<KeyRelease-space>", "<ButtonRelease-1>"):
                root.bind_class(kind, event, self._pressed, add="+")
        for event in ("<<ComboboxSelected>>", "<<Increment>>", "<<Decrement>>"):
            root.bind_all(event, self._pressed, add="+")
        root.bind_class("Treeview", "<<TreeviewSelect>>", self._pressed, add="+")
        root.bind_class("TNotebook", "<<NotebookTabChanged>>", self._turned, add="+")
        root.bind_all(READ, self._read_on, add="+")

    def say(self, text: str) -> None:
        """Say something that happened, with all that happens at the same moment."""
        if text and self._wanted():
            self._say_soon()
            self._happened.append(text)

    def _say_soon(self) -> None:
        # Otherwise what comes second would be all that is heard.
        if not self._is_planned:
            self._is_planned = True
            self._root.after_idle(self._say_now)

    def _say_now(self) -> None:
        entered = "" if self._focus.startswith(self._entered) else self._entered
        if self._focus and self._page != self._last_page:
            self._last_page = self._page
            entered = f"{entered} {self._page}".strip()
        # How far it is matters no more once it is told how it ended.
        happened = self._happened or [self._progress]
        said = " ".join(filter(None, [*happened, entered, self._focus]))
        self._happened = []
        self._progress = self._entered = self._focus = ""
        self._is_planned = False
        if said:
            self._speak(said)

    def say_progress(self, text: str) -> None:
        """Say how far long work is, now and then."""
        now = time.monotonic()
        if self._wanted() and now - self._last_progress >= _PROGRESS_SECONDS:
            self._last_progress = now
            self._progress = text
            self._say_soon()

    def _focused(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if not self._wanted():
            return
        widget = event.widget
        # Tk's own dialogs have widgets of which Tkinter knows only the names.
        if isinstance(widget, str):
            said = _description_of_tk(self._root, widget)
        # The window itself gets such events of all that is in it.
        elif isinstance(widget, tkinter.Tk | tkinter.Toplevel | tkinter.Menu):
            return
        else:
            said = description(widget)
            self._page = _page_of(widget)
        self._say_soon()
        self._focus = said
        self._enter(str(self._root.tk.call("winfo", "toplevel", str(widget))))

    def _enter(self, window: str) -> None:
        """Say which window it is whose widgets have the focus from now on."""
        if window != self._dialog:
            self._dialog = window
            kind = str(self._root.tk.call("winfo", "class", window))
            if window != str(self._root) and kind not in ("ComboboxPopdown", "Menu"):
                self._entered = _dialog_text(self._root, window)

    def _read_on(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if isinstance(event.widget, tkinter.Text):
            self.say(_selected(event.widget))

    def _turned(self, event: tkinter.Event[tkinter.Misc]) -> None:
        # Where the focus goes to a field of the page, that is told with it.
        if event.widget is self._root.focus_get():
            self._pressed(event)

    def _pressed(self, event: tkinter.Event[tkinter.Misc]) -> None:
        widget = event.widget
        if isinstance(widget, tkinter.Misc):
            # After the widget's own binding has changed its state.
            widget.after_idle(lambda: self.say(description(widget)))

    def _menu_entry(self, event: tkinter.Event[tkinter.Misc]) -> None:
        # A menu of the menu bar is Tk's own copy, of which Tkinter knows only the name.
        entry = (str(event.widget), "entrycget", "active")
        with contextlib.suppress(tkinter.TclError):
            label, keys, state = (
                str(self._root.tk.call(*entry, option))
                for option in ("-label", "-accelerator", "-state")
            )
            now = strings.NOT_NOW if state == "disabled" else ""
            self.say(", ".join(part for part in (label, keys, now) if part))


def _selected(field: tkinter.Text) -> str:
    """Return the selected part of a text, its columns set apart by commas."""
    if not field.tag_ranges("sel"):
        return ""
    columns = field.get("sel.first", "sel.last").split("\t")
    return ", ".join(column for column in columns if column.strip(" •"))
