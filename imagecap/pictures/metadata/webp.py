"""The metadata of a WebP: chunks."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from imagecap.pictures.metadata.blocks import Blocks, few
from imagecap.pictures.metadata.exif import MARK as EXIF_MARK

MARK = b"RIFF"
"""How every WebP begins."""

_HEADER = 12
_HAS_XMP, _HAS_EXIF, _HAS_ALPHA = 0x04, 0x08, 0x10
_EXTENDED, _EXIF, _XMP = b"VP8X", b"EXIF", b"XMP "


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a WebP with the blocks that are given for its own; see `Blocks`."""
    if content[8:_HEADER] != b"WEBP":
        raise ValueError("another kind of RIFF")
    # What follows the end that the header tells is not of the picture.
    end = min(8 + struct.unpack_from("<I", content, 4)[0], len(content))
    chunks = list(few(_chunks(content[:end])))
    if not chunks or chunks[0][0] not in (b"VP8 ", b"VP8L", _EXTENDED):
        raise ValueError("no pixels")
    if chunks[0][0] != _EXTENDED:
        # Simple files begin with the pixels; only extended ones have room for more.
        chunks.insert(0, (_EXTENDED, _extended(*chunks[0])))
    flags, has_exif, has_xmp = chunks[0][1][0], False, False
    for index, (kind, data) in enumerate(chunks):
        if kind == _EXIF:
            has_exif = True
            mark = EXIF_MARK if data.startswith(EXIF_MARK) else b""
            chunks[index] = kind, mark + (blocks.exif(data[len(mark) :]) or b"")
        elif kind == _XMP:
            has_xmp = True
            chunks[index] = kind, blocks.xmp(data) or b""
    if not has_exif and (exif := blocks.exif(None)):
        chunks.append((_EXIF, exif))
        flags |= _HAS_EXIF
    if not has_xmp and (xmp := blocks.xmp(None)):
        chunks.append((_XMP, xmp))
        flags |= _HAS_XMP
    chunks[0] = _EXTENDED, bytes([flags]) + chunks[0][1][1:]
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        for kind, data in chunks
    )
    return MARK + struct.pack("<I", len(body)) + body + content[end:]


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _HEADER
    while at + 8 <= len(content):
        kind, length = struct.unpack_from("<4sI", content, at)
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            raise ValueError("cut off")
        yield kind, data
        at += 8 + length + length % 2


def _extended(kind: bytes, pixels: bytes) -> bytes:
    """Make the first chunk of an extended file for a simple one."""
    if kind == b"VP8L":
        if pixels[0] != 0x2F:
            raise ValueError("no lossless picture")
        (bits,) = struct.unpack_from("<I", pixels, 1)
        sides = bits & 0x3FFF, bits >> 14 & 0x3FFF
        flags = _HAS_ALPHA if bits >> 28 & 1 else 0
    else:
        if pixels[3:6] != b"\x9d\x01\x2a":
            raise ValueError("no lossy picture")
        sides = tuple((n & 0x3FFF) - 1 for n in struct.unpack_from("<HH", pixels, 6))
        flags = 0
    return bytes([flags, 0, 0, 0]) + b"".join(
        side.to_bytes(3, "little") for side in sides
    )
