"""How the height of the window is divided: the picture first, the rest as it fits."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .theme import Theme, magnification
from .thumbnail_strip import USUAL_HEIGHT

if TYPE_CHECKING:
    from .candidate_list import CandidateList
    from .caption_editor import CaptionEditor
    from .sash import Sash
    from .thumbnail_strip import ThumbnailStrip

# Lengths in points, so that they are the same on every screen.
# Where the window is lower, the caption is smaller.
_LITTLE_HEIGHT = "260p"
# How much of the height the picture keeps where the strip and other captions are in
# sight; more where text is large, for then these take more; and where only the buttons
# are left, which the menus have, too.
_LARGE_TEXT = 2.0
_SHARE_WITH_STRIP, _SHARE_WITH_LARGE_TEXT, _SHARE_WITH_CANDIDATES = 0.34, 0.5, 0.31
_SHARE_WITH_BUTTONS = 0.15
# Heights of thumbnails, in pixels of an ordinary screen; between them are steps, so
# that few have to be made anew while the sash is drawn.
_STEP, _LEAST, _MOST = 12, 36, 240


@dataclass(frozen=True)
class Parts:
    """What the picture shares the height with.

    Attributes:
        top: What is above it.
        caption: Its caption.
        buttons: What can be done with that.
        candidates: The other captions.
        sash: The handle above the strip.
        strip: The thumbnails.
        bars: Lines that are there at times.
        foot: The line at the foot, as it is with one line of text.
        gaps: What is between all these, in pixels.
    """

    top: tkinter.Widget
    caption: CaptionEditor
    buttons: tkinter.Widget
    candidates: CandidateList
    sash: Sash
    strip: ThumbnailStrip
    bars: Sequence[tkinter.Widget]
    foot: tkinter.Widget
    gaps: int


class Room:
    """Has parts in sight where enough height is left for the picture.

    Args:
        look: The size of text.
        parts: What is in the window, each in its place.

    Attributes:
        strip_is_wanted: Whether there are pictures to go through, and no grid.
        is_searching: Whether the field above the picture is needed.
        is_bare: Whether only picture, caption and foot are to be seen.
        thumbnail_height: How high thumbnails are to be, in pixels of an ordinary
            screen; where there is less room they are smaller.
    """

    def __init__(self, look: Theme, parts: Parts) -> None:
        self._look = look
        self._parts = parts
        self._height = 1
        self.strip_is_wanted = self.is_searching = self.is_bare = False
        self.thumbnail_height = USUAL_HEIGHT
        self._start = 0
        parts.sash.pressed = self._begin
        parts.sash.dragged = self._drag

    def divide(self, height: int) -> None:
        """Show what there is room for.

        Args:
            height: The height of the window's inside, in pixels.
        """
        self._height = height
        parts = self._parts
        parts.caption.be_small(height < parts.caption.winfo_pixels(_LITTLE_HEIGHT))
        room = height - parts.gaps
        for part in (parts.top, parts.caption, parts.buttons, parts.foot):
            room -= part.winfo_reqheight()
        bars = [bar.winfo_reqheight() for bar in parts.bars if bar.winfo_manager()]
        has_buttons = room - sum(bars) >= _SHARE_WITH_BUTTONS * height
        if not has_buttons:
            room += parts.buttons.winfo_reqheight()
        has_top = room >= 0 or self.is_searching
        if not has_top:
            room += parts.top.winfo_reqheight()
        _see(parts.top, has_top and not self.is_bare)
        _see(parts.buttons, has_buttons and not self.is_bare)
        # A caption of two lines is usual; with a shorter one nothing is to jump.
        room -= max(0, parts.caption.usual_height - parts.caption.winfo_reqheight())
        room -= self._divide_strip(room, height)
        is_large = self._look.text_size >= _LARGE_TEXT
        share = _SHARE_WITH_LARGE_TEXT if is_large else _SHARE_WITH_CANDIDATES
        rows = parts.candidates.rows_in(int(room - share * height))
        parts.candidates.limit(rows)
        _see(parts.candidates, rows > 0 and not self.is_bare)

    def _divide_strip(self, room: int, height: int) -> int:
        """Show thumbnails as large as there is room for; return what they take."""
        parts = self._parts
        scale = magnification(parts.strip)
        now = round(parts.strip.thumbnail_height * scale)
        around = parts.strip.winfo_reqheight() - now + parts.sash.winfo_reqheight()
        is_large = self._look.text_size >= _LARGE_TEXT
        share = _SHARE_WITH_LARGE_TEXT if is_large else _SHARE_WITH_STRIP
        fitting = int((room - around - share * height) / scale) // _STEP * _STEP
        shown = min(self.thumbnail_height, fitting)
        has_strip = shown >= _LEAST and self.strip_is_wanted and not self.is_bare
        _see(parts.sash, has_strip)
        _see(parts.strip, has_strip)
        if not has_strip:
            return 0
        parts.strip.resize(shown)
        return around + round(shown * scale)

    def has_strip(self) -> bool:
        """Return whether thumbnails are in sight."""
        return bool(self._parts.strip.winfo_manager())

    def resize_thumbnails(self, steps: int) -> int:
        """Have larger or smaller thumbnails, as far as there is room.

        Args:
            steps: How many steps larger; negative for smaller.

        Returns:
            Their height now, in percent of the usual one.
        """
        self._want(self._parts.strip.thumbnail_height + steps * _STEP)
        return round(100 * self.thumbnail_height / USUAL_HEIGHT)

    def _begin(self) -> None:
        self._start = self._parts.strip.thumbnail_height

    def _drag(self, up: int) -> None:
        up = round(up / magnification(self._parts.strip))
        self._want((self._start + up) // _STEP * _STEP)

    def _want(self, height: int) -> None:
        self.thumbnail_height = max(_LEAST, min(_MOST, height))
        self.divide(self._height)
        # What has no room now is not waited for.
        self.thumbnail_height = self._parts.strip.thumbnail_height


def _see(part: tkinter.Widget, is_seen: bool) -> None:
    """Have a part in its place, or out of sight."""
    if is_seen == bool(part.winfo_manager()):
        return
    if is_seen:
        part.grid()
    else:
        part.grid_remove()
