"""Captions that other programs have written into pictures, taken into the library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from imagecap.errors import ImagecapError
from imagecap.library.store import Library
from imagecap.pictures.metadata import (
    CAPTION_FIELDS,
    Metadata,
    MetadataError,
    read_metadata,
)
from imagecap.pictures.reading import PictureError, check_picture


@dataclass
class Skipped:
    """Of how many pictures nothing was taken although their metadata say something.

    Attributes:
        kept: Those of which a person says something in the library already.
        of_models: Those of which models alone have said it.
    """

    kept: int = 0
    of_models: int = 0


def take_metadata(
    library: Library,
    pictures: Iterable[Path],
    fields: tuple[str, ...] = CAPTION_FIELDS,
    skipped: Skipped | None = None,
) -> tuple[dict[Path, str], list[ImagecapError]]:
    """Take the captions in pictures' metadata for what a person says of them.

    What a person says of a picture in the library already stays. What a model has said
    is not a person's because it was written into a copy; what has changed there since
    is.

    Args:
        library: Where they are kept.
        pictures: The picture files.
        fields: The fields to read, of `CAPTION_FIELDS`, the one first that wins.
        skipped: Counts what is not taken.

    Returns:
        The captions that were taken, and why others could not be read.

    Raises:
        LibraryError: If the library cannot be read or written.
    """
    problems: list[ImagecapError] = []
    taken = dict(captions_in_metadata(library, pictures, problems, fields, skipped))
    library.keep_all_human(taken)
    return taken, problems


def captions_in_metadata(
    library: Library,
    pictures: Iterable[Path],
    problems: list[ImagecapError],
    fields: tuple[str, ...] = CAPTION_FIELDS,
    skipped: Skipped | None = None,
) -> Iterator[tuple[Path, str]]:
    """Read the captions in pictures' metadata that are a person's.

    Args:
        library: What is known; pictures of which a person says something in it already
            are passed over, and so is what models have said.
        pictures: The picture files.
        problems: Takes why pictures could not be read.
        fields: As for `take_metadata`.
        skipped: As for `take_metadata`.

    Raises:
        LibraryError: If the library cannot be read.
    """
    skipped = Skipped() if skipped is None else skipped
    pictures = list(pictures)
    library.recognise(pictures)
    for entry in library.entries(pictures):
        try:
            metadata = read_metadata(entry.picture)
        except MetadataError as error:
            problems.append(error)
            continue
        if not metadata.captions:
            try:
                check_picture(entry.picture)
            except PictureError as error:
                problems.append(error)
        if metadata.caption(fields) is None:
            continue
        if entry.human is not None:
            skipped.kept += 1
        elif caption := _persons(library, entry.picture, metadata, fields):
            yield entry.picture, caption
        else:
            skipped.of_models += 1


def _persons(
    library: Library, picture: Path, metadata: Metadata, fields: tuple[str, ...]
) -> str | None:
    provenance = metadata.provenance
    # Programs change one field of those that a model's caption was written into.
    by_model = provenance.said if provenance.is_of_a_model else None
    if provenance.accepted and not provenance.edited:
        by_model = None
    found = (metadata.captions.get(field) for field in fields)
    return next(
        (
            one
            for one in found
            if one and one != by_model and not library.is_model_caption(picture, one)
        ),
        None,
    )
