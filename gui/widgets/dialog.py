"""A window in front of the first one: closed by Escape, all of it on the screen."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from .placement import limit_to_screen, place_over

_MARGIN = "12p"


class Dialog(tkinter.Toplevel):
    """A window that belongs to another one, and is never larger than the screen.

    Args:
        parent: The window it belongs to.
        title: Its title.
        closed: Called when it is closed.

    Attributes:
        frame: Where its parts are.
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
        self.frame = ttk.Frame(self, padding=_MARGIN)
        self.frame.pack(fill="both", expand=True)
        self.bind("<Escape>", lambda _: self.destroy())

        def gone(event: tkinter.Event[tkinter.Misc]) -> None:
            if event.widget is self:
                # By force, because without a window manager nobody else would do it.
                root.after_idle(root.focus_force)
                closed()

        self.bind("<Destroy>", gone)

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
        width, height = map(self.winfo_pixels, size)
        widest, highest = self.maxsize()
        self.geometry(f"{min(width, widest)}x{min(height, highest)}")

    def place_anew(self) -> None:
        """Be where all of it is seen, once its size has changed."""
        place_over(self, self._first)
