"""A caption in the chunks of a PNG."""

from __future__ import annotations

import struct
import zlib

from imagecap.pictures.metadata.fields import exif_with, xmp_with

MARK = b"\x89PNG\r\n\x1a\n"
"""How every PNG begins."""


def describe(content: bytes, caption: str) -> bytes:
    """Give a PNG with a caption in it; see `write_described_copy`."""
    xmp, whole = None, bytearray(MARK)
    kept = []
    at = len(MARK)
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind = content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + length]
        if kind == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0\0"):
            xmp = body.split(b"\0", 5)[-1]
        elif kind != b"eXIf":
            kept.append(content[at : at + 12 + length])
        at += 12 + length
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp_with(caption, xmp)
    exif = exif_with(caption, content)
    new = [_chunk(b"eXIf", exif), _chunk(b"iTXt", text)]
    # After the header, which must come first.
    return bytes(whole) + b"".join((kept[0], *new, *kept[1:]))


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)
