"""What people say of pictures: in the library, in metadata, in texts beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imagecap.library.store import Library
from imagecap.library.take_metadata import captions_in_metadata
from imagecap.library.take_sidecars import captions_in_sidecars


def persons_captions(library: Library, pictures: Sequence[Path]) -> dict[Path, str]:
    """Give what people say of pictures, where they say something.

    The library goes before metadata, and these before texts. Nothing is kept, so what
    changes in a picture or a text counts the next time.

    Args:
        library: What is known.
        pictures: The picture files. Those whose metadata cannot be read have none.

    Raises:
        LibraryError: If the library cannot be read.
    """
    in_files = dict(captions_in_sidecars(library, pictures))
    in_files |= captions_in_metadata(library, pictures, [])
    in_library = {
        entry.picture: entry.human
        for entry in library.entries(pictures)
        if entry.human is not None
    }
    return in_files | in_library
