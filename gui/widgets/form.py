"""Pages with fields below each other, their names in front of them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import font, ttk
from typing import NamedTuple

from ..services.narrator import set_spoken_name
from ..strings import without_mnemonic
from .scrolled_frame import ScrolledFrame

# How wide lists and numbers are, in letters.
_WIDTH = 30
_MARGIN = "12p"
_GAP = "4p"
_WIDE_GAP = "14p"
_WRAPPED_BOX, _WRAPPED_BUTTON = "Wrapped.TCheckbutton", "WrappedInForm.TButton"


class _Row(NamedTuple):
    widget: ttk.Combobox | ttk.Spinbox | ttk.Checkbutton | ttk.Button
    name: ttk.Label | None = None


class Form(ScrolledFrame):
    """Fields with their names: in two columns, or in one where the screen is narrow.

    Args:
        parent: The widget around it.
    """

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent, _MARGIN)
        self._rows: list[_Row] = []
        self._is_narrow = False
        self.inside.bind("<Configure>", lambda event: self._wrap(event.width), add="+")

    def add_choice(
        self,
        words: str,
        choices: list[str],
        chosen: str,
        command: Callable[[tkinter.Event[tkinter.Misc]], None],
    ) -> ttk.Combobox:
        """Let one of some words be chosen from a list."""
        name = ttk.Label(self.inside, text=words)
        box = ttk.Combobox(self.inside, values=choices, state="readonly")
        box.set(chosen)
        box.bind("<<ComboboxSelected>>", command, add="+")
        set_spoken_name(box, words)
        self._rows.append(_Row(box, name))
        return box

    def add_number(
        self, words: str, low: int, high: int, step: int, value: int
    ) -> ttk.Spinbox:
        """Let a number be written or stepped to."""
        name = ttk.Label(self.inside, text=words)
        box = ttk.Spinbox(self.inside, from_=low, to=high, increment=step)
        box.set(value)
        set_spoken_name(box, words)
        self._rows.append(_Row(box, name))
        return box

    def add_box(
        self, words: str, variable: tkinter.BooleanVar, command: Callable[[], None]
    ) -> ttk.Checkbutton:
        """Let something be ticked."""
        box = ttk.Checkbutton(
            self.inside,
            text=without_mnemonic(words),
            variable=variable,
            command=command,
        )
        self._rows.append(_Row(box))
        return box

    def add_button(self, words: str, command: Callable[[], None]) -> None:
        """Put a button below the fields."""
        button = ttk.Button(self.inside, text=words, command=command)
        self._rows.append(_Row(button))

    def arrange(self, is_narrow: bool) -> None:
        """Give all its place: names in front of the fields, or above them.

        Args:
            is_narrow: Whether they are above; what is still too wide goes on below.
        """
        self._is_narrow = is_narrow
        column = 0 if is_narrow else 1
        self.inside.columnconfigure(column, weight=1)
        self.inside.columnconfigure(1 - column, weight=0)
        for number, (widget, name) in enumerate(self._rows):
            row = 2 * number + (1 if is_narrow else 0)
            if name:
                above = (_GAP, 0) if is_narrow else _GAP
                gap = (0, 0 if is_narrow else self.winfo_pixels(_WIDE_GAP))
                name.configure(wraplength=0)
                name.grid(row=2 * number, column=0, sticky="w", padx=gap, pady=above)
                widget.configure(width=1 if is_narrow else _WIDTH)
                widget.grid(row=row, column=column, sticky="ew", pady=_GAP)
            elif isinstance(widget, ttk.Checkbutton):
                widget.configure(style=_WRAPPED_BOX if is_narrow else "TCheckbutton")
                span = 1 if is_narrow else 2
                widget.grid(row=row, columnspan=span, column=0, sticky="w", pady=_GAP)
            else:
                widget.configure(style=_WRAPPED_BUTTON if is_narrow else "TButton")
                widget.grid(row=row, column=column, sticky="w", pady=_GAP)
        self.fit()

    def _wrap(self, width: int) -> None:
        """Have names that are too wide go on below."""
        room = width - 2 * self.winfo_pixels(_MARGIN)
        # A page that was not seen yet has no width.
        if room <= 0 or not self._is_narrow:
            return
        line = font.nametofont("TkDefaultFont", self).metrics("linespace")
        # A box is about as wide as a line is high, and so are the edges of a button.
        for style in (_WRAPPED_BOX, _WRAPPED_BUTTON):
            ttk.Style(self).configure(style, wraplength=room - 3 * line)
        for _, name in self._rows:
            if name:
                name.configure(wraplength=room)
