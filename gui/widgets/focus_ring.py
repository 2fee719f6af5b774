"""One kind of ring around whatever has the focus, that of fields of text."""

from __future__ import annotations

from collections.abc import Sequence
from tkinter import ttk
from typing import Any

_EDGES = ("bordercolor", "lightcolor", "darkcolor")


def ring_buttons(
    style: ttk.Style, color: str, kinds: Sequence[str], box: str = ""
) -> None:
    """Give buttons a ring instead of Tk's dots, when they have the focus.

    Args:
        style: Of the theme "clam", or of one like it.
        color: The colour of the ring.
        kinds: The styles of the buttons.
        box: The style of boxes to tick, which have no edge as yet.
    """
    if box:
        layout = style.layout(box)
        if layout[0][0] != "Button.border":
            inside: Any = {"sticky": "nswe", "children": _without_dots(layout)}
            style.layout(box, [("Button.border", inside)])
        background = style.lookup(box, "background")
        edges = dict.fromkeys(_EDGES, background)
        style.configure(box, borderwidth=1, padding=(4, 2), **edges)
    for kind in (*kinds, *filter(None, [box])):
        style.configure(kind, relief="raised")
        for edge in _EDGES:
            usual: Any = style.map(kind, edge)
            without = [state for state in usual if "focus" not in state]
            states: Any = [("focus", "!disabled", color), *without]
            style.map(kind, None, **{edge: states})
        face: Any = style.map(kind, "background")
        style.map(kind, None, focuscolor=face)
        style.configure(kind, focuscolor=style.lookup(kind, "background"))


def _without_dots(layout: list[Any]) -> list[Any]:
    """Return a layout in which what is in the dotted ring stands without it."""
    plain: list[Any] = []
    for name, options in layout:
        inside = _without_dots(options.get("children", []))
        if name.endswith(".focus"):
            side = options.get("side", "left")
            plain += [(one, {**how, "side": side}) for one, how in inside]
        elif inside:
            plain.append((name, {**options, "children": inside}))
        else:
            plain.append((name, options))
    return plain
