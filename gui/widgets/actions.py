"""What the window can do, each by menu and by key."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from tkinter import ttk

from ..strings import without_mnemonic


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes:
        label: Its name, with an "&" before the letter that Alt picks.
        run: Does it.
        key: Its key as people write it, "Ctrl+Shift+S"; empty for an entry of a list
            that has no key of its own.
        possible: Tells whether it makes sense right now.
        variable: What it turns on and off, or one of whose values it chooses.
        value: The value it chooses; `None` where it turns something on and off.
        while_typing: Whether the key also works where text is being written.
        also: Other keys that do the same.
    """

    label: str
    run: Callable[[], object]
    key: str = ""
    possible: Callable[[], bool] = lambda: True
    variable: tkinter.Variable | None = None
    value: object = None
    while_typing: bool = True
    also: tuple[str, ...] = ()

    def run_if_possible(self) -> bool:
        """Do it, unless it makes no sense now; tell which."""
        possible = self.possible()
        if possible:
            self.run()
        return possible


@dataclass(frozen=True)
class Submenu:
    """A menu inside a menu, whose entries may change.

    Attributes:
        label: Its name, with an "&" before the letter that Alt picks.
        entries: Gives the entries as they are now.
    """

    label: str
    entries: Callable[[], Sequence[Action]]


SEPARATOR = None
_CONTEXT_MENU = "context"
Entry = Action | Submenu | None
Menus = Mapping[str, Sequence[Entry]]


def shortcuts(menus: Menus) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """List the keys: each menu's name with the keys and names of its actions."""
    for label, entries in menus.items():
        actions: list[Action] = []
        for entry in entries:
            if isinstance(entry, Submenu):
                actions += entry.entries()
            elif entry:
                actions.append(entry)
        yield (
            without_mnemonic(label),
            [
                (action.key, without_mnemonic(action.label))
                for action in actions
                if action.key
            ],
        )


def attach(root: tkinter.Tk, menus: Menus) -> None:
    """Give a window its menu bar and its keys.

    Args:
        root: The window.
        menus: What each menu holds, by the menu's label.
    """
    bar = tkinter.Menu(root, tearoff=False, name="menu")
    for number, (label, entries) in enumerate(menus.items()):
        menu = tkinter.Menu(bar, tearoff=False, name=f"menu{number}")
        menu.configure(postcommand=partial(_refresh, menu, entries))
        for entry in entries:
            _add_entry(menu, entry, root)
            if isinstance(entry, Action):
                _bind(root, entry)
            elif isinstance(entry, Submenu):
                for action in entry.entries():
                    _bind(root, action)
        bar.add_cascade(
            label=without_mnemonic(label), underline=label.index("&"), menu=menu
        )
    root.configure(menu=bar)


def context_menu(root: tkinter.Tk, entries: Sequence[Entry]) -> tkinter.Menu:
    """Make the menu of something that is clicked with the other button.

    Args:
        root: The window.
        entries: What can be done with it.
    """
    menu = tkinter.Menu(root, tearoff=False, name=_CONTEXT_MENU, relief="raised")
    for entry in entries:
        _add_entry(menu, entry, root)
    _refresh(menu, entries)
    for index, entry in enumerate(entries):
        if entry:
            # The letters are those of other menus.
            menu.entryconfigure(index, underline=-1)
    return menu


def is_typing(widget: tkinter.Misc | None) -> bool:
    """Return whether keys write text into a widget."""
    if isinstance(widget, tkinter.Text):
        return str(widget.cget("state")) == "normal"
    return isinstance(widget, tkinter.Entry | ttk.Entry | ttk.Spinbox)


def _add_entry(menu: tkinter.Menu, entry: Entry, root: tkinter.Misc) -> None:
    if isinstance(entry, Action):
        _add(menu, entry, root)
    elif isinstance(entry, Submenu):
        inner = tkinter.Menu(menu, tearoff=False)
        inner.configure(postcommand=partial(_fill, inner, entry.entries, root))
        menu.add_cascade(
            label=without_mnemonic(entry.label),
            underline=entry.label.index("&"),
            menu=inner,
        )
    else:
        menu.add_separator()


def _add(menu: tkinter.Menu, action: Action, root: tkinter.Misc) -> None:
    label = action.label.replace("&", "", 1)
    common = {
        "label": label,
        "underline": action.label.index("&"),
        "accelerator": _accelerator(action.key, root),
        "command": action.run_if_possible,
    }
    if action.variable is None:
        menu.add_command(**common)  # type: ignore[arg-type]
    elif action.value is None:
        menu.add_checkbutton(variable=action.variable, **common)  # type: ignore[arg-type]
    else:
        menu.add_radiobutton(
            variable=action.variable,
            value=action.value,
            **common,  # type: ignore[arg-type]
        )


def _fill(
    menu: tkinter.Menu, entries: Callable[[], Sequence[Action]], root: tkinter.Misc
) -> None:
    menu.delete(0, "end")
    actions = entries()
    for action in actions:
        _add(menu, action, root)
    _refresh(menu, actions)


def _refresh(menu: tkinter.Menu, entries: Sequence[Entry]) -> None:
    for index, entry in enumerate(entries):
        if isinstance(entry, Action):
            state = "normal" if entry.possible() else "disabled"
            menu.entryconfigure(index, state=state)
        elif entry:
            state = "normal" if entry.entries() else "disabled"
            menu.entryconfigure(index, state=state)


def _bind(root: tkinter.Tk, action: Action) -> None:
    for key in (action.key, *action.also):
        for sequence in _sequences(key, _is_mac(root)):
            root.bind(sequence, partial(_run, root, action))


def _run(
    root: tkinter.Tk, action: Action, event: tkinter.Event[tkinter.Misc]
) -> str | None:
    focused = root.focus_get()
    if is_typing(focused) and (not action.while_typing or event.keysym == "space"):
        return None
    presses = event.keysym in ("space", "Return", "KP_Enter")
    if presses and isinstance(focused, ttk.Button | ttk.Checkbutton):
        return None
    if action.variable is not None and action.value is None:
        # Tk turns the variable itself only where the menu is used.
        if action.possible():
            turned = not root.getboolean(root.getvar(str(action.variable)))
            root.setvar(str(action.variable), str(int(turned)))
            action.run()
        return "break"
    return "break" if action.run_if_possible() else None


def _is_mac(widget: tkinter.Misc) -> bool:
    return bool(widget.tk.call("tk", "windowingsystem") == "aqua")


def _accelerator(key: str, widget: tkinter.Misc) -> str:
    return key.replace("Ctrl", "Command") if _is_mac(widget) else key


_TK_NAMES = {
    "Ctrl": "Control",
    "Esc": "Escape",
    "Enter": "Return",
    "PageDown": "Next",
    "PageUp": "Prior",
    "+": "plus",
    "-": "minus",
    ",": "comma",
    "Space": "space",
    "Backspace": "BackSpace",
}


def _sequences(key: str, is_mac: bool) -> list[str]:
    """Translate "Ctrl+Shift+S" into Tk's own words for it."""
    if not key:
        return []
    *modifiers, last = key.removesuffix("+").split("+")
    last = "+" if key.endswith("+") else last
    modifiers = [name for name in modifiers if name]
    names = [_TK_NAMES.get(name, name) for name in modifiers]
    if is_mac:
        names = ["Command" if name == "Control" else name for name in names]
    keys = [_TK_NAMES.get(last, last)]
    if len(last) == 1 and last.isalpha():
        # Caps Lock makes a capital of the letter, Shift always does.
        capital_only = "Shift" in names
        keys = [last.upper()] if capital_only else [last.lower(), last.upper()]
        if capital_only:
            keys.append(last.lower())
    elif last.isdigit():
        keys = [f"Key-{last}", *([f"KP_{last}"] if not names else [])]
    elif last == "+":
        # On many keyboards plus is on the key of "=".
        keys = ["plus", "equal", "KP_Add"]
    elif last == "-":
        keys = ["minus", "KP_Subtract"]
    return [f"<{'-'.join([*names, name])}>" for name in keys]
