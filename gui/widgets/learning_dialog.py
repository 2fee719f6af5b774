"""A window that tells how far learning is, and then whether it helped."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from .. import dialog_strings, strings
from ..services.narrator import set_spoken_name
from .dialog import Dialog
from .run_bar import time_left
from .scrolled_frame import ScrolledFrame

_GAP = "9p"
_WIDTH = "330p"


class LearningDialog(Dialog):
    """Shows progress, then a sentence, with the two things that may be done.

    Args:
        root: The window it belongs to.
        closed: Called when it is closed, by Escape or a button.

    Attributes:
        text: What it says.
        bar: How far learning is.
        first_button: Does what is offered: at the end, to use the new model.
        second_button: Ends it: to cancel, to keep the old model.
    """

    def __init__(self, root: tkinter.Tk, closed: Callable[[], None]) -> None:
        super().__init__(root, strings.LEARN_TITLE, closed)
        self.resizable(False, False)
        self._told = told = ScrolledFrame(self.body, "0")
        width = min(self.winfo_pixels(_WIDTH), self.widest)
        self.text = ttk.Label(told.inside, wraplength=width, justify="left")
        self.text.pack(anchor="w", fill="x")
        self.bar = ttk.Progressbar(told.inside, maximum=1.0, length=width)
        set_spoken_name(self.bar, strings.PROGRESS)
        self.bar.pack(fill="x", pady=_GAP)
        buttons = ttk.Frame(self.body)
        self.first_button = ttk.Button(buttons)
        self.second_button = ttk.Button(
            buttons, text=strings.CANCEL, command=self.destroy
        )
        self.line_up([self.second_button], self.widest)
        # First, so that they have their room on any screen.
        buttons.pack(side="bottom", anchor="e")
        told.pack(side="top", fill="both", expand=True)
        self.appear(self.second_button)

    def show_progress(self, done: float, seconds_left: int | None) -> None:
        """Tell how far learning is."""
        said = strings.LEARNING
        if seconds_left is not None:
            said = f"{said} · {time_left(seconds_left)}"
        self.text.configure(text=said)
        self.bar.configure(value=done)

    def show_end(self, sentence: str, second: str = dialog_strings.CLOSE) -> None:
        """Tell what came of it; nothing more goes on.

        Args:
            sentence: What there is to say.
            second: What closing the window means now.
        """
        self.text.configure(text=sentence)
        self.bar.pack_forget()
        # A longer line alone does not make it wider.
        self.update_idletasks()
        self._told.fit()
        # What was offered before is done.
        self.first_button.pack_forget()
        self.second_button.configure(text=second)
        self.line_up([self.second_button], self.widest)

    def offer(self, words: str, command: Callable[[], None]) -> None:
        """Offer something to be done with one click."""
        self.first_button.configure(text=words, command=command)
        self.line_up([self.second_button, self.first_button], self.widest)
        self.first_button.focus_set()
