"""The metadata of a TIFF: fields of its first directory, as EXIF's are."""

from __future__ import annotations

from imagecap.pictures.metadata.blocks import Blocks
from imagecap.pictures.metadata.tiff_structure import (
    BYTE,
    LONG,
    UNDEFINED,
    TiffStructure,
)

MARKS = (b"II*\0", b"MM\0*", b"MM*\0", b"II\0*", b"II+\0", b"MM\0+")
"""How TIFFs begin, in either order of bytes, the large ones, too."""

_IS_REDUCED, _DNG_VERSION = 254, 50706
_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a TIFF with the blocks that are given for its first page's own."""
    structure = TiffStructure(content)
    if _is_raw(structure):
        raise ValueError("what a camera has stored raw is not changed")
    found = {entry.tag: entry for entry in structure.entries(structure.first)}
    values: dict[int, tuple[int, bytes] | None] = {}
    records: dict[bytes, bytes] = {}
    if entry := found.get(_IPTC):
        old = structure.value(entry)
        new = blocks.iptc(old)
        kind = entry.kind if entry.kind in (BYTE, LONG) else UNDEFINED
        # Some programs count these bytes in fours.
        new += bytes(-len(new) % 4 if kind == LONG else 0)
        if new != old:
            values[_IPTC], records[old] = (kind, new), new
            # A digest may be of the records without what fills them up.
            records[old.rstrip(b"\0")] = new.rstrip(b"\0")
    if entry := found.get(_PHOTOSHOP):
        old = structure.value(entry)
        if (new := blocks.photoshop(old, records)) != old:
            values[_PHOTOSHOP] = UNDEFINED, new
    packet = structure.value(found[_XMP]) if _XMP in found else None
    if xmp := blocks.xmp(packet):
        values[_XMP] = (found[_XMP].kind if _XMP in found else BYTE), xmp
    blocks.directories(structure, values)
    return bytes(structure.content)


def _is_raw(structure: TiffStructure) -> bool:
    """Whether it is a camera's raw data, which begins with a preview.

    Programs read captions of these from files beside them.
    """
    reduced = structure.find(structure.first, _IS_REDUCED)
    return (
        structure.content[8:10] == b"CR"
        or structure.find(structure.first, _DNG_VERSION) is not None
        or (reduced is not None and any(structure.value(reduced)))
    )
