"""The picture looked at and the caption that counts, as all parts ask for them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .album import Album
from .announcer import Announcer

if TYPE_CHECKING:
    from imagecap.model.caption import Caption

    from .services.describing import TimedCaptions
    from .services.kept_captions import KeptCaptions
    from .services.kept_settings import KeptSettings


class LookedAt(Announcer):
    """The picture looked at, and the caption that counts.

    Attributes:
        album: The pictures that are open.
        described: What the model says of the picture; `None` until it has.
        problem: What is wrong, instead of a caption; empty where nothing is.
        settings: What the person has chosen.
        kept: What people say of pictures.
    """

    settings: KeptSettings
    kept: KeptCaptions

    def __init__(self) -> None:
        super().__init__()
        self._temporary: list[TemporaryDirectory[str]] = []
        self.album = Album()
        self.described: TimedCaptions | None = None
        self.problem = ""

    @property
    def picture(self) -> Path | None:
        """The picture looked at."""
        return self.album.current

    @property
    def folder(self) -> Path | None:
        """The folder of the picture looked at; `None` where it will not last."""
        folder = self.picture.parent if self.picture else None
        is_temporary = any(folder == Path(each.name) for each in self._temporary)
        return None if is_temporary else folder

    def temporary_folder(self) -> Path:
        """Make a folder that goes with the window."""
        self._temporary.append(TemporaryDirectory(prefix="imagecap-"))
        return Path(self._temporary[-1].name)

    def has_picture(self) -> bool:
        """Return whether a picture is looked at, open or found in the library."""
        return self.picture is not None

    def has_anything(self) -> bool:
        """Return whether there are pictures, though none may be looked at."""
        return self.has_picture() or self.has_pictures()

    def has_pictures(self) -> bool:
        """Return whether there are open pictures."""
        return bool(self.album.pictures)

    def has_several(self) -> bool:
        """Return whether there are pictures to go through."""
        return max(len(self.album.pictures), len(self.album.shown)) > 1

    def has_caption(self) -> bool:
        """Return whether there is a caption."""
        return self.text is not None

    @property
    def text(self) -> str | None:
        """The caption that counts, a person's before the model's."""
        picture = self.picture
        if picture is None or self.problem or not self.kept.is_known(picture):
            return None
        human = self.kept.human(picture)
        if human is None and self.candidates:
            return self.candidates[0].text
        return human

    @property
    def text_shown(self) -> str:
        """The caption as it is shown, read and copied: as a guess where it is one."""
        said = self.said_candidate
        if said and not self.is_human and self.settings.values.hedging:
            return said.hedged_text
        return self.text or ""

    @property
    def is_human(self) -> bool:
        """Whether a person wrote or chose the caption."""
        if self.picture is None or self.problem:
            return False
        return self.kept.human(self.picture) is not None

    @property
    def candidates(self) -> tuple[Caption, ...]:
        """What the model says, the best first."""
        return self.described.captions if self.described else ()

    @property
    def said_candidate(self) -> Caption | None:
        """What the model says in the very words of the caption that counts."""
        said = (each for each in self.candidates if each.text == self.text)
        return next(said, None)
