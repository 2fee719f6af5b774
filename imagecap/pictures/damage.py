"""What can still be seen of a picture that breaks off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from imagecap.pictures.errors import UnreadableError
from imagecap.pictures.jpeg import Jpeg, begins_last_scan

_MOST_LACKING = 0.1
_GREY = 128

Open = Callable[[], Image.Image]


def readable_part(open_again: Open) -> tuple[Image.Image, bool] | None:
    """Decode as much of a damaged picture as can be decoded.

    Args:
        open_again: Opens it, at the scale that is wanted.

    Returns:
        The decoded picture, grey where it is lacking, and whether no more than its
        end is; `None` where nothing is left of it, or the format keeps no rows.

    Raises:
        UnreadableError: It takes too long.
    """
    image = open_again()
    if not isinstance(image, ImageFile) or not image.tile:
        return None
    shown = _decoded_over(open_again, _GREY)
    other = _decoded_over(open_again, 0)
    if shown is None or other is None or shown.size != other.size:
        return None
    rows = _rows_lacking(shown, other)
    allowed = shown.height * _MOST_LACKING
    if isinstance(image, Jpeg):
        # A row of blocks is whole or missing, and the one above waits for it.
        allowed = max(allowed, min(image.block_rows + 2, shown.height // 3))
        shown = _ended_early(open_again) or shown
        if image.info.get("progressive") and image.fp is not None:
            image.fp.seek(0)
            return shown, begins_last_scan(image.fp.read())
    return None if rows == shown.height else (shown, rows <= allowed)


def _decoded_over(open_again: Open, value: int) -> Image.Image | None:
    image = open_again()
    if not isinstance(image, ImageFile):
        return None
    image.load_prepare()
    bands = len(image.getbands())
    ink = value if bands == 1 else (value,) * bands
    image.im.paste(ink, (0, 0, *image.im.size))
    return _decoded(image)


def _ended_early(open_again: Open) -> Image.Image | None:
    image = open_again()
    if not isinstance(image, Jpeg):
        return None
    image.ends_early = True
    return _decoded(image)


def _decoded(image: ImageFile) -> Image.Image | None:
    """Decode a picture up to where it breaks off."""
    try:
        image.load()
    except UnreadableError:
        raise
    # What has been decoded before this is what is wanted.
    except Exception:
        if image._im is None:
            return None
        image.tile = []
    return image.copy()


def _rows_lacking(first: Image.Image, second: Image.Image) -> int:
    """Count the rows from the first to the last that decoding has left untouched."""
    differ = np.asarray(first) != np.asarray(second)
    rows = np.flatnonzero(differ.reshape(first.height, -1).any(axis=1))
    return int(rows[-1] - rows[0]) + 1 if len(rows) else 0
