"""Captions that other programs have written into pictures, taken into the library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from imagecap.library.store import Library
from imagecap.pictures.metadata import CAPTION_FIELDS, MetadataError, read_metadata


def take_metadata(
    library: Library,
    pictures: Iterable[Path],
    fields: tuple[str, ...] = CAPTION_FIELDS,
) -> tuple[dict[Path, str], list[MetadataError]]:
    """Take the captions in pictures' metadata for what a person says of them.

    What a person says of a picture in the library already stays. What a model has said
    is not a person's because it was written into a copy.

    Args:
        library: Where they are kept.
        pictures: The picture files.
        fields: The fields to read, of `CAPTION_FIELDS`, the one first that wins.

    Returns:
        The captions that were taken, and why others could not be read.

    Raises:
        LibraryError: If the library cannot be read or written.
    """
    problems: list[MetadataError] = []
    taken = dict(captions_in_metadata(library, pictures, problems, fields))
    library.keep_all_human(taken)
    return taken, problems


def captions_in_metadata(
    library: Library,
    pictures: Iterable[Path],
    problems: list[MetadataError],
    fields: tuple[str, ...] = CAPTION_FIELDS,
) -> Iterator[tuple[Path, str]]:
    """Read the captions in pictures' metadata that are a person's.

    Args:
        library: What is known; pictures of which a person says something in it already
            are passed over, and so is what models have said.
        pictures: The picture files.
        problems: Takes why pictures could not be read.
        fields: As for `take_metadata`.

    Raises:
        LibraryError: If the library cannot be read.
    """
    pictures = list(pictures)
    library.recognise(pictures)
    for entry in library.entries(pictures):
        if entry.human is not None:
            continue
        try:
            metadata = read_metadata(entry.picture)
        except MetadataError as error:
            problems.append(error)
            continue
        caption = metadata.caption(fields)
        if (
            caption
            and not metadata.provenance.is_of_a_model_alone
            and not library.is_model_caption(entry.picture, caption)
        ):
            yield entry.picture, caption
