"""Captions in text files beside pictures, taken into the library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imagecap.captions.sidecar import read_sidecar, sidecar_path
from imagecap.library.store import Library


def take_sidecars(library: Library, pictures: Iterable[Path]) -> int:
    """Take the captions in text files beside pictures for what a person says of them.

    What a person says of a picture in the library already stays, and what a model has
    said of it is not a person's because it was saved.

    Args:
        library: Where they are kept.
        pictures: The picture files.

    Returns:
        How many were taken.

    Raises:
        LibraryError: If the library cannot be read or written.
    """
    with_text = [picture for picture in pictures if sidecar_path(picture).is_file()]
    taken = 0
    for entry in library.entries(with_text):
        if entry.human is not None:
            continue
        caption = read_sidecar(sidecar_path(entry.picture))
        if caption and not library.is_model_caption(entry.picture, caption):
            library.keep_human(entry.picture, caption)
            taken += 1
    return taken
