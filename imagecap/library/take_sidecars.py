"""Captions in files beside pictures, taken into the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from imagecap.captions.problems import note
from imagecap.captions.sidecar import find_sidecars, read_sidecar
from imagecap.library.store import Library


def take_sidecars(
    library: Library, pictures: Iterable[Path], problems: list[str] | None = None
) -> int:
    """Take the captions in files beside pictures for what a person says of them.

    What a person says of a picture in the library already stays, and what a model has
    said of it is not a person's because it was saved. A file that could mean several
    pictures is left alone.

    Args:
        library: Where they are kept.
        pictures: The picture files.
        problems: Takes a sentence about files that were left alone.

    Returns:
        How many were taken.

    Raises:
        LibraryError: If the library cannot be read or written.
    """
    taken = dict(captions_in_sidecars(library, pictures, problems))
    library.keep_all_human(taken)
    return len(taken)


def captions_in_sidecars(
    library: Library, pictures: Iterable[Path], problems: list[str] | None = None
) -> Iterator[tuple[Path, str]]:
    """Read the captions in files beside pictures that are a person's.

    Args:
        library: What is known; pictures of which a person says something in it already
            are passed over, and so is what models have said.
        pictures: The picture files.
        problems: Takes a sentence about files that were left alone.

    Raises:
        LibraryError: If the library cannot be read.
    """
    found = {picture: files for picture, files in find_sidecars(pictures) if files}
    uses = Counter(files[0] for files in found.values())
    shared = [file.name for file in uses if uses[file] > 1]
    if problems is not None:
        note(problems, "text file", shared, "could mean several pictures, not taken")
    library.recognise(found)
    for entry in library.entries(found):
        files = [file for file in found[entry.picture] if uses[file] < 2]
        if entry.human is not None:
            continue
        caption = next(filter(None, map(read_sidecar, files)), None)
        if caption and not library.is_model_caption(entry.picture, caption):
            yield entry.picture, caption
