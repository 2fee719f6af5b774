"""Pictures that stand in a page itself, for they are made for it alone."""

from __future__ import annotations

import base64
from pathlib import Path

from imagecap.gallery.copies import shrink
from imagecap.model.attention_overlay import draw_attention
from imagecap.model.caption import Caption
from imagecap.pictures.reading import open_picture

# Pixels of a panel of a drawing of attention, and of the drawing.
_PANEL, _SHEET = 448, 1200


def inline(picture: bytes) -> str:
    """Write a JPEG such that it can stand in a page itself."""
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"


def attention_sheet(picture: Path, caption: Caption) -> str:
    """Draw where a model looked for each word, nothing without attention.

    Args:
        picture: The picture file.
        caption: What the model says of it.

    Raises:
        PictureError: If it cannot be read.
    """
    if caption.attention is None:
        return ""
    upright = open_picture(picture, at_least=(_PANEL, _PANEL))
    return inline(shrink(draw_attention(upright, caption), _SHEET))
