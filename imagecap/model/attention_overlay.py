"""Where a model looked for each word of a caption, as one picture."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from imagecap.errors import ImagecapError
from imagecap.files import atomic_write
from imagecap.model.caption import Caption

_LONG_SIDE = 224
_COLUMNS = 5
_GAP = 12
_TEXT_SIZE = 24
_TITLE = 36
# What is left of the light where the model did not look, and how much lighter it gets
# where it did: otherwise nobody could see that it looked at something dark.
_DARKEST = 0.15
_GLOW = 0.2
# Each place of the map is drawn as so many pixels and blurred by half of that: its
# edges are soft, and no place loses its light to the next.
_PLACE = 8


class AttentionError(ImagecapError):
    """Attention cannot be shown."""


def draw_attention(picture: Image.Image, caption: Caption) -> Image.Image:
    """Draw a panel for each word: the picture, bright where the model looked for it.

    The first panel is the picture as it is. In each of the others the brightest place
    got the most attention of that word; words cannot be compared with each other.

    Source: Xu et al. 2015, "Show, Attend and Tell", figures 2 and 3.

    Args:
        picture: The RGB picture that was described.
        caption: Its caption by a model with attention.

    Returns:
        An RGB picture of 1,200 pixels width at most.

    Raises:
        AttentionError: If the caption comes from a model without attention.
    """
    if caption.attention is None:
        raise AttentionError("This caption comes from a model without attention.")
    scale = _LONG_SIDE / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    panels = [("", small)]
    for word, attention in zip(caption.words, caption.attention, strict=True):
        panels.append((word, overlay_attention(small, attention)))

    columns = min(_COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    font = ImageFont.load_default(_TEXT_SIZE)
    # A long word may be wider than the panel of an upright picture.
    words_width = max(math.ceil(font.getlength(word)) for word, _ in panels)
    cell_width, cell_height = max(width, words_width) + _GAP, height + _TITLE + _GAP
    sheet = Image.new(
        "RGB", (columns * cell_width + _GAP, rows * cell_height + _GAP), "white"
    )
    pencil = ImageDraw.Draw(sheet)
    for number, (word, panel) in enumerate(panels):
        row, column = divmod(number, columns)
        middle = _GAP // 2 + column * cell_width + cell_width // 2
        top = _GAP // 2 + row * cell_height
        pencil.text((middle, top + _TITLE // 2), word, "black", font, anchor="mm")
        sheet.paste(panel, (middle - width // 2, top + _TITLE))
    return sheet


def overlay_attention(
    picture: Image.Image,
    attention: np.ndarray,
    box: tuple[float, float, float, float] = (0, 0, 1, 1),
    darkest: float = _DARKEST,
) -> Image.Image:
    """Darken a picture where a model did not look, lighten it where it did.

    Args:
        picture: An RGB picture, or a part of one.
        attention: The map of the whole picture, `[rows, columns]`, float32.
        box: The part that is shown, left, top, right and bottom, as shares of the
            whole picture.
        darkest: The share of the light that is left where it did not look at all.

    Returns:
        An RGB picture of the same size.
    """
    # The encoder saw the whole frame as a square, so the map covers the whole frame.
    soft = _softened(attention)
    rows, columns = soft.shape
    left, top, right, bottom = box
    smooth = Image.fromarray(soft).resize(
        picture.size,
        Image.Resampling.BICUBIC,
        (left * columns, top * rows, right * columns, bottom * rows),
    )
    share = np.clip(np.asarray(smooth), 0, 1)[..., np.newaxis]
    pixels = np.asarray(picture, np.float32)
    dark, bright = darkest * pixels, pixels + _GLOW * (255 - pixels)
    return Image.fromarray(np.uint8(dark + share * (bright - dark)))


def _softened(attention: np.ndarray) -> np.ndarray:
    """Enlarge a map and blur it; its largest value becomes 1."""
    rows, columns = attention.shape
    coarse = Image.fromarray(np.uint8(np.round(255 * attention / attention.max())))
    fine = coarse.resize((_PLACE * columns, _PLACE * rows), Image.Resampling.BICUBIC)
    blurred = fine.filter(ImageFilter.GaussianBlur(_PLACE / 2))
    soft = np.asarray(blurred, np.float32)
    return np.divide(soft, max(soft.max(), 1))


def save_attention(
    sheet: Image.Image, output: Path, described: str | os.PathLike[str]
) -> None:
    """Write a drawing of attention, whole or not at all.

    Args:
        sheet: The drawing.
        output: The file; its ending decides the format.
        described: The file of the picture that was described; it is never replaced.

    Raises:
        AttentionError: If the file cannot be written.
    """
    kind = Image.registered_extensions().get(output.suffix.lower())
    if kind not in ("PNG", "JPEG", "WEBP"):
        raise AttentionError(
            f"{output} has no ending for a picture; name it like picture.png, .jpg or "
            ".webp."
        )
    if output.exists() and output.samefile(described):
        raise AttentionError(
            f"{output} is the picture itself, which would be lost; choose another name."
        )
    content = io.BytesIO()
    sheet.save(content, kind)
    try:
        with atomic_write(output) as file:
            file.write(content.getvalue())
    except OSError as error:
        raise AttentionError(
            f"{output} cannot be written ({error.strerror}); choose another place."
        ) from error
