"""Pictures of the library that are like one, for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.commands.choosing import choose_captioner, choose_settings
from imagecap.commands.console import Stopped
from imagecap.progress import progress

if TYPE_CHECKING:
    from imagecap.library.store import Entry, Library


def find_like(
    library: Library,
    picture: Path,
    words: str | None,
    pictures: Sequence[Path] | None,
    limit: int,
) -> list[Entry]:
    """Find the pictures that are most like one, by the model that a person has chosen.

    Pictures that it has not compared yet are read first, with progress.

    Args:
        library: The library.
        picture: A picture file, whether the library knows it or not.
        words: What they shall be found by, too.
        pictures: Where to look; `None` for the whole library.
        limit: How many are wanted at most.

    Raises:
        ImagecapError: If the picture, the model or the library cannot be read.
        Stopped: On Ctrl-C; what was compared is kept.
    """
    from imagecap.library.missing_vectors import make_vectors

    captioner = choose_captioner(None, choose_settings())
    missing = [
        one
        for one in library.pictures_without_vector(captioner.bundle.identity)
        if one.is_file()
    ]
    making = make_vectors(captioner, library, missing)
    try:
        for _ in progress(making, "Comparing", len(missing)):
            pass
    except KeyboardInterrupt as stop:
        raise Stopped("The same command goes on from there.") from stop
    return library.like(picture, captioner, words, pictures, limit)
