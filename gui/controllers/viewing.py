"""The picture looked at: opened ahead, in more detail when zoomed into."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import strings
from ..services.lookahead import Lookahead
from ..widgets.picture_view import PictureView

if TYPE_CHECKING:
    from PIL import Image

    from ..session import Session

_AHEAD = 1
_KEPT = 4
_MOST_DETAIL = 4


class Viewing:
    """Opens the picture looked at and its neighbours, no larger than a screen.

    Args:
        session: Whose pictures they are.
        view: Where the picture is shown.

    Attributes:
        view: Where the picture is shown.
    """

    def __init__(self, session: Session, view: PictureView) -> None:
        self._session = session
        self.view = view
        self._screen = (view.winfo_screenwidth(), view.winfo_screenheight())
        self._detailed: Path | None = None
        self._opened: Lookahead[Image.Image] = Lookahead(
            session.background,
            partial(_open_no_larger, self._screen),
            self._show,
            self._show_broken,
            _KEPT,
        )
        session.on("picture", self._begin)

    def want_detail(self) -> None:
        """Have the picture in more detail than a screen shows."""
        picture = self._session.picture
        if picture and picture != self._detailed:
            self._detailed = picture
            width, height = self._screen
            size = (_MOST_DETAIL * width, _MOST_DETAIL * height)
            quarters = self._session.describer.turns.get(picture, 0)
            self._session.background.run(
                lambda: _turned(_open_no_larger(size, picture), quarters),
                partial(self._refine, picture),
                self._session.say,
            )

    def say_zoom(self) -> None:
        """Tell how much larger the picture is shown."""
        percent = round(100 * self.view.zoom)
        whole, larger = strings.ZOOMED_OUT, strings.ZOOMED.format(percent=percent)
        self._session.say(larger if percent > 100 else whole)

    def _begin(self) -> None:
        """Show a picture as soon as it is opened."""
        picture, album = self._session.picture, self._session.album
        if picture is None:
            nothing = strings.NOTHING_SHOWN if album.pictures else ""
            self.view.show(None, nothing)
            return
        self._detailed = None
        found = self._opened.get(picture)
        if found:
            self._show(picture, found)
        self._opened.want([picture, *album.neighbours(_AHEAD)])

    def _show(self, picture: Path, opened: Image.Image) -> None:
        quarters = self._session.describer.turns.get(picture, 0)
        if quarters:
            self._session.background.run(
                partial(_turned, opened, quarters),
                partial(self._show_turned, picture, quarters),
                self._session.say,
            )
        elif picture == self._session.picture:
            self.view.show(opened)
            if note := opened.info.get("note"):
                self._session.say(note)

    def _show_turned(self, picture: Path, quarters: int, turned: Image.Image) -> None:
        is_meant = quarters == self._session.describer.turns.get(picture, 0)
        if picture == self._session.picture and is_meant:
            self.view.show(turned)

    def _refine(self, picture: Path, opened: Image.Image) -> None:
        if picture == self._session.picture == self._detailed:
            self.view.refine(opened)

    def _show_broken(self, picture: Path, reason: str) -> None:
        if picture == self._session.picture:
            self.view.show(None, strings.CANNOT_BE_SHOWN)
            self._session.show_broken(reason)


def _open_no_larger(size: tuple[int, int], path: Path) -> Image.Image:
    """Open a picture no larger than can be of use."""
    from imagecap.pictures.reading import open_readable_part

    picture = open_readable_part(path, at_least=size)
    picture.thumbnail(size)
    return picture


def _turned(picture: Image.Image, quarters: int) -> Image.Image:
    from imagecap.pictures.pixels import turned

    return turned(picture, quarters)
