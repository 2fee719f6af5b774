"""The metadata of Photoshop's own format: blocks between its header and its layers.

Source: Adobe Photoshop File Formats Specification, 2019.
"""

from __future__ import annotations

import struct

from imagecap.pictures.metadata.blocks import Blocks, few
from imagecap.pictures.metadata.iptc import Part, photoshop_blocks

MARK = b"8BPS"
"""How Photoshop's files begin, small and large ones."""

_HEADER = 26
_EXIF, _XMP = 0x0422, 0x0424


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a file with the blocks that are given for its own; see `Blocks`."""
    (colours,) = struct.unpack_from(">I", content, _HEADER)
    start = _HEADER + 4 + colours + 4
    (length,) = struct.unpack_from(">I", content, start - 4)
    if start + length > len(content):
        raise ValueError("the blocks are cut off")
    parts, has_exif, has_xmp = [], False, False
    for part in few(photoshop_blocks(content[start : start + length])):
        new: bytes | None = part.body
        if part.name == _EXIF:
            has_exif = True
            new = blocks.exif(part.body)
        elif part.name == _XMP:
            has_xmp = True
            new = blocks.xmp(part.body)
        parts.append(part.with_body(new or b""))
    written = b"".join(parts)
    if not has_exif and (exif := blocks.exif(None)):
        written = _block(_EXIF, exif) + written
    if not has_xmp and (xmp := blocks.xmp(None)):
        written = _block(_XMP, xmp) + written
    written = blocks.photoshop(written)
    head = content[: start - 4] + struct.pack(">I", len(written))
    return head + written + content[start + length :]


def _block(name: int, body: bytes) -> bytes:
    return Part(name, struct.pack(">4sHHI", b"8BIM", name, 0, 0)).with_body(body)
