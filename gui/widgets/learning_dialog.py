"""A window that tells how far learning is, and then whether it helped."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import set_spoken_name
from .placement import place_over
from .run_bar import time_left
from .text_dialog import take_focus_back

if TYPE_CHECKING:
    from .theme import Theme

_MARGIN = "15p"
_GAP = "9p"
_WIDTH = "330p"


class LearningDialog(tkinter.Toplevel):
    """Shows progress, then a sentence, with the two things that may be done.

    Args:
        root: The window it belongs to.
        look: The colours.
        closed: Called when it is closed, by Escape or a button.

    Attributes:
        text: What it says.
        bar: How far learning is.
        first_button: Does what is offered: at the end, to use the new model.
        second_button: Ends it: to cancel, to keep the old model.
    """

    def __init__(
        self, root: tkinter.Tk, look: Theme, closed: Callable[[], None]
    ) -> None:
        super().__init__(root, background=look.colors.background)
        self.withdraw()
        self.title(strings.LEARN_TITLE)
        self.transient(root)
        self.resizable(False, False)
        frame = ttk.Frame(self, padding=_MARGIN)
        frame.pack(fill="both", expand=True)
        self.text = ttk.Label(
            frame, wraplength=self.winfo_pixels(_WIDTH), justify="left"
        )
        self.text.pack(anchor="w", fill="x")
        self.bar = ttk.Progressbar(frame, maximum=1.0, length=self.winfo_pixels(_WIDTH))
        set_spoken_name(self.bar, strings.PROGRESS)
        self.bar.pack(fill="x", pady=_GAP)
        buttons = ttk.Frame(frame)
        buttons.pack(anchor="e")
        self.first_button = ttk.Button(buttons)
        self.second_button = ttk.Button(
            buttons, text=strings.CANCEL, command=self.destroy
        )
        self.second_button.pack(side="right")
        self.bind("<Escape>", lambda _: self.destroy())

        def gone(event: tkinter.Event[tkinter.Misc]) -> None:
            if event.widget is self:
                take_focus_back(root)
                closed()

        self.bind("<Destroy>", gone)
        place_over(self, root)
        self.deiconify()
        self.second_button.focus_set()

    def show_progress(self, done: float, seconds_left: int | None) -> None:
        """Tell how far learning is."""
        said = strings.LEARNING
        if seconds_left is not None:
            said = f"{said} · {time_left(seconds_left)}"
        self.text.configure(text=said)
        self.bar.configure(value=done)

    def show_end(self, sentence: str, second: str = strings.CLOSE) -> None:
        """Tell what came of it; nothing more goes on.

        Args:
            sentence: What there is to say.
            second: What closing the window means now.
        """
        self.text.configure(text=sentence)
        self.bar.pack_forget()
        self.second_button.configure(text=second)

    def offer(self, words: str, command: Callable[[], None]) -> None:
        """Offer something to be done with one click."""
        self.first_button.configure(text=words, command=command)
        self.first_button.pack(side="right", padx=6)
        self.first_button.focus_set()
