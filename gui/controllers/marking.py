"""How far each picture in sight is: captioned, edited, accepted, failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..widgets.layout import Layout

if TYPE_CHECKING:
    from imagecap.library.store import Library

    from ..session import Session
    from .captioning import Captioning

_LOOK_MILLISECONDS = 500


class Marking:
    """Looks now and then at what the library knows of the pictures in sight.

    Whoever has changed something there, a run, a person or another window, need not
    tell.

    Args:
        session: Whose pictures they are.
        captioning: Knows which could not be read.
        layout: Where they are seen.
    """

    def __init__(
        self, session: Session, captioning: Captioning, layout: Layout
    ) -> None:
        self._session = session
        self._captioning = captioning
        self._layout = layout
        self._is_looking = False
        self._look_later()

    def close(self) -> None:
        """Look no more."""
        self._layout.body.after_cancel(self._next_look)

    def _look(self) -> None:
        library = self._session.kept.library
        shown = (self._layout.strip, self._layout.grid)
        pictures = [one for each in shown for one in each.in_sight]
        if library and pictures and not self._is_looking:
            self._is_looking = True
            self._session.background.run_in_order(
                partial(_marks, library, pictures), self._show, self._fail
            )
        self._look_later()

    def _look_later(self) -> None:
        self._next_look = self._layout.body.after(_LOOK_MILLISECONDS, self._look)

    def _show(self, marks: Mapping[Path, str]) -> None:
        self._is_looking = False
        failed = dict.fromkeys(self._captioning.failed, "failed")
        known = {one: marks[one] or failed.get(one, "") for one in marks}
        for each in (self._layout.strip, self._layout.grid):
            each.mark(known)

    def _fail(self, reason: str) -> None:
        # Told where it matters: when something is to be read or kept.
        self._is_looking = False


def _marks(library: Library, pictures: Sequence[Path]) -> dict[Path, str]:
    return {entry.picture: entry.mark for entry in library.entries(pictures)}
