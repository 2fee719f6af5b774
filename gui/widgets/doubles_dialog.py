"""Pictures that are there twice, side by side in a window of their own."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import dialog_strings, strings
from ..services.narrator import set_spoken_name
from ..strings import without_mnemonic
from . import theme
from .dialog import Dialog
from .picture_view import PictureView

if TYPE_CHECKING:
    from PIL import Image

    from ..services.background import Background

_SIZE = ("660p", "450p")
_SMALLEST = ("330p", "240p")
_GAP = "6p"


@dataclass(frozen=True)
class Shown:
    """One of two pictures, as it is shown.

    Attributes:
        path: Its file.
        picture: What is seen; `None` where it cannot be read.
        facts: Its size and date, or why it cannot be read.
    """

    path: Path
    picture: Image.Image | None
    facts: str


class DoublesDialog(Dialog):
    """Tells how far the search is, then shows one pair after another.

    Args:
        root: The window it belongs to.
        background: Where pictures are scaled.
        turned: Called with 1 for the next pair and -1 for the one before.
        opened: Called with 0 or 1: which of the pair is to be seen in the first window.
        taken_off: Called so with the one that is to go off the list.
        closed: Called when it is closed.

    Attributes:
        text: What it says of the search or of the pair.
        bar: How far the search is.
        sides: Both pictures.
    """

    def __init__(
        self,
        root: tkinter.Tk,
        background: Background,
        turned: Callable[[int], None],
        opened: Callable[[int], None],
        taken_off: Callable[[int], None],
        closed: Callable[[], None],
    ) -> None:
        super().__init__(root, dialog_strings.DOUBLES_TITLE, closed)
        self._is_large = False
        self.minsize(self._least_width, 1)
        frame = self.frame
        frame.columnconfigure((0, 1), weight=1, uniform="side")
        frame.rowconfigure(1, weight=1)
        self.text = ttk.Label(frame)
        self.text.grid(row=0, column=0, columnspan=2, sticky="w", pady=(0, _GAP))
        self.bar = ttk.Progressbar(
            frame, maximum=1.0, length=self.winfo_pixels(_SMALLEST[0])
        )
        set_spoken_name(self.bar, strings.PROGRESS)
        self.bar.grid(row=1, column=0, columnspan=2, sticky="new")
        self.sides = tuple(
            _Side(frame, column, background, opened, taken_off) for column in (0, 1)
        )
        self._buttons = ttk.Frame(frame)
        self._buttons.grid(row=4, columnspan=2, sticky="e", pady=(_GAP, 0))
        self._close = ttk.Button(
            self._buttons, text=strings.CANCEL, command=self.destroy
        )
        self._close.pack(side="right")
        self.next_button, self.previous_button = (
            ttk.Button(self._buttons, text=words, command=partial(turned, step))
            for words, step in ((dialog_strings.NEXT_PAIR, 1), (dialog_strings.PREVIOUS_PAIR, -1))
        )
        for key, step in (("Right", 1), ("Left", -1), ("Next", 1), ("Prior", -1)):
            self.bind(f"<{key}>", lambda _, step=step: turned(step))  # type: ignore[misc]
        self.appear(self._close)

    @property
    def _least_width(self) -> int:
        return min(self.winfo_pixels(_SMALLEST[0]), self.maxsize()[0])

    def show_progress(self, done: int, total: int) -> None:
        """Tell how many pictures are through."""
        self.text.configure(text=dialog_strings.COMPARING.format(done=done, total=total))
        self.bar.configure(value=done / max(1, total))

    def show_end(self, sentence: str) -> None:
        """Tell what came of it, where there are no pairs to be seen."""
        self._tell(sentence)
        if self._is_large:
            self._is_large = False
            self.minsize(self._least_width, 1)
            # As small as what is in it.
            self.geometry("")

    def _tell(self, sentence: str) -> None:
        self.bar.grid_remove()
        for side in self.sides:
            side.hide()
        for button in (self.next_button, self.previous_button):
            button.pack_forget()
        self.text.configure(text=sentence)
        self._close.configure(text=dialog_strings.CLOSE)

    def show_pair(self, sentence: str, pair: tuple[Shown, Shown]) -> None:
        """Show two pictures side by side.

        Args:
            sentence: How alike they are, and which pair it is.
            pair: The pictures.
        """
        self._tell(sentence)
        if not self._is_large:
            self._is_large = True
            self.resize(_SIZE)
            least = min(self.winfo_pixels(_SMALLEST[1]), self.maxsize()[1])
            self.minsize(self._least_width, least)
            self.place_anew()
        self.next_button.pack(side="right", padx=self.winfo_pixels(_GAP))
        self.previous_button.pack(side="right")
        for side, shown in zip(self.sides, pair, strict=True):
            side.show(shown)


class _Side:
    """One of the two pictures: seen, told of, and what can be done with it."""

    def __init__(
        self,
        parent: ttk.Frame,
        column: int,
        background: Background,
        opened: Callable[[int], None],
        taken_off: Callable[[int], None],
    ) -> None:
        gap = (_GAP, 0) if column else (0, _GAP)
        self.frame = ttk.Frame(parent)
        self.frame.grid(row=1, column=column, sticky="nsew", padx=gap)
        self.view = PictureView(self.frame, background, "")
        self.name = ttk.Label(self.frame)
        self.folder = ttk.Label(self.frame, style=theme.QUIET)
        self.facts = ttk.Label(self.frame, style=theme.QUIET)
        buttons = ttk.Frame(self.frame)
        self.open_button, self.take_off_button = (
            ttk.Button(
                buttons, text=without_mnemonic(words), command=partial(call, column)
            )
            for words, call in (
                (dialog_strings.SHOW_THIS, opened),
                (strings.TAKE_OFF, taken_off),
            )
        )
        self.open_button.pack(side="left")
        self.take_off_button.pack(side="left", padx=_GAP)
        # From below, so that the picture gets what is left.
        for widget in (buttons, self.facts, self.folder, self.name):
            widget.pack(side="bottom", anchor="w", fill="x", pady=(_GAP, 0))
        for label in (self.facts, self.folder, self.name):
            label.pack_configure(pady=0)
        self.view.pack(fill="both", expand=True)
        self.frame.grid_remove()

    def hide(self) -> None:
        self.frame.grid_remove()

    def show(self, shown: Shown) -> None:
        self.frame.grid()
        self.view.show(shown.picture)
        self.name.configure(text=shown.path.name)
        self.folder.configure(text=str(shown.path.parent))
        self.facts.configure(text=shown.facts)
        set_spoken_name(
            self.open_button, f"{dialog_strings.SHOW_THIS} {shown.path.name}, {shown.facts}"
        )
        set_spoken_name(self.take_off_button, f"{strings.TAKE_OFF} {shown.path.name}")
