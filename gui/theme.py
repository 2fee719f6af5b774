"""How the window looks: ttkbootstrap where it is installed, else Tk's own look."""

from __future__ import annotations

import sys
import tkinter
from tkinter import font, ttk

try:
    import ttkbootstrap
except ImportError:
    ttkbootstrap = None  # type: ignore[assignment]

CAPTION = "Caption.TLabel"
PROBLEM = "Problem.TLabel"
QUIET = "Quiet.TLabel"
INVITATION = "Invitation.TLabel"


def create_root() -> tkinter.Tk:
    """Create the window, styled but not shown yet.

    Raises:
        tkinter.TclError: If there is no screen.
    """
    if ttkbootstrap:
        root: tkinter.Tk = ttkbootstrap.App(
            theme="bootstrap-light", iconphoto=None, alpha=None, className="Imagecap"
        )
        # ttkbootstrap takes Space away from buttons: give Tk's own binding back.
        root.tk.call("bind", "TButton", "<space>", "ttk::button::activate %W")
        # It draws the box when it first makes such a widget; the window uses plain ttk.
        ttkbootstrap.Checkbutton(root).destroy()
        quiet = str(ttkbootstrap.Style.get_instance().colors.secondary)
    else:
        _see_true_pixels()
        root = tkinter.Tk(className="Imagecap")
        if root.tk.call("tk", "windowingsystem") == "x11":
            ttk.Style(root).theme_use("clam")
        quiet = "#595959"
    root.withdraw()
    _define_styles(root, quiet)
    return root


def emphasize(button: ttk.Button) -> None:
    """Mark the one button of a window that matters most."""
    if ttkbootstrap:
        ttkbootstrap.apply_bootstyle(button, "primary")


def magnification(widget: tkinter.Misc) -> float:
    """Tell how many pixels of this screen make one of an ordinary screen."""
    return widget.winfo_fpixels("1i") / 96


def _define_styles(root: tkinter.Tk, quiet: str) -> None:
    style = ttk.Style(root)
    background = style.lookup("TFrame", "background")
    foreground = style.lookup("TLabel", "foreground")
    root.configure(background=background)
    default = font.nametofont("TkDefaultFont", root=root).actual()
    family, size = default["family"], default["size"]
    style.configure(CAPTION, font=(family, round(size * 1.8)))
    style.configure(PROBLEM, font=(family, round(size * 1.2)))
    style.configure(QUIET, foreground=quiet)
    style.configure(INVITATION, foreground=quiet, font=(family, round(size * 1.4)))
    for option, value in {
        "*Menu.background": background,
        "*Menu.foreground": foreground,
        "*Menu.relief": "flat",
        "*Menu.Menu.relief": "raised",
        "*Menu.borderWidth": 1,
        "*Menu.activeBorderWidth": 1,
    }.items():
        root.option_add(option, value)


def _see_true_pixels() -> None:
    """Keep Windows from blurring the window on screens of high density."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shcore.SetProcessDpiAwareness(1)
