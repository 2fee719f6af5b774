"""The colours of the window, light and dark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colors:
    """The colours of a look, as "#rrggbb"; each pair read together passes WCAG AA."""

    background: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    doubtful: str
    unlikely: str
    field: str


LIGHT = Colors(
    background="#ffffff",
    text="#212529",
    quiet="#5a6066",
    accent="#0a58ca",
    on_accent="#ffffff",
    doubtful="#a15c00",
    unlikely="#c22b3a",
    field="#ffffff",
)
DARK = Colors(
    background="#212529",
    text="#f1f3f5",
    quiet="#b4bbc2",
    accent="#6ea8fe",
    on_accent="#10141a",
    doubtful="#ffb454",
    unlikely="#ff8a8f",
    field="#262b30",
)
