"""Captions of a file taken into the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imagecap.captions.caption_files import read_captions_of
from imagecap.library.store import Library


@dataclass(frozen=True)
class Imported:
    """What became of the captions in a file.

    Attributes:
        taken: How many were taken.
        kept: Of how many pictures the library's own stayed, which a person had written.
        human: The captions that were taken as a person's.
        problems: Sentences about what was odd or left out.
    """

    taken: int
    kept: int
    human: dict[Path, str]
    problems: tuple[str, ...]


def import_captions(library: Library, pictures: Sequence[Path], file: Path) -> Imported:
    """Take the captions that a file has of pictures; only gaps are filled.

    What a person has written in the library stays. A caption that is a model's by what
    the file and the library say stays the model's, unless a person has accepted it.

    Args:
        library: Where they are kept.
        pictures: The picture files.
        file: The file, of any format that `imagecap.captions` reads.

    Raises:
        CaptionFileError: If the file cannot be read or something in it is wrong.
        LibraryError: If the library cannot be read or written.
    """
    problems: list[str] = []
    captions = read_captions_of(pictures, file, problems)
    taken = kept = 0
    human: dict[Path, str] = {}
    library.recognise(captions)
    for entry in library.entries(pictures):
        line = captions.get(entry.picture)
        if line is None:
            continue
        if entry.human is not None:
            kept += 1
            continue
        # What the file calls a model's may have been edited in it, so that the library
        # decides: a person's words must never pass for a model's.
        is_model = line.provenance.is_of_a_model and (
            library.is_model_caption(entry.picture, line.caption)
        )
        if line.provenance.accepted or not is_model:
            human[entry.picture] = line.caption
        taken += 1
    library.keep_all_human(human)
    return Imported(taken, kept, human, tuple(problems))
