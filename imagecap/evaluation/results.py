"""Captions of any origin, read from a file to be scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from imagecap.captions.caption_files import read_strictly
from imagecap.captions.picture_names import keys_of_pictures
from imagecap.captions.problems import CaptionFileError
from imagecap.evaluation.evaluate import EvaluationError

_SHOWN = 5


def read_results(
    path: Path,
    ids: Mapping[str, int],
    split: str,
    problems: list[str] | None = None,
) -> dict[str, str]:
    """Read one caption for each picture of a split.

    Args:
        path: A caption file of any format that `imagecap.captions` reads, such as
            COCO results. Pictures are named by their number or their file name, which
            may lack its end, have another one, or have folders before it.
        ids: Picture name → its number, for all pictures of the split.
        split: What to call the split in messages.
        problems: Takes sentences about what is odd but does no harm.

    Returns:
        Picture name → its caption, in the order of `ids`.

    Raises:
        EvaluationError: If the file cannot be read, or has not exactly one caption for
            each picture of the split.
    """
    find = keys_of_pictures(ids)
    captions: dict[str, str] = {}
    unknown, repeated = [], []
    try:
        for line in read_strictly(path, [] if problems is None else problems):
            name = find(line.picture, line.image_id)
            if name is None:
                unknown.append(line.picture)
            elif name in captions:
                repeated.append(line.picture)
            else:
                captions[name] = line.caption
    except CaptionFileError as error:
        raise EvaluationError(str(error)) from error
    _refuse(unknown, f"{path} names pictures that are not in {split}")
    _refuse(repeated, f"{path} has more than one caption for pictures")
    missing = [name for name in ids if name not in captions]
    _refuse(missing, f"{path} has no caption for pictures of {split}")
    return {name: captions[name] for name in ids}


def _refuse(things: Iterable[str], what: str) -> None:
    names = list(things)
    if names:
        more = ", …" if len(names) > _SHOWN else ""
        shown = ", ".join(names[:_SHOWN]) + more
        raise EvaluationError(f"{what}: {shown} ({len(names):,} in all).")
