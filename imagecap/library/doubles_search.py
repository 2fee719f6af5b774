"""Doubles looked for behind what a person sees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.library.upkeep import known_pictures

if TYPE_CHECKING:
    from imagecap.library.doubles import Doubles
    from imagecap.library.store import Library


class _Ended(Exception):  # noqa: N818 – a request, not an error
    """Nobody waits for the result any more."""


class DoublesSearch:
    """Looks for doubles in one thread, while others ask how far it is or end it.

    Args:
        pictures: The picture files; none for those of the library that are there.
        library: The library, if there is one.

    Attributes:
        done: How many pictures are through.
        total: How many there are in all.
        must_end: Whether nobody waits for the result any more; set by others.
    """

    def __init__(self, pictures: Sequence[Path], library: Library | None) -> None:
        self._pictures = pictures
        self._library = library
        self.done, self.total = 0, len(pictures)
        self.must_end = False

    def run(self) -> Doubles | None:
        """Find the pictures that are there several times; `None` if it was ended.

        Raises:
            LibraryError: If the library cannot be read.
        """
        from imagecap.library.doubles import find_doubles

        pictures = self._pictures
        if self._library and not pictures:
            known = known_pictures(self._library)
            pictures = [picture for picture in known if picture.is_file()]
            self.total = len(pictures)
        try:
            return find_doubles(pictures, self._seen)
        except _Ended:
            return None

    def _seen(self) -> None:
        if self.must_end:
            raise _Ended
        self.done += 1
