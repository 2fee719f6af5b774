"""Light or dark, and the size of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import theme

if TYPE_CHECKING:
    from .window import Window

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
        self.look.set_mode(values.theme)

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
        values, parts = self._window.settings.values, self._window.parts
        if "text_size" in changed:
            self.look.set_text_size(values.text_size / 100)
        if "theme" in changed:
            self.look.set_mode(values.theme)
        if changed & {"text_size", "theme"}:
            parts.caption.repaint()
            parts.strip.repaint()
            parts.paint_menus(self.look)
