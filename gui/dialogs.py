"""Windows that only tell something: the keys, about, pictures that failed."""

from __future__ import annotations

import platform
import tkinter
from collections.abc import Sequence
from pathlib import Path
from tkinter import ttk
from typing import TYPE_CHECKING

from . import strings
from .actions import Menus, shortcuts
from .narration import name

if TYPE_CHECKING:
    from .theme import Theme

_SIZE = ("420p", "330p")
_MARGIN = "12p"
_OFFSET = "30p"


class Told(tkinter.Toplevel):
    """A window with a text to be read, closed by Escape.

    Args:
        root: The window it belongs to.
        look: The colours.
        title: Its title.
        text: What it tells.
    """

    def __init__(self, root: tkinter.Tk, look: Theme, title: str, text: str) -> None:
        super().__init__(root, background=look.colors.background)
        self.withdraw()
        self.title(title)
        self.transient(root)
        width, height = (self.winfo_pixels(length) for length in _SIZE)
        self.geometry(
            f"{min(width, root.winfo_screenwidth())}"
            f"x{min(height, root.winfo_screenheight())}"
        )
        place_over(self, root)
        frame = ttk.Frame(self, padding=_MARGIN)
        frame.pack(fill="both", expand=True)
        self.text = tkinter.Text(
            frame,
            wrap="word",
            relief="flat",
            borderwidth=0,
            highlightthickness=2,
            padx=6,
            pady=6,
            font="TkDefaultFont",
            tabs=(self.winfo_pixels("110p"),),
        )
        look.paint_text(self.text)
        self.text.insert("1.0", text)
        self.text.configure(state="disabled")
        name(self.text, title)
        bar = ttk.Scrollbar(frame, command=self.text.yview, takefocus=False)
        self.text.configure(yscrollcommand=bar.set)
        close = ttk.Button(frame, text=strings.CLOSE, command=self.destroy)
        close.pack(side="bottom", anchor="e", pady=(6, 0))
        bar.pack(side="right", fill="y")
        self.text.pack(side="left", fill="both", expand=True)
        self.bind("<Escape>", lambda _: self.destroy())
        self.bind("<Destroy>", lambda event: self._closed(root, event))
        self.deiconify()
        self.text.focus_set()

    def _closed(self, root: tkinter.Tk, event: tkinter.Event[tkinter.Misc]) -> None:
        if event.widget is self:
            take_focus_back(root)


def place_over(dialog: tkinter.Toplevel, root: tkinter.Tk) -> None:
    """Put a window near the corner of the first one, where nobody else places it."""
    offset = root.winfo_pixels(_OFFSET)
    dialog.geometry(f"+{root.winfo_rootx() + offset}+{root.winfo_rooty() + offset}")


def take_focus_back(root: tkinter.Tk) -> None:
    """Have the keys in the first window again, once another one is gone."""
    # By force, because without a window manager nobody else would do it.
    root.after_idle(root.focus_force)


def tell_keys(root: tkinter.Tk, look: Theme, menus: Menus) -> Told:
    """List every key, menu by menu."""
    lines = []
    for menu, keys in shortcuts(menus):
        lines += [menu, *(f"{key}\t{label}" for key, label in keys), ""]
    lines += [strings.MORE_KEYS]
    return Told(root, look, strings.KEYS_TITLE, "\n".join(lines))


def tell_about(root: tkinter.Tk, look: Theme, model: Path | None) -> Told:
    """Tell the versions, and the card of the model."""
    import PIL

    import imagecap

    lines = [
        strings.ABOUT.format(version=imagecap.__version__),
        "",
        f"Python {platform.python_version()}, Tk {root.tk.call('info', 'patchlevel')}, "
        f"Pillow {PIL.__version__}",
        "",
    ]
    if model:
        from imagecap.bundle import MODEL_CARD

        try:
            card = (model / MODEL_CARD).read_text(encoding="utf-8", errors="replace")
        except OSError:
            card = strings.NO_MODEL_CARD
        lines += [strings.MODEL_IN.format(folder=model), "", card]
    return Told(root, look, strings.ABOUT_TITLE, "\n".join(lines))


def tell_failed(
    root: tkinter.Tk, look: Theme, failed: Sequence[tuple[Path, str]]
) -> Told:
    """List the pictures that could not be captioned, each with its reason."""
    lines = [reason for _, reason in failed] or [strings.NONE_FAILED]
    return Told(root, look, strings.FAILED_TITLE, "\n\n".join(lines))
