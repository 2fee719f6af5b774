"""What people say of pictures: known to the window at once, kept behind it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagecap.library.store import Library

    from .background import Background


class LibraryOnDemand:
    """The library of captions, opened when it is first asked for.

    Attributes:
        opened: The library; `None` where it was not asked for or cannot be opened.
    """

    def __init__(self) -> None:
        self.opened: Library | None = None
        self._problems: list[str] = []
        self._was_tried = False
        self._lock = threading.Lock()

    def get(self) -> Library | None:
        """Return the library, `None` where it cannot be opened.

        It is read from the disk, so the window's thread must not ask for it.
        """
        with self._lock:
            if not self._was_tried:
                self._was_tried = True
                self._open()
        return self.opened

    def take_problems(self) -> list[str]:
        """Return what was wrong with it since this was asked last, in sentences."""
        problems, self._problems[:] = self._problems.copy(), []
        return problems

    def close(self) -> None:
        """Close the library, where it is open."""
        if self.opened:
            self.opened.close()

    def _open(self) -> None:
        from imagecap.library.store import Library, LibraryError, library_path

        try:
            self.opened = Library(library_path(), self._problems.append)
        except LibraryError as error:
            self._problems.append(str(error))


class KeptCaptions:
    """Keeps what people say of pictures in the library, without a wait.

    What is written counts at once, and goes on to count for this window where it could
    not be kept. The library itself is used only off the window's thread: what writes
    and what must see that goes by `Background.run_in_order`.

    Args:
        background: Where the library is used.
        failed: Called with a sentence, where something cannot be read or kept.

    Attributes:
        on_demand: The library, for work in other threads.
    """

    def __init__(self, background: Background, failed: Callable[[str], None]) -> None:
        self._background = background
        self._failed = failed
        self._warn = failed
        self.on_demand = LibraryOnDemand()
        self._known: dict[Path, str | None] = {}
        # By numbers, since the same may be written twice.
        self._unkept: dict[Path, tuple[int, str | None]] = {}
        self._numbers = itertools.count()

    @property
    def library(self) -> Library | None:
        """The library, to be used in other threads; `None` where there is none yet."""
        return self.on_demand.opened

    def open(self, warn: Callable[[str], None]) -> None:
        """Open the library.

        Args:
            warn: Called with a sentence, where something is wrong with it.
        """
        self._warn = warn
        self._background.run_in_order(
            self.on_demand.get, lambda _: self._tell_problems(), self._failed
        )

    def close(self) -> None:
        """Close the library, after all that is to be written."""
        self._background.run_in_order(
            self.on_demand.close, lambda _: None, self._failed
        )

    def is_known(self, picture: Path) -> bool:
        """Return whether it is known what a person says of a picture, if anything."""
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
            self._tell_problems()
            done()

        def fail(reason: str) -> None:
            self._failed(reason)
            learn(dict.fromkeys(pictures) | self._known)

        self._background.run_in_order(
            partial(_human_captions, self.on_demand.get, pictures), learn, fail
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
        self._tell_problems()
        if self._unkept[picture][0] == number:
            del self._unkept[picture]

    def _tell_problems(self) -> None:
        # Damage may be found at any time.
        for problem in self.on_demand.take_problems():
            self._warn(problem)


def _human_captions(
    get_library: Callable[[], Library | None], pictures: Sequence[Path]
) -> dict[Path, str | None]:
    library = get_library()
    if library is None:
        return dict.fromkeys(pictures)
    library.recognise(pictures)
    return {entry.picture: entry.human for entry in library.entries(pictures)}
