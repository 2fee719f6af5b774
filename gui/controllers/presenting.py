"""The picture alone on the whole screen; one after another, each caption read."""

from __future__ import annotations

import time
import tkinter
from typing import TYPE_CHECKING

from .. import strings
from ..widgets.layout import Layout

if TYPE_CHECKING:
    from ..session import Session
    from .appearance import Appearance
    from .browsing import Browsing
    from .speaking import Speaking

_LOOK_MILLISECONDS = 200
# Silent reading, slower than most people's, and a look at the picture.
_LETTERS_PER_SECOND = 15
_LOOK_SECONDS = 3.0


class Presenting:
    """Fills the screen with the picture and its caption, and shows picture by picture.

    Args:
        session: Whose pictures they are.
        root: The window.
        layout: What is out of sight meanwhile.
        appearance: How large captions are.
        browsing: The grid, which is left.
        speaking: What reads the captions aloud.

    Attributes:
        is_full: Whether the window fills the screen.
        is_showing: Whether one picture follows another by itself.
    """

    def __init__(
        self,
        session: Session,
        root: tkinter.Tk,
        layout: Layout,
        appearance: Appearance,
        browsing: Browsing,
        speaking: Speaking,
    ) -> None:
        self._session = session
        self._root = root
        self._layout = layout
        self._appearance = appearance
        self._browsing = browsing
        self._speaking = speaking
        self._menu = ""
        self._next_look: str | None = None
        self._has_begun = False
        self._enough = 0.0
        self.is_full = self.is_showing = False
        session.on("picture", self._begin)

    def fill_or_leave_screen(self) -> None:
        """Fill the screen, or leave that."""
        if self.is_full:
            self.leave()
        else:
            self._fill()

    def slide_show(self) -> None:
        """Show one picture after another, each caption read aloud; or end that."""
        if self.is_showing:
            self.leave()
            return
        self._fill()
        self.is_showing = True
        self._begin()
        self._look()

    def leave(self) -> None:
        """Have the window as it was."""
        self.close()
        if self.is_full:
            self.is_full = False
            # In this order; else the window would come back higher by its menu.
            self._root["menu"] = self._menu
            self._root.update_idletasks()
            self._root.attributes("-fullscreen", False)
            self._layout.show_only_picture(False)
            self._appearance.look.set_large_captions(False)
            self._session.say(strings.WINDOW_AGAIN)

    def close(self) -> None:
        """End the slide show."""
        if self.is_showing:
            self.is_showing = False
            self._speaking.player.stop()
        if self._next_look:
            self._root.after_cancel(self._next_look)
            self._next_look = None

    def _fill(self) -> None:
        if self.is_full:
            return
        self.is_full = True
        if self._browsing.as_grid.get():
            self._browsing.as_grid.set(False)
            self._browsing.grid_changed()
        self._menu = str(self._root.cget("menu"))
        self._root.attributes("-fullscreen", True)
        self._root["menu"] = ""
        self._layout.show_only_picture(True)
        self._appearance.look.set_large_captions(True)
        # A button that is out of sight must not get the keys.
        self._root.focus_set()
        self._session.say(strings.SCREEN_FILLED)

    def _begin(self) -> None:
        self._has_begun = False

    def _look(self) -> None:
        self._next_look = self._root.after(_LOOK_MILLISECONDS, self._look)
        session, speaking = self._session, self._speaking
        if not (session.text or session.problem) or self._layout.caption.is_editing:
            return
        now = time.monotonic()
        if not self._has_begun:
            self._has_begun = True
            letters = len(session.text_shown or session.problem)
            self._enough = now + _LOOK_SECONDS + letters / _LETTERS_PER_SECOND
            reads_itself = speaking.automatic.get() or speaking.self_voicing.get()
            if session.text and not reads_itself:
                speaking.player.speak(session.text_shown)
        elif not speaking.is_speaking and now > self._enough:
            self._go_on()

    def _go_on(self) -> None:
        album = self._session.album
        if album.index < len(album.shown) - 1:
            self._session.go_to(album.index + 1)
        else:
            self.leave()
            self._session.say(strings.SHOW_IS_OVER)
