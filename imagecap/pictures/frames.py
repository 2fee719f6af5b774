"""Animations, whose first frames may show nothing."""

from __future__ import annotations

import contextlib
import struct

from PIL import Image

_ANIMATIONS = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
_MOST_PIXELS = 4_000_000
_MOST_PIXELS_IN_ALL = 64_000_000
# Finding the next one takes as long, however small it is; and longer, the more there
# are before it.
_PIXELS_OF_A_FRAME = 64_000


def turn_to_visible_frame(image: Image.Image) -> None:
    """Go on to the first frame of an animation in which there is something to see.

    Args:
        image: A picture of any kind; it stays at its first frame where no other shows
            more, or where looking would take too much memory or time.

    Raises:
        UnreadableError: It takes too long.
    """
    if image.format not in _ANIMATIONS or image.width * image.height > _MOST_PIXELS:
        return
    image.load()
    if _is_visible(image):
        return
    # Later frames may be damaged, or there may be none.
    with contextlib.suppress(EOFError, OSError, SyntaxError, ValueError, struct.error):
        pixels = max(image.width * image.height, _PIXELS_OF_A_FRAME)
        for frame in range(1, _MOST_PIXELS_IN_ALL // pixels):
            image.seek(frame)
            if _is_visible(image):
                return
    image.seek(0)


def _is_visible(image: Image.Image) -> bool:
    if not image.has_transparency_data:
        return True
    return image.convert("RGBA").getbbox(alpha_only=True) is not None
