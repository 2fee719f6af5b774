"""Small signs on thumbnails: captioned, edited, accepted, failed."""

from __future__ import annotations

import tkinter
from typing import TYPE_CHECKING

from . import theme
from .colors import Colors

if TYPE_CHECKING:
    from PIL import ImageTk

_SIZE = 15
_STROKE = 2
# In shares of the sign: a tick, and a pencil from its point.
_TICK = (0.24, 0.54, 0.43, 0.72, 0.77, 0.30)
_PENCIL = (0.26, 0.74, 0.74, 0.26)
_EXCLAMATION = ((0.5, 0.22, 0.5, 0.58), (0.5, 0.72, 0.5, 0.80))
_DOT = (0.3, 0.3, 0.7, 0.7)


def corner(
    photo: ImageTk.PhotoImage | None, right: int, bottom: int, size: tuple[int, int]
) -> tuple[int, int]:
    """Return the lower right corner of a thumbnail in the middle of its place.

    Args:
        photo: The thumbnail, if it is there.
        right: The right edge of its place.
        bottom: The lower edge of its place.
        size: Width and height of its place.
    """
    if photo is None:
        return right, bottom
    return (
        right - (size[0] - photo.width()) // 2,
        bottom - (size[1] - photo.height()) // 2,
    )


def draw_mark(
    canvas: tkinter.Canvas, mark: str, right: int, bottom: int, colors: Colors
) -> None:
    """Draw how far a picture is; nothing where nothing is known.

    Each has a shape of its own, for those who do not tell the colours apart.

    Args:
        canvas: Where the thumbnail is.
        mark: "captioned", "edited", "accepted", "failed" or nothing.
        right: The right edge of the thumbnail's place.
        bottom: Its lower edge.
        colors: The colours of the look.
    """
    if not mark:
        return
    scale = theme.magnification(canvas)
    size, stroke = _SIZE * scale, max(1, round(_STROKE * scale))
    left, top = right - size, bottom - size
    fill = {"accepted": colors.accent, "failed": colors.unlikely}.get(
        mark, colors.background
    )
    line = colors.on_accent if mark in ("accepted", "failed") else colors.text
    canvas.create_oval(
        left, top, right, bottom, fill=fill, outline=colors.background, tags="mark"
    )

    def draw(shares: tuple[float, ...]) -> None:
        points = [
            (top if number % 2 else left) + share * size
            for number, share in enumerate(shares)
        ]
        canvas.create_line(*points, fill=line, width=stroke, tags="mark")

    if mark == "accepted":
        draw(_TICK)
    elif mark == "edited":
        draw(_PENCIL)
    elif mark == "failed":
        for part in _EXCLAMATION:
            draw(part)
    else:
        first, second, third, fourth = _DOT
        canvas.create_oval(
            left + first * size,
            top + second * size,
            left + third * size,
            top + fourth * size,
            fill=colors.quiet,
            outline="",
            tags="mark",
        )
