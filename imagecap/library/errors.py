"""What can be wrong with the library."""

from __future__ import annotations

from pathlib import Path

from imagecap.errors import ImagecapError


class LibraryError(ImagecapError):
    """The library cannot be read or written."""


def not_opened(path: Path, why: object, by: str) -> LibraryError:
    """Return the error of a library that is there and cannot be opened.

    Args:
        path: The library.
        why: The reason.
        by: What can name another place.
    """
    return LibraryError(
        f"The library of captions {path} cannot be opened ({why}); captions are not "
        f"kept. Name another place with {by}."
    )


class ChangedElsewhereError(LibraryError):
    """Another window or command has changed a caption meanwhile.

    Attributes:
        human: What a person says of the picture now; `None` for nothing.

    Args:
        picture: The picture file.
        human: What a person says of it now; `None` for nothing.
        caption: What was to be kept; `None` where that was to be taken back.
        was_written: Whether any person has ever said something of it.
    """

    def __init__(
        self,
        picture: Path,
        human: str | None,
        caption: str | None,
        was_written: bool = True,
    ) -> None:
        now = "taken it back" if human is None else f"written “{human}”, which stays"
        kept = f"; “{caption}” was not kept" if caption else ""
        if was_written:
            what = (
                f"Another window has changed the caption of {picture.name} meanwhile "
                f"and {now}"
            )
        else:
            what = (
                f"Nobody has written a caption of {picture.name} that could be replaced"
            )
        super().__init__(f"{what}{kept}.")
        self.human = human
