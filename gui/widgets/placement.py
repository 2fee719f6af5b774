"""Where windows are on the screen, and how large."""

from __future__ import annotations

import re
import tkinter
from typing import NamedTuple

from .theme import magnification

# Lengths in points, so that they are the same on every screen.
_SIZE = ("690p", "570p")
# What a desktop's panel, the frame around the window and its menu take of the height.
_PANEL, _FRAME = "36p", "45p"
# How high the title on a frame is, more or less, and how wide its sides are at most.
_TITLE, _SIDE = "18p", "12p"
# How far a dialog is from the corner of the first window.
_OFFSET = "30p"
_GEOMETRY = re.compile(r"(\d+)x(\d+)\+(-?\d+)\+(-?\d+)")


class Place(NamedTuple):
    """A window on the screen, in pixels of an ordinary screen.

    Attributes:
        width: The width of what is inside its frame.
        height: The same, without the menu.
        left: Where its frame begins.
        top: Where its frame begins.
    """

    width: int
    height: int
    left: int
    top: int


def put(root: tkinter.Tk, place: Place | None, maximized: bool) -> None:
    """Give a window its size, and its place, where all of it can be seen.

    Args:
        root: The window.
        place: Where it was before; without it the system finds a place.
        maximized: Whether it fills the screen.
    """
    frame = root.winfo_pixels(_FRAME)
    right, bottom = root.winfo_screenwidth(), root.winfo_screenheight()
    if place is None:
        width, height = (root.winfo_pixels(length) for length in _SIZE)
        panel = root.winfo_pixels(_PANEL)
        root.geometry(f"{min(width, right)}x{min(height, bottom - frame - panel)}")
    else:
        first, top, right, bottom = _screens(root)
        wide, high, left, upper = (round(one * magnification(root)) for one in place)
        width, height = min(wide, right - first), min(high, bottom - top - frame)
        left = max(first, min(left, right - width))
        top = max(top, min(upper, bottom - height - frame))
        root.geometry(f"{width}x{height}+{left}+{top}")
    if maximized:
        _maximize(root)


def keep_on_screen(root: tkinter.Tk, least: tuple[int, int]) -> None:
    """Have all of a window on the screen, though its menu has become higher.

    Args:
        root: The window.
        least: How small a person may make it, in pixels; less on a small screen.
    """
    root.update_idletasks()
    width, height = root.winfo_width(), root.winfo_height()
    room = root.winfo_screenheight() - root.winfo_pixels(_TITLE) - _menu_height(root)
    root.minsize(min(least[0], root.winfo_screenwidth()), min(least[1], room))
    if height > room and not (is_maximized(root) or root.attributes("-fullscreen")):
        root.geometry(f"{width}x{room}+{max(0, root.winfo_x())}+0")


def place_of(root: tkinter.Tk) -> Place | None:
    """Tell where a window is; `None` where the system has given it its size."""
    if is_maximized(root) or root.attributes("-fullscreen"):
        return None
    found = _GEOMETRY.fullmatch(root.geometry())
    if found is None:
        return None
    width, height, left, top = map(int, found.groups())
    right = root.winfo_rootx() - left
    down = root.winfo_rooty() - top - _menu_height(root)
    side, title = root.winfo_pixels(_SIDE), root.winfo_pixels(_TITLE)
    # Until a window is moved, Tk may not know where the desktop has put its frame, only
    # where the inside of it is; then a usual frame is taken for granted.
    if not (0 <= right <= side and 0 <= down <= 2 * title):
        left, top = left + right, top + down - title
    known = (width, height, left, top)
    return Place(*(round(one / magnification(root)) for one in known))


def limit_to_screen(dialog: tkinter.Toplevel) -> None:
    """Let a dialog never be larger than the screen, with the title on its frame."""
    title = dialog.winfo_pixels(_TITLE)
    dialog.maxsize(dialog.winfo_screenwidth(), dialog.winfo_screenheight() - title)


def place_over(
    dialog: tkinter.Toplevel, root: tkinter.Tk, size: tuple[int, int] | None = None
) -> None:
    """Put a dialog near the corner of the first window, where all of it is seen.

    Args:
        dialog: The dialog.
        root: The first window.
        size: Its width and height, where they are not those of what is in it.
    """
    dialog.update_idletasks()
    offset, title = root.winfo_pixels(_OFFSET), root.winfo_pixels(_TITLE)
    first, upper, right, bottom = _screens(root)
    width, height = size or (dialog.winfo_reqwidth(), dialog.winfo_reqheight())
    widest, highest = dialog.maxsize()
    right -= min(widest, width)
    bottom -= min(highest, height) + title
    left = max(first, min(root.winfo_rootx() + offset, right))
    top = max(upper, min(root.winfo_rooty() + offset, bottom))
    dialog.geometry(f"+{left}+{top}")


def is_maximized(root: tkinter.Tk) -> bool:
    """Tell whether a window fills the screen."""
    if root.tk.call("tk", "windowingsystem") == "x11":
        return bool(root.attributes("-zoomed"))
    return root.state() == "zoomed"


def _screens(root: tkinter.Tk) -> tuple[int, int, int, int]:
    """Tell where all screens together begin and end: left, top, right and bottom."""
    # Several may lie around the first one; one of them may be gone.
    left, top = root.winfo_vrootx(), root.winfo_vrooty()
    right = max(root.winfo_screenwidth(), left + root.winfo_vrootwidth())
    return (
        left,
        top,
        right,
        max(root.winfo_screenheight(), top + root.winfo_vrootheight()),
    )


def _menu_height(root: tkinter.Tk) -> int:
    """Tell how high the bar of menus is where it is in the window."""
    # Tk shows a copy of the menu, of which Tkinter knows nothing.
    bar = str(root.cget("menu")).replace(".", ".#")
    there = bar and root.getboolean(root.tk.call("winfo", "exists", bar))
    return int(root.tk.call("winfo", "height", bar)) if there else 0


def _maximize(root: tkinter.Tk) -> None:
    if root.tk.call("tk", "windowingsystem") == "x11":
        root.attributes("-zoomed", True)
    else:
        # It must be shown for that; Tk does it itself.
        root.state("zoomed")
