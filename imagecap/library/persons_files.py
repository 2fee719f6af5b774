"""Which files beside pictures, and which copies, may hold what a person wrote."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from imagecap.captions.sidecar import read_sidecar
from imagecap.library.store import Entry, Library
from imagecap.pictures.metadata import (
    Description,
    is_described_copy,
    read_embedded_metadata,
    read_xmp_sidecar,
)


def sidecar_may_be_a_persons(library: Library, entry: Entry, file: Path) -> bool:
    """Tell whether a text beside a picture may be a person's.

    Raises:
        LibraryError: If the library cannot be read.
    """
    if not os.path.exists(file):
        return False
    former = read_sidecar(file)
    # What holds no caption holds perhaps something else.
    if former is None:
        return file.stat().st_size > 0
    return not _is_known(library, entry, former)


def xmp_may_be_a_persons(library: Library, entry: Entry, file: Path) -> bool:
    """Tell whether a caption in a file of XMP may be a person's.

    What the file says of who said it does not count: it stays when the caption changes.

    Raises:
        LibraryError: If the library cannot be read.
        MetadataError: If the file cannot be read.
    """
    if not os.path.exists(file):
        return False
    captions, _ = read_xmp_sidecar(file)
    return not all(_is_known(library, entry, one) for one in captions.values())


def copy_may_be_a_persons(
    library: Library, entry: Entry, copy: Path, keywords: tuple[str, ...]
) -> bool:
    """Tell whether anything in a copy of a picture may be a person's.

    Nothing is where the copy is what is made of the picture with a model's caption.

    Args:
        library: What models have said.
        entry: The picture with its caption.
        copy: The file.
        keywords: Those that it has if it was made as it would be now.

    Raises:
        LibraryError: If the library cannot be read.
        MetadataError: If the copy or the picture cannot be read.
    """
    if not os.path.exists(copy):
        return False
    metadata = read_embedded_metadata(copy)
    former = metadata.provenance.said or metadata.caption() or ""
    said = Description(former, replace(metadata.provenance, said=None), keywords)
    if not is_described_copy(entry.picture, said, copy):
        return True
    # Where a format has no place for a caption, the copy has the picture's own.
    own = read_embedded_metadata(entry.picture).caption() or ""
    return former != own and not _is_known(library, entry, former)


def _is_known(library: Library, entry: Entry, caption: str) -> bool:
    return caption == entry.caption or library.is_model_caption(entry.picture, caption)
