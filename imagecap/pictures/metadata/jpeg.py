"""A caption in the segments of a JPEG."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from imagecap.pictures.metadata.fields import (
    EXIF_MARK,
    MetadataError,
    exif_with,
    xmp_with,
)

MARK = b"\xff\xd8"
"""How every JPEG begins."""

_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\x00"
_LARGEST_SEGMENT = 65_533
_START_OF_SCAN = 0xDA
_APP0, _APP1 = 0xE0, 0xE1


def describe(content: bytes, caption: str) -> bytes:
    """Give a JPEG with a caption in it; see `write_described_copy`."""
    segments = list(_segments(content))
    exif = EXIF_MARK + exif_with(caption, content)
    packets = [body for marker, body in segments if _is_xmp(marker, body)]
    packet = packets[0][len(_XMP_MARK) :] if packets else None
    xmp = _XMP_MARK + xmp_with(caption, packet)
    kept = [
        (marker, body)
        for marker, body in segments
        if not (_is_xmp(marker, body) or _is_exif(marker, body))
    ]
    # What comes first in a JPEG is JFIF's own segment, then EXIF, then XMP.
    first = 1 if kept and kept[0][0] == _APP0 else 0
    new = [(_APP1, body) for body in (exif, xmp)]
    if any(len(body) > _LARGEST_SEGMENT for _, body in new):
        raise MetadataError("The picture's metadata leaves no room for a caption.")
    whole = bytearray(MARK)
    for marker, body in (*kept[:first], *new, *kept[first:]):
        whole += struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
    return bytes(whole) + content[_scan_at(content) :]


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Read the segments of a JPEG before its pixels: marker and body of each."""
    at, end = 2, _scan_at(content)
    while at < end:
        while content[at + 1] == 0xFF:  # padding
            at += 1
        marker, length = struct.unpack_from(">BH", content, at + 1)
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + length


def _scan_at(content: bytes) -> int:
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        while content[at + 1] == 0xFF:
            at += 1
        marker, length = struct.unpack_from(">BH", content, at + 1)
        if marker == _START_OF_SCAN:
            return at
        at += 2 + length


def _is_exif(marker: int, body: bytes) -> bool:
    return marker == _APP1 and body.startswith(EXIF_MARK)


def _is_xmp(marker: int, body: bytes) -> bool:
    return marker == _APP1 and body.startswith(_XMP_MARK)
