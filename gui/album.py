"""The pictures that are open, in order, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """Where a picture is; `None` where it is not.

    Attributes:
        all: Among all that are open.
        shown: Among those shown.
    """

    all: int | None
    shown: int | None


class Album:
    """Pictures in order with a place among them.

    Attributes:
        pictures: All that are open.
        shown: Those of them that the search lets through, or what it has found in the
            library; the place is among these.
        index: The place; -1 where there is no picture.
        openings: How often pictures have been opened.
    """

    def __init__(self) -> None:
        self.pictures: Sequence[Path] = ()
        self.shown: Sequence[Path] = ()
        self.index = -1
        self.openings = 0

    @property
    def current(self) -> Path | None:
        """The picture looked at."""
        return self.shown[self.index] if self.index >= 0 else None

    def open(self, pictures: Iterable[Path]) -> None:
        """Have other pictures and look at the first."""
        self.openings += 1
        self.pictures = self.shown = tuple(dict.fromkeys(pictures))
        self.index = 0 if self.shown else -1

    def show_only(self, pictures: Sequence[Path]) -> None:
        """Go only through some pictures; keep the place where possible."""
        current = self.current
        self.shown = tuple(pictures)
        if current in self.shown:
            self.index = self.shown.index(current)
        else:
            self.index = 0 if self.shown else -1

    def take_off(self, picture: Path) -> None:
        """Have a picture no longer, and look at the one after it if it is looked at."""
        place = self.shown.index(picture) if picture in self.shown else len(self.shown)
        self.pictures = tuple(one for one in self.pictures if one != picture)
        self.shown = tuple(one for one in self.shown if one != picture)
        self.go_to(self.index - (place < self.index))

    def places_of(self, picture: Path) -> Places:
        """Tell where a picture is."""
        return Places(_place(picture, self.pictures), _place(picture, self.shown))

    def put_back(self, picture: Path, places: Places) -> None:
        """Have a picture again where it was; look on at the same one."""
        current = self.current
        self.pictures = _with(picture, self.pictures, places.all)
        self.shown = _with(picture, self.shown, places.shown)
        self.index = self.shown.index(current) if current else -1

    def go_to(self, index: int) -> bool:
        """Look at a picture by its place, the nearest there is; tell if it changed."""
        former, last = self.index, len(self.shown) - 1
        self.index = max(0, min(index, last)) if self.shown else -1
        return self.index != former

    def neighbours(self, ahead: int) -> list[Path]:
        """Return the pictures around the present one, those most likely next first.

        Args:
            ahead: How many in each direction.
        """
        around = []
        for distance in range(1, ahead + 1):
            for place in (self.index + distance, self.index - distance):
                if 0 <= place < len(self.shown):
                    around.append(self.shown[place])
        return around


def _place(picture: Path, pictures: Sequence[Path]) -> int | None:
    return pictures.index(picture) if picture in pictures else None


def _with(picture: Path, pictures: Sequence[Path], place: int | None) -> Sequence[Path]:
    if place is None or picture in pictures:
        return pictures
    return (*pictures[:place], picture, *pictures[place:])
