"""What can be wrong with the library."""

from __future__ import annotations

from pathlib import Path

from imagecap.errors import ImagecapError


class LibraryError(ImagecapError):
    """The library cannot be read or written."""


class ChangedElsewhereError(LibraryError):
    """Another window or command has changed a caption meanwhile.

    Attributes:
        human: What a person says of the picture now; `None` for nothing.
    """

    def __init__(self, picture: Path, human: str | None, caption: str | None) -> None:
        now = "taken it back" if human is None else f"written “{human}”, which stays"
        kept = f"; “{caption}” was not kept" if caption else ""
        super().__init__(
            f"Another window has changed the caption of {picture.name} meanwhile and "
            f"{now}{kept}."
        )
        self.human = human
