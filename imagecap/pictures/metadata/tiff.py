"""A caption in the fields of a TIFF, which are those of EXIF themselves."""

from __future__ import annotations

import struct

from imagecap.pictures.metadata.fields import MetadataError, xmp_with

MARKS = (b"II*\x00", b"MM\x00*")
"""How TIFFs begin, in either order of bytes."""

_DESCRIPTION, _XMP = 270, 700
_ASCII, _BYTE = 2, 1
_ENTRY = 12
_LARGEST = 2**32 - 1


def describe(content: bytes, caption: str) -> bytes:
    """Give a TIFF with a caption for its first page; see `write_described_copy`.

    All that is there keeps its place, for the fields refer to it by its place; a new
    list of fields is written behind it.
    """
    order = "<" if content.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, start)
    after = start + 2 + count * _ENTRY
    (following,) = struct.unpack_from(f"{order}I", content, after)
    fields = {}
    for at in range(start + 2, after, _ENTRY):
        (tag,) = struct.unpack_from(f"{order}H", content, at)
        fields[tag] = content[at : at + _ENTRY]

    former = None
    if _XMP in fields:
        _, _, length, place = struct.unpack(f"{order}HHII", fields[_XMP])
        former = content[place : place + length]
    whole = bytearray(content)
    for tag, kind, value in (
        (_DESCRIPTION, _ASCII, caption.encode() + b"\0"),
        (_XMP, _BYTE, xmp_with(caption, former)),
    ):
        # What is short stands in the field itself, instead of its place.
        value = value.ljust(5, b"\0")
        whole += bytes(len(whole) % 2)
        fields[tag] = struct.pack(f"{order}HHII", tag, kind, len(value), len(whole))
        whole += value
    whole += bytes(len(whole) % 2)
    if len(whole) > _LARGEST - (len(fields) + 1) * _ENTRY:
        raise MetadataError("The picture is too large for a caption in a copy.")
    struct.pack_into(f"{order}I", whole, 4, len(whole))
    whole += struct.pack(f"{order}H", len(fields))
    whole += b"".join(fields[tag] for tag in sorted(fields))
    return bytes(whole + struct.pack(f"{order}I", following))
