"""Light or dark, and the size of text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..services.dark_mode import system_is_dark
from ..widgets import theme

if TYPE_CHECKING:
    from ..window import Window

# The window does not wait longer for the system; behind the window there is time.
_PATIENCE_SECONDS, _LATER_SECONDS = 0.15, 10.0
_SIZES = (75, 100, 125, 150, 200, 300)


class Appearance:
    """Takes on the looks that a person chooses.

    Args:
        window: The window it belongs to.

    Attributes:
        look: The colours and fonts now.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        values = window.settings.values
        self.look = theme.Theme(window.root)
        self.look.set_text_size(values.text_size / 100)
        self._choose_theme()

    def change_theme(self) -> None:
        """Be dark where it is light, and light where it is dark."""
        is_dark = self.look.colors is theme.DARK
        self._window.settings.change(theme="light" if is_dark else "dark")

    def larger(self) -> None:
        """Have the next larger text."""
        now = self._window.settings.values.text_size
        sizes = [size for size in _SIZES if size > now]
        self._window.settings.change(text_size=min(sizes, default=now))

    def smaller(self) -> None:
        """Have the next smaller text."""
        now = self._window.settings.values.text_size
        sizes = [size for size in _SIZES if size < now]
        self._window.settings.change(text_size=max(sizes, default=now))

    def take_on(self, changed: set[str]) -> None:
        """Follow the settings.

        Args:
            changed: The names of those that have changed.
        """
        values = self._window.settings.values
        if "text_size" in changed:
            self.look.set_text_size(values.text_size / 100)
        if "theme" in changed:
            self._choose_theme()
        if changed & {"text_size", "theme"}:
            self._repaint()

    def _choose_theme(self) -> None:
        chosen = self._window.settings.values.theme
        dark: bool | None = chosen == "dark"
        if chosen == "system":
            dark = system_is_dark(_PATIENCE_SECONDS)
            if dark is None:
                self._window.background.run(
                    partial(system_is_dark, _LATER_SECONDS),
                    self._take_answer,
                    self._window.note,
                )
        self.look.set_dark(bool(dark))

    def _take_answer(self, dark: bool | None) -> None:
        if dark and self._window.settings.values.theme == "system":
            self.look.set_dark(True)
            self._repaint()

    def _repaint(self) -> None:
        parts = self._window.parts
        parts.caption.repaint()
        parts.strip.repaint()
        parts.paint_menus(self.look)
