"""What the window can do, each by menu and by key."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes:
        label: Its name, with an "&" before the letter that Alt picks.
        run: Does it.
        key: Its key: a letter, "Return" or "Escape".
        possible: Tells whether it makes sense right now.
    """

    label: str
    run: Callable[[], object]
    key: str
    possible: Callable[[], bool] = lambda: True

    def run_if_possible(self) -> None:
        """Do it, unless it makes no sense now."""
        if self.possible():
            self.run()


def plain(label: str) -> str:
    """Give a label as it is read, without the mark of its letter."""
    return label.replace("&", "")


def attach(root: tkinter.Tk, menus: Mapping[str, Sequence[Action]]) -> None:
    """Give a window its menu bar and its keys.

    Args:
        root: The window.
        menus: The actions of each menu, by the menu's label.
    """
    is_mac = root.tk.call("tk", "windowingsystem") == "aqua"
    modifier = "Command" if is_mac else "Control"
    bar = tkinter.Menu(root, tearoff=False)
    for label, actions in menus.items():
        menu = tkinter.Menu(bar, tearoff=False)
        menu.configure(postcommand=partial(_refresh, menu, actions))
        for action in actions:
            menu.add_command(
                label=plain(action.label),
                underline=action.label.index("&"),
                accelerator=_accelerator(action.key, is_mac),
                command=action.run_if_possible,
            )
            for sequence in _sequences(action.key, modifier):
                root.bind(sequence, partial(_run, action))
        bar.add_cascade(label=plain(label), underline=label.index("&"), menu=menu)
    root.configure(menu=bar)


def _run(action: Action, _: tkinter.Event[tkinter.Misc]) -> None:
    action.run_if_possible()


def _refresh(menu: tkinter.Menu, actions: Sequence[Action]) -> None:
    for index, action in enumerate(actions):
        state = "normal" if action.possible() else "disabled"
        menu.entryconfigure(index, state=state)


def _accelerator(key: str, is_mac: bool) -> str:
    if key == "Escape":
        return "Esc"
    name = {"Return": "Enter"}.get(key, key.upper())
    return f"Command-{name}" if is_mac else f"Ctrl+{name}"


def _sequences(key: str, modifier: str) -> list[str]:
    if key == "Escape":
        return ["<Escape>"]
    # Caps Lock makes a capital of the letter.
    keys = {key, key.upper()} if len(key) == 1 else {key}
    return [f"<{modifier}-{name}>" for name in sorted(keys)]
