"""A window in front of the first one: closed by Escape, all of it on the screen."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from tkinter import ttk

from .placement import limit_to_screen, place_over

_MARGIN = "12p"
_GAP = "6p"
_WRAPPED = "Wrapped.TButton"


class Dialog(tkinter.Toplevel):
    """A window that belongs to another one, and is never larger than the screen.

    Args:
        parent: The window it belongs to.
        title: Its title.
        closed: Called when it is closed.

    Attributes:
        body: Where its parts are.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        title: str,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        root = parent.nametowidget(".")
        super().__init__(parent, background=str(root.cget("background")))
        self.withdraw()
        self.title(title)
        self.transient(parent.winfo_toplevel())
        limit_to_screen(self)
        self._first = root
        self._asked: tuple[int, int] | None = None
        self.body = ttk.Frame(self, padding=_MARGIN)
        self.body.pack(fill="both", expand=True)
        self.bind("<Escape>", lambda _: self.destroy())

        def gone(event: tkinter.Event[tkinter.Misc]) -> None:
            if event.widget is self:
                # By force, because without a window manager nobody else would do it.
                root.after_idle(root.focus_force)
                closed()

        self.bind("<Destroy>", gone)
        self.bind("<Configure>", self._stay_on_screen)
        self._size = (1, 1)

    def appear(self, focus: tkinter.Misc) -> None:
        """Be seen near the corner of the first window.

        Args:
            focus: Which of its widgets has the keys.
        """
        self.place_anew()
        self.deiconify()
        focus.focus_set()

    def resize(self, size: tuple[str, str]) -> None:
        """Have a width and a height in Tk's lengths, or what the screen has of them."""
        asked = map(self.winfo_pixels, size)
        width, height = map(min, zip(asked, self.maxsize(), strict=True))
        self._asked = (width, height)
        self.geometry(f"{width}x{height}")

    def shrink(self) -> None:
        """Be as small as what is in it."""
        self._asked = None
        self.geometry("")

    @property
    def widest(self) -> int:
        """How wide what is in it may be on this screen, in pixels."""
        return self.maxsize()[0] - 2 * self.winfo_pixels(_MARGIN)

    def line_up(self, buttons: Sequence[ttk.Button], width: int) -> None:
        """Put buttons side by side from the right, or below each other.

        Args:
            buttons: The first one is the one at the right, or the lowest.
            width: The room there is for them, in pixels.
        """
        gap = self.winfo_pixels(_GAP)
        is_row = self.are_narrow(buttons, width)
        for number, button in enumerate(buttons):
            button.pack_forget()
            between = (0, gap if number else 0)
            if is_row:
                button.pack(side="right", padx=between)
                continue
            if button.winfo_reqwidth() > width:
                ttk.Style(self).configure(_WRAPPED, wraplength=width - 4 * gap)
                button.configure(style=_WRAPPED)
            button.pack(side="bottom", fill="x", pady=between)

    def are_narrow(self, buttons: Sequence[ttk.Button], width: int) -> bool:
        """Return whether buttons fit side by side into a width in pixels."""
        gap = self.winfo_pixels(_GAP)
        return sum(one.winfo_reqwidth() + gap for one in buttons) - gap <= width

    def place_anew(self) -> None:
        """Be where all of it is seen, once its size has changed."""
        place_over(self, self._first, self._asked)

    def _stay_on_screen(self, event: tkinter.Event[tkinter.Misc]) -> None:
        """Go back where all of it is seen, when it has grown."""
        size = (event.width, event.height)
        if event.widget is not self or size == self._size:
            return
        self._size = size
        right, bottom = self.winfo_screenwidth(), self.winfo_screenheight()
        if event.x + event.width > right or event.y + event.height > bottom:
            self.after_idle(self.place_anew)
