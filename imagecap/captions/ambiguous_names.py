"""Names that fit pictures in several folders, and which of these are meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from imagecap.captions.problems import CaptionFileError


def drop_shared(
    possible: dict[str, list[tuple[str, str]]],
) -> dict[str, list[tuple[str, str]]]:
    """Drop what two paths have in common by their ends alone: only one can mean it."""
    counts = Counter(
        picture for found in possible.values() for picture in {one for _, one in found}
    )
    return {
        reference: [] if any(counts[one] > 1 for _, one in found) else found
        for reference, found in possible.items()
    }


def choose_pictures(
    possible: Mapping[str, list[tuple[str, str]]], source: str, beside: str
) -> tuple[dict[str, str], list[str]]:
    """Choose the pictures that a caption file means; `PictureNames.locate` says how.

    Args:
        possible: Reference → the pictures that it fits, each with the folder before it.
        source: The name of the caption file.
        beside: The folder in which it lies: "" or "train/".

    Returns:
        Reference → picture; the references that could mean several.

    Raises:
        CaptionFileError: All could mean pictures in several folders.
    """
    starts = {
        key: Counter(start for start, _ in found) for key, found in possible.items()
    }
    counts = Counter(start for key in starts for start in starts[key])

    def merit(start: str) -> tuple[int, bool, int]:
        return counts[start], start == beside, -start.count("/")

    best = max(map(merit, counts), default=None)
    rivals = sorted(start for start in counts if merit(start) == best)
    chosen: dict[str, str] = {}
    unclear = []
    folders: list[str] = []
    for reference, found in possible.items():
        if len(found) > 1:
            found = _decided(found, rivals, beside)
        if len(found) == 1:
            chosen[reference] = found[0][1]
        elif found:
            unclear.append(reference)
            folders = folders or sorted(starts[reference])
    if unclear and not chosen and len(folders) > 1:
        first, second = (f"{place or './'}" for place in folders[:2])
        raise CaptionFileError(
            f"The pictures that {source} names lie in {first} and in "
            f"{second} as well; write the folder before each name, as in "
            f"{first}picture.jpg, or move one of the folders away."
        )
    return chosen, unclear


def _decided(
    found: list[tuple[str, str]], best: list[str], beside: str
) -> list[tuple[str, str]]:
    """Give what is meant of pictures that one name fits; all where it is not clear."""
    there = [one for one in found if best == [one[0]]]
    has_folder = any("/" in picture.removeprefix(start) for start, picture in found)
    if has_folder:
        return there or found
    has_copies = all(start.startswith(best[0]) for start, _ in found)
    own = [one for one in found if one[0] == beside]
    return own or (has_copies and there) or found
