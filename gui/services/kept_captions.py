"""What people say of pictures: known to the window at once, kept behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.counted import counted

from .. import strings
from .library_on_demand import LibraryOnDemand

if TYPE_CHECKING:
    from imagecap.library.store import Library

    from .background import Background


@dataclass(eq=False)
class _Unkept:
    """Something a person said that is not kept yet.

    Attributes:
        picture: Of what.
        caption: What.
        instead_of: What was to be replaced.
        has_failed: Whether it could not be kept.
        found: What another window has written in its place, as the only element.
    """

    picture: Path
    caption: str | None
    instead_of: str | None
    has_failed: bool = False
    found: tuple[str | None] | None = None

    def keep(self, library: Library) -> None:
        from imagecap.library.store import ChangedElsewhereError

        try:
            library.keep_human(self.picture, self.caption, self.instead_of)
        except ChangedElsewhereError as error:
            self.found = (error.human,)
            raise


class KeptCaptions:
    """Keeps what people say of pictures in the library, without a wait.

    What is written counts at once, and goes on to count for this window where it could
    not be kept. The library itself is used only off the window's thread: what writes
    and what must see that goes by `Background.run_in_order`.

    Args:
        background: Where the library is used.
        failed: Called with a sentence, where something cannot be read or kept.
        refused: Called where another window came before: with the picture, what is said
            of it now, what was to be said, and a sentence.
        kept: Called when something that a person says has been kept.

    Attributes:
        on_demand: The library, for work in other threads.
    """

    def __init__(
        self,
        background: Background,
        failed: Callable[[str], None],
        refused: Callable[[Path, str | None, str | None, str], None],
        kept: Callable[[], None],
    ) -> None:
        self._background = background
        self._failed = failed
        self._refused = refused
        self._told_kept = kept
        self.on_demand = LibraryOnDemand()
        self._known: dict[Path, str | None] = {}
        self._unkept: dict[Path, _Unkept] = {}
        self._is_following = False
        self._version: list[int] = []

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
            return self._unkept[picture].caption
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

    def keep_human(
        self, picture: Path, caption: str | None, instead_of: str | None
    ) -> None:
        """Have a person say something of a picture, if that was right of it before.

        Args:
            picture: The picture.
            caption: What the person says; `None` takes it back.
            instead_of: What the person knew to be said; what another window has written
                since is not replaced.
        """
        library = self.library
        if library:
            former = self._unkept.get(picture)
            # What could not be kept has replaced nothing.
            if former and former.has_failed and former.caption == instead_of:
                instead_of = former.instead_of
            writing = _Unkept(picture, caption, instead_of)
            self._unkept[picture] = writing
            self._background.run_in_order(
                partial(writing.keep, library),
                lambda _: self._kept(writing),
                partial(self._not_kept, writing),
            )

    def keep_all_human(
        self,
        captions: Mapping[Path, str | None],
        instead_of: Mapping[Path, str | None],
    ) -> None:
        """Have a person say something of many pictures; see `keep_human`."""
        library = self.library
        if library:
            before = {one: self._known[one] for one in captions if one in self._known}
            self._known.update(captions)
            self._background.run_in_order(
                partial(library.keep_all_human, captions, instead_of),
                self._all_kept,
                partial(self._none_kept, captions, before),
            )

    def follow(self, done: Callable[[], None]) -> None:
        """Find out what other windows have written, if the last look is over.

        Args:
            done: Called when it is known.
        """
        library = self.library
        if library is None or self._is_following:
            return

        def learn(found: Mapping[Path, str | None]) -> None:
            self._is_following = False
            self._known.update((one, found[one]) for one in self._known if one in found)
            done()

        def fail(_: str) -> None:
            # Told where it matters: when something is to be read or kept.
            self._is_following = False

        self._is_following = True
        self._background.run_in_order(
            partial(_changed_captions, library, tuple(self._known), self._version),
            learn,
            fail,
        )

    def learn(self, captions: Mapping[Path, str]) -> None:
        """Take note of captions that have been kept in another way."""
        self._known.update(captions)

    def forget(self) -> None:
        """Know nothing more of pictures but what could not be kept."""
        self._known.clear()

    def _all_kept(self, others: Mapping[Path, str | None]) -> None:
        self._known.update(others)
        self._tell_problems()
        if others:
            self._failed(
                strings.OTHERS_STAY.format(captions=counted(len(others), "caption"))
            )
        self._told_kept()

    def _none_kept(
        self,
        captions: Mapping[Path, str | None],
        before: Mapping[Path, str | None],
        reason: str,
    ) -> None:
        for picture in captions:
            del self._known[picture]
        self._known.update(before)
        self._failed(reason)

    def _kept(self, writing: _Unkept) -> None:
        self._known[writing.picture] = writing.caption
        self._tell_problems()
        self._settle(writing)
        self._told_kept()

    def _not_kept(self, writing: _Unkept, reason: str) -> None:
        if writing.found is None:
            writing.has_failed = True
            self._failed(reason)
            return
        (found,) = writing.found
        self._known[writing.picture] = found
        self._settle(writing)
        self._refused(writing.picture, found, writing.caption, reason)

    def _settle(self, writing: _Unkept) -> None:
        # Not where the same picture was written of again.
        if self._unkept[writing.picture] is writing:
            del self._unkept[writing.picture]

    def _tell_problems(self) -> None:
        # Damage may be found at any time.
        for problem in self.on_demand.take_problems():
            self._failed(problem)


def _human_captions(
    get_library: Callable[[], Library | None], pictures: Sequence[Path]
) -> dict[Path, str | None]:
    library = get_library()
    if library is None:
        return dict.fromkeys(pictures)
    library.recognise(pictures)
    return {entry.picture: entry.human for entry in library.entries(pictures)}


def _changed_captions(
    library: Library, pictures: Sequence[Path], version: list[int]
) -> dict[Path, str | None]:
    """Read what people say of pictures, if others have written since the last time.

    Args:
        library: The library.
        pictures: The picture files.
        version: What the library was like then; nothing at the beginning.
    """
    found = [library.data_version()]
    if found == version:
        return {}
    version[:] = found
    return {entry.picture: entry.human for entry in library.entries(pictures)}
