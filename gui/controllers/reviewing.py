"""Many captions looked through, one after another: accepted, changed or left."""

from __future__ import annotations

import time
import tkinter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.counted import counted

from .. import strings
from ..widgets.review_bar import ReviewBar, duration

if TYPE_CHECKING:
    from imagecap.library.store import Library

    from ..session import Session

_TICK_MILLISECONDS = 1000


class Reviewing:
    """Goes through the pictures whose captions no person has seen, the unsure first.

    Args:
        session: Whose captions they are.
        root: The window, whose keys decide.
        bar: Shows how many are left and how long it takes.
    """

    def __init__(self, session: Session, root: tkinter.Tk, bar: ReviewBar) -> None:
        self._session = session
        self._root = root
        self._bar = bar
        self._before: Sequence[Path] = ()
        self._pictures: frozenset[Path] = frozenset()
        self._decided: dict[Path, str] = {}
        self._start = 0.0
        self._next_tick: str | None = None
        session.on("picture", self._follow)
        session.on("caption", self._take_note)

    @property
    def is_active(self) -> bool:
        """Whether a review is going on."""
        return bool(self._pictures)

    @property
    def left(self) -> int:
        """How many pictures are to be decided about."""
        return sum(one not in self._decided for one in self._session.album.shown)

    def can_start(self) -> bool:
        """Return whether there are pictures, and no review yet."""
        session = self._session
        return bool(session.kept.library and session.has_pictures()) and (
            not self.is_active
        )

    def start(self) -> None:
        """Begin with the pictures that are shown."""
        library, album = self._session.kept.library, self._session.album
        if library:
            before = album.shown or album.pictures
            self._session.background.run_in_order(
                partial(_to_review, library, before),
                partial(self._begin, before, album.openings),
                self._session.say,
            )

    def accept(self) -> None:
        """Find the caption right, and go on."""
        session = self._session
        picture, caption = session.picture, session.text
        if picture is None or (caption is None and not session.problem):
            # It is still being described.
            return
        if caption is None:
            self.skip()
            return
        if not session.is_human:
            session.write(picture, caption)
        kind = self._decided.get(picture, "accepted")
        self._go_on(strings.CAPTION_KINDS[kind])

    def skip(self) -> None:
        """Leave the caption as it is, and go on."""
        if self._session.picture:
            self._decided.setdefault(self._session.picture, "skipped")
            self._go_on(strings.CAPTION_KINDS["skipped"])

    def accept_written(self) -> None:
        """Go on from a caption that was written, in a review."""
        if self.is_active:
            self.accept()

    def end(self) -> None:
        """Show all pictures again, and say what was done."""
        if self.is_active:
            said = self._summary()
            self.close()
            self._session.show_only(self._before)
            self._session.say(said)

    def close(self) -> None:
        """End the review without a word."""
        self._pictures = frozenset()
        self._bar.grid_remove()
        if self._next_tick:
            self._bar.after_cancel(self._next_tick)
            self._next_tick = None

    def _begin(
        self, before: Sequence[Path], openings: int, pictures: Sequence[Path]
    ) -> None:
        if self._session.album.openings != openings or self.is_active:
            return
        if not pictures:
            self._session.say(strings.NOTHING_TO_REVIEW)
            return
        self._before, self._pictures = before, frozenset(pictures)
        self._decided = {}
        self._start = time.monotonic()
        self._session.show_only(pictures)
        self._session.go_to(0)
        self._bar.grid()
        self._tick()
        # Away from fields and buttons, which have keys of their own.
        self._root.focus_set()
        self._session.say(
            strings.REVIEW_BEGINS.format(captions=counted(len(pictures), "caption"))
        )

    def _go_on(self, said: str) -> None:
        """Look at the next picture that is not decided about."""
        album = self._session.album
        count = len(album.shown)
        following = (
            (album.index + step) % count
            for step in range(1, count + 1)
            if album.shown[(album.index + step) % count] not in self._decided
        )
        place = next(following, None)
        if place is None:
            self.end()
        else:
            # Heard before the next caption, and seen beside it.
            self._session.say(said)
            self._session.go_to(place)
            left = strings.LEFT_TO_REVIEW.format(left=self.left)
            self._session.say(f"{said} {left}", spoken=left)
            self._show()

    def _follow(self) -> None:
        """End a review of pictures that are no longer looked at."""
        picture = self._session.picture
        if self.is_active and picture not in self._pictures:
            self.close()
        else:
            self._take_note()

    def _take_note(self) -> None:
        """Count what a person says of the picture, or no longer says."""
        session, picture = self._session, self._session.picture
        if not (self.is_active and picture and session.kept.is_known(picture)):
            return
        human = session.kept.human(picture)
        if human is not None:
            is_said = any(one.text == human for one in session.candidates)
            self._decided[picture] = "accepted" if is_said else "edited"
        elif self._decided.get(picture) != "skipped":
            self._decided.pop(picture, None)
        self._show()

    def _tick(self) -> None:
        self._show()
        self._next_tick = self._bar.after(_TICK_MILLISECONDS, self._tick)

    def _show(self) -> None:
        if self.is_active:
            total = len(self._session.album.shown)
            seconds = time.monotonic() - self._start
            self._bar.show(self.left, total, seconds)

    def _summary(self) -> str:
        kinds = list(self._decided.values())
        counts = [
            strings.REVIEWED[kind].format(count=kinds.count(kind))
            for kind in strings.REVIEWED
            if kind in kinds
        ]
        seconds = time.monotonic() - self._start
        return strings.REVIEW_DONE.format(
            captions=counted(len(kinds), "caption"),
            time=duration(seconds),
            counts=", ".join(counts) or strings.NOTHING_DONE,
        )


def _to_review(library: Library, pictures: Sequence[Path]) -> list[Path]:
    from imagecap.library.review import in_review_order

    return in_review_order(library, pictures)
