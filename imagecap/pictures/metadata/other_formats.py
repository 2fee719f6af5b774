"""The metadata of formats into which nothing is written, as Pillow reads it."""

from __future__ import annotations

import io

from PIL import Image

from imagecap.pictures.limits import LimitedFile
from imagecap.pictures.metadata.blocks import Blocks


def read_blocks_of(content: bytes, blocks: Blocks) -> bytes:
    """Give the blocks of a picture to be read."""
    file = LimitedFile(io.BytesIO(content), len(content))
    try:
        with file.opening(), Image.open(file) as image:
            xmp, exif = image.info.get("xmp"), image.info.get("exif")
    # Pillow's readers raise whatever damaged bytes lead them to.
    except Exception as error:
        raise ValueError("no picture") from error
    blocks.xmp(xmp.encode() if isinstance(xmp, str) else xmp)
    if isinstance(exif, bytes):
        blocks.exif(exif.removeprefix(b"Exif\0\0"))
    return content
