"""Captions of the library written into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imagecap.captions.caption_files import write_captions
from imagecap.library.store import Library


def export_captions(library: Library, pictures: Sequence[Path], file: Path) -> int:
    """Write one caption for each picture, a person's before a model's, and who said it.

    Args:
        library: The library.
        pictures: The picture files; those without a caption are left out.
        file: The file, which is replaced if it is there; its ending decides the format.

    Returns:
        How many captions it has.

    Raises:
        LibraryError: If the library cannot be read.
        CaptionFileError: If the ending is of no format that is written here.
        WriteError: If the file cannot be written.
    """
    entries = [one for one in library.entries(pictures) if one.caption]
    captions = [(entry.picture, entry.caption or "") for entry in entries]
    provenance = {entry.picture: library.provenance(entry) for entry in entries}
    write_captions(captions, file, provenance, among=pictures)
    return len(captions)
