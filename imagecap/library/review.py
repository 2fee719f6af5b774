"""Which captions a person has not seen yet, the most doubtful first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imagecap.library.entry import Entry
from imagecap.library.store import Library


def in_review_order(library: Library, pictures: Sequence[Path]) -> list[Path]:
    """Give those of some pictures of which no person has said anything.

    First those of which a model is unsure, then the others, each by its confidence;
    then those without a caption, as they are given.

    Args:
        library: What is known.
        pictures: The picture files.

    Raises:
        LibraryError: If the library cannot be read.
    """
    unseen = [one for one in library.entries(pictures) if one.human is None]
    return [entry.picture for entry in sorted(unseen, key=_doubt)]


def _doubt(entry: Entry) -> tuple[bool, bool, float]:
    confidence = 1.0 if entry.confidence is None else entry.confidence
    return entry.machine is None, not entry.unsure, confidence
