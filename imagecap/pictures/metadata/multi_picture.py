"""Further pictures in a JPEG: previews, and maps of how bright its lights are.

Source: CIPA DC-007, Multi-Picture Format.
"""

from __future__ import annotations

import struct

from imagecap.pictures.tiff_structure import TiffStructure

MULTI_PICTURE_MARK = b"MPF\x00"
"""How the segment begins that lists the pictures."""

_PICTURES = 0xB002
_ROW = 16


def moved_pictures(body: bytes, growth: int, growth_behind: int) -> bytes:
    """Correct a list of pictures after the first one has grown.

    Args:
        body: The segment with the list.
        growth: By how many bytes the first picture has grown.
        growth_behind: How many of them lie behind the list; it tells how far from
            itself the further pictures lie.

    Returns:
        The segment, no longer than it was; as it was, if it is damaged.
    """
    try:
        structure = TiffStructure(body[len(MULTI_PICTURE_MARK) :])
        entry = structure.find(structure.first, _PICTURES)
        rows = structure.value(entry) if entry else b""
        form = f"{structure.order}III4s"
        moved = b""
        for row in struct.iter_unpack(form, rows[: len(rows) // _ROW * _ROW]):
            attributes, size, place, dependent = row
            if place:
                place += growth_behind
            else:
                size += growth
            moved += struct.pack(form, attributes, size, place, dependent)
    except (ValueError, struct.error):
        return body
    if not moved:
        return body
    at = body.index(rows)
    return body[:at] + moved + body[at + len(moved) :]
