"""Boxes to tick that are as large as the text beside them."""

from __future__ import annotations

from tkinter import ttk
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageTk

if TYPE_CHECKING:
    from .colors import Colors

# Drawn larger and made small, so that edges are smooth.
_FINENESS = 8
_STATES = ("disabled selected", "disabled", "selected", "")


class TickBoxes:
    """Draws the boxes of a style, each size and look once.

    Args:
        style: Whose boxes they are; the theme's own have one size only.
    """

    def __init__(self, style: ttk.Style) -> None:
        self._style = style
        # Tk drops pictures that nobody keeps.
        self._kept: dict[str, list[ImageTk.PhotoImage]] = {}

    def draw(self, kind: str, side: int, colors: Colors) -> None:
        """Give boxes a size.

        Args:
            kind: Their style.
            side: How wide and high they are, in pixels.
            colors: The colours of the look.
        """
        theme = self._style.theme_use()
        name = f"{theme}{side}.indicator"
        if name not in self._kept:
            photos = [_photo(side, state, colors) for state in _STATES]
            self._kept[name] = photos
            states: Any = zip(_STATES[:-1], photos[:-1], strict=True)
            # Tkinter's own words for this differ from those of its stubs.
            call: Any = self._style.element_create
            call(name, "image", photos[-1], *((s, p) for s, p in states), sticky="w")
        layout: Any = self._style.layout(kind)
        self._style.layout(kind, _with_indicator(layout, name))


def _photo(side: int, state: str, colors: Colors) -> ImageTk.PhotoImage:
    large = side * _FINENESS
    line = max(1, round(side / 14)) * _FINENESS
    picture = Image.new("RGBA", (large, large))
    draw = ImageDraw.Draw(picture)
    is_ticked = "selected" in state
    color = colors.accent if is_ticked else colors.quiet
    if "disabled" in state:
        color += "80"
    draw.rounded_rectangle(
        (0, 0, large - 1, large - 1),
        radius=large // 6,
        outline=color,
        fill=color if is_ticked else colors.field,
        width=line,
    )
    if is_ticked:
        tick = ((0.24, 0.52), (0.43, 0.70), (0.77, 0.32))
        draw.line(
            [(round(x * large), round(y * large)) for x, y in tick],
            fill=colors.on_accent,
            width=round(1.6 * line),
            joint="curve",
        )
    return ImageTk.PhotoImage(picture.resize((side, side), Image.Resampling.BOX))


def _with_indicator(layout: list[Any], name: str) -> list[Any]:
    """Return a layout in which the box is another one."""
    changed: list[Any] = []
    for part, how in layout:
        inside = how.get("children")
        if inside:
            how = {**how, "children": _with_indicator(inside, name)}
        changed.append((name if part.endswith(".indicator") else part, how))
    return changed
