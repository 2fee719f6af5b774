"""A caption in the chunks of a WebP."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from PIL import Image

from imagecap.pictures.metadata.fields import exif_with, xmp_with

MARK = b"RIFF"
"""How every WebP begins."""

_HEADER = 12
_HAS_XMP, _HAS_EXIF, _HAS_ALPHA = 0x04, 0x08, 0x10


def describe(content: bytes, caption: str) -> bytes:
    """Give a WebP with a caption in it; see `write_described_copy`."""
    if content[8:_HEADER] != b"WEBP":
        raise ValueError("another kind of RIFF")
    chunks = list(_chunks(content))
    former = dict(chunks).get(b"XMP ")
    # Simple files begin with the pixels; only extended ones have room for more.
    extended = dict(chunks).get(b"VP8X") or _extended(content)
    flags = extended[0] | _HAS_XMP | _HAS_EXIF
    own = (b"VP8X", b"EXIF", b"XMP ")
    chunks = [
        (b"VP8X", bytes([flags]) + extended[1:]),
        *(chunk for chunk in chunks if chunk[0] not in own),
        (b"EXIF", exif_with(caption, content)),
        (b"XMP ", xmp_with(caption, former)),
    ]
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        for kind, data in chunks
    )
    return MARK + struct.pack("<I", len(body)) + body


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    # What may follow the end that the header tells is not of the picture.
    at, end = _HEADER, 8 + struct.unpack_from("<I", content, 4)[0]
    while at < end:
        kind, length = struct.unpack_from("<4sI", content, at)
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            raise ValueError("cut off")
        yield kind, data
        at += 8 + length + length % 2


def _extended(content: bytes) -> bytes:
    """Make the first chunk of an extended file for a simple one."""
    with Image.open(io.BytesIO(content)) as image:
        flags = _HAS_ALPHA if image.has_transparency_data else 0
        sides = [side - 1 for side in image.size]
    return bytes([flags, 0, 0, 0]) + b"".join(
        side.to_bytes(3, "little") for side in sides
    )
