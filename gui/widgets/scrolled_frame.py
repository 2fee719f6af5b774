"""A frame that can be scrolled where it has not the height for all that is in it."""

from __future__ import annotations

import tkinter
from functools import partial
from tkinter import ttk

# Fields whose own wheel changes what is chosen in them.
_WITH_WHEEL = ("TCombobox", "TSpinbox")


class ScrolledFrame(ttk.Frame):
    """Scrolls up and down, by itself to whatever gets the focus.

    Args:
        parent: The widget around it.
        padding: The room around what is inside, in Tk's lengths.
        fills: Whether what is inside is as high as the frame where it could be lower;
            then `fit` is called when something has changed in it.

    Attributes:
        inside: Where the widgets are.
        bar: The scroll bar, in sight where it is of use.
    """

    def __init__(self, parent: tkinter.Misc, padding: str, fills: bool = False) -> None:
        super().__init__(parent)
        self._fills = fills
        self._canvas = tkinter.Canvas(
            self, borderwidth=0, highlightthickness=0, takefocus=False
        )
        self.bar = ttk.Scrollbar(self, command=self._canvas.yview, takefocus=False)
        self.inside = ttk.Frame(self._canvas, padding=padding)
        self._item = self._canvas.create_window(0, 0, anchor="nw", window=self.inside)
        self._canvas.configure(yscrollcommand=self._scrolled)
        self._canvas.pack(side="left", fill="both", expand=True)
        self._canvas.bind("<Configure>", lambda _: self._stretch())
        self.inside.bind("<Configure>", lambda _: self.fit())
        self.bind("<<ThemeChanged>>", lambda _: self._paint())
        self._paint()
        window = self.winfo_toplevel()
        window.bind("<FocusIn>", self._follow, add="+")
        for sequence, act in (
            ("<Button-4>", partial(self._turn, -1)),
            ("<Button-5>", partial(self._turn, 1)),
            ("<MouseWheel>", self._turn_wheel),
            ("<Prior>", lambda _: self._page(-1)),
            ("<Next>", lambda _: self._page(1)),
        ):
            window.bind(sequence, act, add="+")

    def fit(self) -> None:
        """Ask for the room of all that is inside."""
        width, height = self.inside.winfo_reqwidth(), self.inside.winfo_reqheight()
        self._canvas.configure(
            width=width, height=height, scrollregion=(0, 0, width, height)
        )
        self._stretch()

    def _stretch(self) -> None:
        canvas = self._canvas
        canvas.itemconfigure(self._item, width=canvas.winfo_width())
        if self._fills:
            height = max(canvas.winfo_height(), self.inside.winfo_reqheight())
            canvas.itemconfigure(self._item, height=height)

    def _paint(self) -> None:
        self._canvas.configure(
            background=ttk.Style(self).lookup("TFrame", "background")
        )

    def _scrolled(self, start: float, end: float) -> None:
        self.bar.set(start, end)
        fits = float(start) <= 0 and float(end) >= 1
        if fits and self.bar.winfo_manager():
            self.bar.pack_forget()
        elif not (fits or self.bar.winfo_manager()):
            self.bar.pack(side="right", fill="y", before=self._canvas)

    def _follow(self, event: tkinter.Event[tkinter.Misc]) -> None:
        """Have what gets the focus in sight."""
        widget = event.widget
        if not self._is_inside(widget) or not self.bar.winfo_manager():
            return
        top = widget.winfo_rooty() - self.inside.winfo_rooty()
        bottom = top + widget.winfo_height()
        whole, shown = self.inside.winfo_height(), self._canvas.winfo_height()
        first = self._canvas.canvasy(0)
        if top < first or bottom > first + shown:
            # With some room around it, or its beginning where it is higher than that.
            wanted = min(top, (top + bottom - shown) / 2)
            self._canvas.yview_moveto(max(0.0, wanted / max(1, whole)))

    def _turn_wheel(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self._turn(-1 if event.delta > 0 else 1, event)

    def _turn(self, direction: int, event: tkinter.Event[tkinter.Misc]) -> None:
        """Follow the wheel of the mouse."""
        widget = event.widget
        if not self._is_inside(widget) or not self.bar.winfo_manager():
            return
        if widget.winfo_class() not in _WITH_WHEEL:
            self._canvas.yview_scroll(direction, "units")

    def _page(self, direction: int) -> None:
        if self.winfo_viewable() and self.bar.winfo_manager():
            self._canvas.yview_scroll(direction, "pages")

    def _is_inside(self, widget: tkinter.Misc | str) -> bool:
        # Of the list of a combobox, Tkinter knows only the name.
        return not isinstance(widget, str) and str(widget).startswith(str(self.inside))
