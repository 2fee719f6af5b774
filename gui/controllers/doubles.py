"""Pictures that are there twice: looked for, and shown side by side."""

from __future__ import annotations

import time
import tkinter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import dialog_strings

if TYPE_CHECKING:
    from imagecap.library.doubles import Doubles as Found
    from imagecap.library.doubles_search import DoublesSearch

    from ..session import Session
    from ..widgets.doubles_dialog import DoublesDialog, Shown

_LOOK_MILLISECONDS = 200


class _Pair(NamedTuple):
    """Two pictures that are the same, or look alike."""

    are_the_same: bool
    pictures: tuple[Path, Path]


class Doubles:
    """Compares the open pictures, or those of the library where fewer than two are.

    Nothing is deleted: a picture can only be taken off the list of open ones.

    Args:
        session: Whose pictures they are.
        root: The window.

    Attributes:
        dialog: The window with the pairs; `None` while there is none.
    """

    def __init__(self, session: Session, root: tkinter.Tk) -> None:
        self._session = session
        self._root = root
        self._search: DoublesSearch | None = None
        self._pairs: list[_Pair] = []
        self._place = 0
        self._failed = 0
        self.dialog: DoublesDialog | None = None

    def can_find(self) -> bool:
        """Return whether there are pictures to compare."""
        return self._session.has_several() or bool(self._session.kept.library)

    def find(self) -> None:
        """Compare pictures, and show those that are there twice."""
        from imagecap.library.doubles_search import DoublesSearch

        from ..widgets.doubles_dialog import DoublesDialog

        if self.dialog:
            self.dialog.lift()
            self.dialog.focus_force()
            return
        pictures = self._session.album.pictures
        library = self._session.kept.library
        compared = pictures if len(pictures) > 1 else ()
        search = self._search = DoublesSearch(compared, library)
        self.dialog = DoublesDialog(
            self._root,
            self._session.background,
            turned=self._turn,
            opened=self._open,
            taken_off=self._take_off,
            closed=self.close,
        )
        self._pairs, self._place = [], 0
        self._session.background.run(
            search.run, partial(self._found, search), partial(self._broke, search)
        )
        self._look(search)

    def close(self) -> None:
        """End the search."""
        if self._search:
            self._search.must_end = True
        if self.dialog:
            self._session.say("")
        self._search = self.dialog = None

    def _look(self, search: DoublesSearch) -> None:
        if search is self._search and self.dialog:
            self.dialog.show_progress(search.done, search.total)
            self.dialog.after(_LOOK_MILLISECONDS, self._look, search)

    def _found(self, search: DoublesSearch, found: Found | None) -> None:
        if search is not self._search or found is None:
            return
        self._search = None
        self._failed = len(found.failed)
        for are_the_same, groups in ((True, found.same), (False, found.alike)):
            for first, *others in groups:
                self._pairs += [_Pair(are_the_same, (first, one)) for one in others]
        self._show()

    def _broke(self, search: DoublesSearch, reason: str) -> None:
        if search is self._search and self.dialog:
            self._search = None
            self.dialog.show_end(reason)

    def _turn(self, step: int) -> None:
        place = self._place + step
        if 0 <= place < len(self._pairs):
            self._place = place
            self._show()

    def _open(self, side: int) -> None:
        pair = self._pairs[self._place].pictures
        self._session.show_only(pair)
        self._session.go_to(side)
        if self.dialog:
            self.dialog.destroy()

    def _take_off(self, side: int) -> None:
        """Have a picture off the list, and with it the pairs that it is of."""
        gone = self._pairs[self._place].pictures[side]
        self._session.take_off(gone)
        self._pairs = [pair for pair in self._pairs if gone not in pair.pictures]
        self._place = max(0, min(self._place, len(self._pairs) - 1))
        self._show()

    def _show(self) -> None:
        if self.dialog is None:
            return
        if not self._pairs:
            said = [dialog_strings.NO_DOUBLES]
            if self._failed:
                said.append(dialog_strings.DOUBLES_FAILED.format(count=self._failed))
            self._tell(self.dialog.show_end, " ".join(said))
            return
        pair = self._pairs[self._place]
        width = self._root.winfo_screenwidth() // 2
        size = (width, self._root.winfo_screenheight())
        self._session.background.run(
            lambda: tuple(_look_at(path, size) for path in pair.pictures),
            partial(self._show_pair, pair),
            self._session.say,
        )

    def _show_pair(self, pair: _Pair, shown: tuple[Shown, ...]) -> None:
        if self.dialog and self._pairs and self._pairs[self._place] is pair:
            kind = (
                dialog_strings.THE_SAME
                if pair.are_the_same
                else dialog_strings.LOOK_ALIKE
            )
            said = dialog_strings.PAIR.format(
                kind=kind, place=self._place + 1, count=len(self._pairs)
            )
            first, second = shown
            self._tell(self.dialog.show_pair, said, (first, second))

    def _tell(self, show: Callable[..., None], said: str, *pair: object) -> None:
        show(said, *pair)
        self._session.say(said)


def _look_at(path: Path, size: tuple[int, int]) -> Shown:
    """Read a picture and what is to be known of its file."""
    from imagecap.pictures.reading import PictureError, open_readable_part

    from ..widgets.doubles_dialog import Shown

    try:
        picture = open_readable_part(path)
        status = path.stat()
    except PictureError as error:
        return Shown(path, None, str(error))
    except OSError:
        return Shown(path, None, dialog_strings.GONE.format(name=path.name))
    width, height = picture.size
    picture.thumbnail(size)
    facts = dialog_strings.FILE_FACTS.format(
        width=width,
        height=height,
        size=_size(status.st_size),
        date=time.strftime("%Y-%m-%d %H:%M", time.localtime(status.st_mtime)),
    )
    return Shown(path, picture, facts)


def _size(count: int) -> str:
    if count < 1e6:
        return dialog_strings.KILOBYTES.format(kilobytes=count / 1e3)
    return dialog_strings.MEGABYTES.format(megabytes=count / 1e6)
