"""Light or dark, and the size of text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .. import strings
from ..services.dark_mode import system_is_dark
from ..widgets import theme
from ..widgets.colors import DARK
from ..widgets.layout import Layout
from ..widgets.placement import Place, is_maximized, place_of, put

if TYPE_CHECKING:
    import tkinter

    from ..session import Session

TEXT_SIZES = (75, 100, 125, 150, 200, 300)
"""The sizes of text to choose from, in percent."""
# The window does not wait longer for the system; behind the window there is time.
_PATIENCE_SECONDS, _LATER_SECONDS = 0.15, 10.0


class Appearance:
    """Gives the window the look that a person chooses.

    Args:
        session: Whose settings are followed.
        look: The colours and fonts.
    """

    def __init__(self, session: Session, look: theme.Theme) -> None:
        self._session = session
        self.look = look
        self._theme, self._text_size = "", 0
        self._apply()
        session.on("status", self._apply)

    def put(self, root: tkinter.Tk, layout: Layout) -> None:
        """Put the window and its sash where they were when it was closed last."""
        values = self._session.settings.values
        place = Place(*values.window_place) if values.window_place else None
        put(root, place, values.window_maximized)
        layout.room.thumbnail_height = values.thumbnail_height

    def remember_place(self, root: tkinter.Tk, layout: Layout) -> None:
        """Keep where the window and its sash are."""
        settings = self._session.settings
        settings.remember(
            window_place=place_of(root) or settings.values.window_place,
            window_maximized=is_maximized(root),
            thumbnail_height=layout.room.thumbnail_height,
        )

    def change_theme(self) -> None:
        """Be dark where it is light, and light where it is dark."""
        is_dark = self.look.colors is DARK
        self._session.settings.change(theme="light" if is_dark else "dark")
        self._session.say(strings.THEME_IS[not is_dark])

    def larger(self) -> None:
        """Have the next larger text."""
        now = self._session.settings.values.text_size
        sizes = [size for size in TEXT_SIZES if size > now]
        self._change_text_size(min(sizes, default=now))

    def smaller(self) -> None:
        """Have the next smaller text."""
        now = self._session.settings.values.text_size
        sizes = [size for size in TEXT_SIZES if size < now]
        self._change_text_size(max(sizes, default=now))

    def _change_text_size(self, percent: int) -> None:
        self._session.settings.change(text_size=percent)
        self._session.say(strings.TEXT_SIZE_IS.format(percent=percent))

    def _apply(self) -> None:
        values = self._session.settings.values
        if values.text_size != self._text_size:
            self._text_size = values.text_size
            self.look.set_text_size(values.text_size / 100)
        if values.theme != self._theme:
            self._theme = values.theme
            self._apply_theme()

    def _apply_theme(self) -> None:
        dark: bool | None = self._theme == "dark"
        if self._theme == "system":
            dark = system_is_dark(_PATIENCE_SECONDS)
            if dark is None:
                self._session.background.run(
                    partial(system_is_dark, _LATER_SECONDS),
                    self._apply_answer,
                    self._session.say,
                )
        self.look.set_dark(bool(dark))

    def _apply_answer(self, dark: bool | None) -> None:
        if dark and self._theme == "system":
            self.look.set_dark(True)
