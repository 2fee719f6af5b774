"""What people say of pictures: known to the window at once, kept behind it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagecap.library.store import Library

    from .background import Background


class KeptCaptions:
    """Keeps what people say of pictures in the library, without a wait.

    What is written counts at once, and goes on to count for this window where it could
    not be kept. The library itself is used only off the window's thread: what writes
    and what must see that goes by `Background.run_in_order`.

    Args:
        background: Where the library is used.
        failed: Called with a sentence, where something cannot be read or kept.

    Attributes:
        opened: The library once it is open, `None` where that is impossible; to be
            waited for in other threads only.
    """

    def __init__(self, background: Background, failed: Callable[[str], None]) -> None:
        self._background = background
        self._failed = failed
        self.opened: Future[Library | None] = Future()
        self._known: dict[Path, str | None] = {}
        # By numbers, since the same may be written twice.
        self._unkept: dict[Path, tuple[int, str | None]] = {}
        self._numbers = itertools.count()

    @property
    def library(self) -> Library | None:
        """The library, to be used in other threads; `None` where there is none yet."""
        return self.opened.result() if self.opened.done() else None

    def open(self, damaged: Callable[[Path], None]) -> None:
        """Open the library.

        Args:
            damaged: Called where it was damaged, with the file that now holds it.
        """

        def tell(set_aside: Path | None) -> None:
            if set_aside:
                damaged(set_aside)

        self._background.run_in_order(partial(_open, self.opened), tell, self._failed)

    def close(self) -> None:
        """Close the library, after all that is to be written."""
        self._background.run_in_order(
            partial(_close, self.opened), lambda _: None, self._failed
        )

    def is_known(self, picture: Path) -> bool:
        """Tell whether it is known what a person says of a picture, if anything."""
        return picture in self._unkept or picture in self._known

    def human(self, picture: Path) -> str | None:
        """Return what a person says of a picture, if anything."""
        if picture in self._unkept:
            return self._unkept[picture][1]
        return self._known.get(picture)

    def look_up(self, pictures: Sequence[Path], done: Callable[[], None]) -> None:
        """Find out what people say of pictures.

        Args:
            pictures: The picture files.
            done: Called when it is known.
        """

        def learn(found: Mapping[Path, str | None]) -> None:
            self._known.update(found)
            done()

        def fail(reason: str) -> None:
            self._failed(reason)
            learn(dict.fromkeys(pictures) | self._known)

        self._background.run_in_order(
            partial(_human_captions, self.opened, pictures), learn, fail
        )

    def keep_human(self, picture: Path, caption: str | None) -> None:
        """Have a person say something of a picture; `None` takes it back."""
        library = self.library
        if library:
            number = next(self._numbers)
            self._unkept[picture] = (number, caption)
            self._background.run_in_order(
                partial(library.keep_human, picture, caption),
                lambda _: self._kept(number, picture, caption),
                self._failed,
            )

    def learn(self, captions: Mapping[Path, str]) -> None:
        """Take note of captions that have been kept in another way."""
        self._known.update(captions)

    def forget(self) -> None:
        """Know nothing more of pictures but what could not be kept."""
        self._known.clear()

    def _kept(self, number: int, picture: Path, caption: str | None) -> None:
        self._known[picture] = caption
        if self._unkept[picture][0] == number:
            del self._unkept[picture]


def _open(opened: Future[Library | None]) -> Path | None:
    from imagecap.library.store import Library, library_path

    library = None
    try:
        library = Library(library_path())
    finally:
        opened.set_result(library)
    return library.set_aside


def _close(opened: Future[Library | None]) -> None:
    if opened.done() and (library := opened.result()):
        library.close()


def _human_captions(
    opened: Future[Library | None], pictures: Sequence[Path]
) -> dict[Path, str | None]:
    library = opened.result()
    if library is None:
        return dict.fromkeys(pictures)
    return {entry.picture: entry.human for entry in library.entries(pictures)}
