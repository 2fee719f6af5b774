"""Pages with fields below each other, their names in front of them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from ..services.narrator import set_spoken_name
from ..strings import without_mnemonic

# How wide lists and numbers are, in letters.
_WIDTH = 30
_GAP = "4p"


def add_choice(
    page: ttk.Frame,
    words: str,
    choices: list[str],
    chosen: str,
    command: Callable[[tkinter.Event[tkinter.Misc]], None],
) -> ttk.Combobox:
    """Let one of some words be chosen from a list."""
    box = ttk.Combobox(page, values=choices, state="readonly", width=_WIDTH)
    box.set(chosen)
    box.bind("<<ComboboxSelected>>", command, add="+")
    _place(box, words)
    return box


def add_number(
    page: ttk.Frame, words: str, low: int, high: int, step: int, value: int
) -> ttk.Spinbox:
    """Let a number be written or stepped to."""
    box = ttk.Spinbox(page, from_=low, to=high, increment=step, width=_WIDTH)
    box.set(value)
    _place(box, words)
    return box


def add_box(
    page: ttk.Frame,
    words: str,
    variable: tkinter.BooleanVar,
    command: Callable[[], None],
) -> ttk.Checkbutton:
    """Let something be ticked."""
    box = ttk.Checkbutton(
        page, text=without_mnemonic(words), variable=variable, command=command
    )
    _place(box)
    return box


def add_button(page: ttk.Frame, words: str, command: Callable[[], None]) -> None:
    """Put a button below the fields."""
    _place(ttk.Button(page, text=words, command=command), column=1)


def _place(widget: ttk.Widget, words: str = "", column: int = 0) -> None:
    """Put a widget below those of its page, beside the words that name it."""
    page = widget.master
    row = page.grid_size()[1]
    if words:
        ttk.Label(page, text=words).grid(
            row=row, column=0, sticky="w", padx=(0, 18), pady=_GAP
        )
        set_spoken_name(widget, words)
        widget.grid(row=row, column=1, sticky="ew", pady=_GAP)
    else:
        widget.grid(
            row=row, column=column, columnspan=2 - column, sticky="w", pady=_GAP
        )
