"""The metadata of a TIFF: fields of its first directory, as EXIF's are."""

from __future__ import annotations

from imagecap.pictures.metadata.blocks import Blocks
from imagecap.pictures.tiff_structure import (
    BYTE,
    LONG,
    UNDEFINED,
    TiffStructure,
)

MARKS = (b"II*\0", b"MM\0*", b"MM*\0", b"II\0*", b"II+\0", b"MM\0+")
"""How TIFFs begin, in either order of bytes, the large ones, too."""

_IS_REDUCED, _DNG_VERSION = 254, 50706
_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _SAMPLES = 256, 257, 258, 259, 277
_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 273, 279, 324, 325
_NUMBERS = frozenset(
    (
        *(_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _SAMPLES),
        *(_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES),
    )
)
_NOT_COMPRESSED = 1


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a TIFF with the blocks that are given for its first page's own."""
    structure = TiffStructure(content)
    if _is_raw(structure):
        raise ValueError("what a camera has stored raw is not changed")
    if _lacks_pixels(structure):
        raise ValueError("what is written behind its end would be read as pixels")
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


def _lacks_pixels(structure: TiffStructure) -> bool:
    """Whether pixels lie, or are looked for, beyond the end of the file."""
    told = {
        entry.tag: structure.numbers(entry)
        for entry in structure.entries(structure.first)
        if entry.tag in _NUMBERS
    }
    starts = told.get(_STRIPS) or told.get(_TILES, ())
    sizes = told.get(_STRIP_SIZES) or told.get(_TILE_SIZES, ())
    length = len(structure.content)
    if any(start + size > length for start, size in zip(starts, sizes, strict=False)):
        return True
    compression, width, height = (
        (told.get(tag) or (1,))[0] for tag in (_COMPRESSION, _WIDTH, _HEIGHT)
    )
    bits = told.get(_BITS) or (1,)
    samples = (told.get(_SAMPLES) or (len(bits),))[0]
    # Where they are not compressed, programs do not look at the sizes.
    pixels = height * (width * bits[0] * samples // 8)
    return compression == _NOT_COMPRESSED and sum(sizes) < pixels
