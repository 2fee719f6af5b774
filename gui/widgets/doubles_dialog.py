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
from .scrolled_frame import ScrolledFrame

if TYPE_CHECKING:
    from PIL import Image

    from ..services.background import Background

_SIZE = ("660p", "450p")
_SMALLEST = ("330p", "240p")
_LEAST_PICTURE = "90p"
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
        self.text = ttk.Label(self.body, wraplength=self.widest)
        self.bar = ttk.Progressbar(self.body, maximum=1.0, length=self._least_width)
        set_spoken_name(self.bar, strings.PROGRESS)
        self._pairs = ScrolledFrame(self.body, "0", fills=True)
        self.sides = tuple(
            _Side(self, self._pairs.inside, number, background, opened, taken_off)
            for number in (0, 1)
        )
        foot = ttk.Frame(self.body)
        self._close = ttk.Button(foot, text=strings.CANCEL, command=self.destroy)
        self.line_up([self._close], self.widest)
        self.next_button, self.previous_button = (
            ttk.Button(foot, text=words, command=partial(turned, step))
            for words, step in (
                (dialog_strings.NEXT_PAIR, 1),
                (dialog_strings.PREVIOUS_PAIR, -1),
            )
        )
        for key, step in (("Right", 1), ("Left", -1), ("Next", 1), ("Prior", -1)):
            self.bind(f"<{key}>", lambda _, step=step: turned(step))  # type: ignore[misc]
        self.text.pack(side="top", anchor="w", pady=(0, _GAP))
        self.bar.pack(side="top", fill="x")
        # First, so that it has its room on any screen.
        foot.pack(side="bottom", anchor="e", pady=(_GAP, 0))
        self.appear(self._close)

    @property
    def _least_width(self) -> int:
        return min(self.winfo_pixels(_SMALLEST[0]), self.maxsize()[0])

    def show_progress(self, done: int, total: int) -> None:
        """Tell how many pictures are through."""
        self.text.configure(
            text=dialog_strings.COMPARING.format(done=done, total=total)
        )
        self.bar.configure(value=done / max(1, total))

    def show_end(self, sentence: str) -> None:
        """Tell what came of it, where there are no pairs to be seen."""
        self._tell(sentence)
        if self._is_large:
            self._is_large = False
            self.minsize(self._least_width, 1)
            self.shrink()

    def _tell(self, sentence: str) -> None:
        self.bar.pack_forget()
        self._pairs.pack_forget()
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
        buttons = [self._close, self.next_button, self.previous_button]
        # A key goes back, too.
        fits = self.are_narrow(buttons, self.widest)
        self.line_up(buttons if fits else buttons[:2], self.widest)
        for side, shown in zip(self.sides, pair, strict=True):
            side.show(shown)
        self._arrange_sides()
        self._pairs.pack(side="top", fill="both", expand=True)
        self._pairs.fit()

    def _arrange_sides(self) -> None:
        """Have them side by side, or below each other where the screen is narrow."""
        inside, gap = self._pairs.inside, self.winfo_pixels(_GAP)
        width = min(self.widest, self.winfo_pixels(_SIZE[0]) - 4 * gap)
        half = (width - gap) // 2
        is_narrow = max(side.least_width for side in self.sides) > half
        inside.columnconfigure(0, weight=1, uniform="side")
        inside.rowconfigure(0, weight=1)
        for number, side in enumerate(self.sides):
            side.fit(width if is_narrow else half)
            between = (gap if number else 0, 0)
            if is_narrow:
                side.frame.grid(row=number, column=0, sticky="nsew", pady=between)
            else:
                inside.columnconfigure(number, weight=1, uniform="side")
                side.frame.grid(row=0, column=number, sticky="nsew", padx=between)


class _Side:
    """One of the two pictures: seen, told of, and what can be done with it."""

    def __init__(
        self,
        dialog: Dialog,
        parent: ttk.Frame,
        number: int,
        background: Background,
        opened: Callable[[int], None],
        taken_off: Callable[[int], None],
    ) -> None:
        self._dialog = dialog
        self.frame = ttk.Frame(parent)
        self.view = PictureView(self.frame, background, "")
        self.view.configure(height=dialog.winfo_pixels(_LEAST_PICTURE))
        self.name = ttk.Label(self.frame)
        self.folder = ttk.Label(self.frame, style=theme.QUIET)
        self.facts = ttk.Label(self.frame, style=theme.QUIET)
        buttons = ttk.Frame(self.frame)
        self.open_button, self.take_off_button = (
            ttk.Button(
                buttons, text=without_mnemonic(words), command=partial(call, number)
            )
            for words, call in (
                (dialog_strings.SHOW_THIS, opened),
                (strings.TAKE_OFF, taken_off),
            )
        )
        # From below, so that the picture gets what is left.
        for widget in (buttons, self.facts, self.folder, self.name):
            widget.pack(side="bottom", anchor="w", pady=(_GAP, 0))
        for label in (self.facts, self.folder, self.name):
            label.pack_configure(pady=0)
        self.view.pack(fill="both", expand=True)

    @property
    def least_width(self) -> int:
        """How wide its widest button is, in pixels."""
        buttons = (self.open_button, self.take_off_button)
        return max(button.winfo_reqwidth() for button in buttons)

    def fit(self, width: int) -> None:
        """Have its buttons side by side if they fit into a width in pixels."""
        self._dialog.line_up([self.take_off_button, self.open_button], width)

    def show(self, shown: Shown) -> None:
        self.view.show(shown.picture)
        self.name.configure(text=shown.path.name)
        self.folder.configure(text=str(shown.path.parent))
        self.facts.configure(text=shown.facts)
        set_spoken_name(
            self.open_button,
            f"{dialog_strings.SHOW_THIS} {shown.path.name}, {shown.facts}",
        )
        set_spoken_name(self.take_off_button, f"{strings.TAKE_OFF} {shown.path.name}")
