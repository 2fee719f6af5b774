"""What the formats of pictures have in common: blocks of metadata in a file.

Each format finds the blocks of a file and gives each to one of these, which reads it or
gives another one in its place. So reading and writing go the same way.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Protocol, TypeVar

from imagecap.pictures.metadata.comments import is_caption
from imagecap.pictures.metadata.description import Description
from imagecap.pictures.metadata.exif import (
    describe_directories,
    describe_exif,
    read_exif,
    read_time,
)
from imagecap.pictures.metadata.iptc import (
    describe_blocks,
    describe_records,
    place_in_blocks,
    read_blocks,
    read_records,
)
from imagecap.pictures.metadata.iptc import read_place as place_in_records
from imagecap.pictures.metadata.xmp import (
    describe_xmp,
    read_place,
    read_provenance,
    read_xmp,
    remove_captions,
)
from imagecap.pictures.metadata.xmp_packet import XmpError
from imagecap.pictures.tiff_structure import TiffStructure
from imagecap.provenance import UNKNOWN

# A photograph of 89 megapixels may lie in some ten thousand chunks.
_MOST_PIECES = 50_000
_MOST_BLOCKS, _MOST_BYTES = 500, 24 * 2**20
Piece = TypeVar("Piece")
_Values = dict[int, tuple[int, bytes] | None]
_Records = Mapping[bytes, bytes]
_NONE: _Records = MappingProxyType({})


class Blocks(Protocol):
    """Takes the blocks of a file, as they come; `None` where there is none."""

    def exif(self, block: bytes | None, room: int | None = None) -> bytes | None:
        """Take EXIF without a mark in front, and the number of bytes it may have."""

    def xmp(self, packet: bytes | None, room: int | None = None) -> bytes | None:
        """Take a packet of XMP, and the number of bytes it may have."""

    def photoshop(self, blocks: bytes, elsewhere: _Records = _NONE) -> bytes:
        """Take Photoshop's blocks, in which records of IPTC lie, or their digest."""

    def iptc(self, records: bytes) -> bytes:
        """Take records of IPTC."""

    def extended_xmp(self, packet: bytes) -> bytes:
        """Take a packet of XMP that goes on where the first one had no more room."""

    def text(self, description: str) -> str:
        """Take a description as plain text."""

    def comment(self, comment: str) -> str:
        """Take a comment, which may be a caption."""

    def directories(self, structure: TiffStructure, more: _Values) -> None:
        """Take the directories of a TIFF file, and fields for the first one."""


def few(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Give the pieces of a file on, one by one.

    Raises:
        ValueError: If there are more than any program writes, which would take long.
    """
    for number, piece in enumerate(pieces):
        if number == _MOST_PIECES:
            raise ValueError("too many pieces")
        yield piece


class _Bounded:
    """Takes no more blocks of one file than any program writes."""

    def __init__(self) -> None:
        self._blocks_left, self._bytes_left = _MOST_BLOCKS, _MOST_BYTES

    def _count(self, block: bytes | str | None) -> None:
        self._blocks_left -= 1
        self._bytes_left -= len(block or "")
        if min(self._blocks_left, self._bytes_left) < 0:
            raise ValueError("too many blocks")


class Reader(_Bounded):
    """Collects what blocks say and changes none.

    Attributes:
        captions: Name of the field → caption; the first one counts.
        provenance: Where the caption of the XMP comes from.
        taken: When the picture was taken, by EXIF; see `read_time`.
        place: Where it was taken, by IPTC or XMP: “Gion, Kyoto, Japan”; empty if
            neither says so.
    """

    def __init__(self) -> None:
        super().__init__()
        self.captions: dict[str, str] = {}
        self.provenance = UNKNOWN
        self.taken: str | None = None
        self.place = ""

    def exif(self, block: bytes | None, room: int | None = None) -> bytes | None:
        """Read EXIF."""
        self._count(block)
        if block:
            with suppress(ValueError, struct.error):
                self._add(read_exif(block))
                self.taken = self.taken or read_time(block)
        return block

    def xmp(self, packet: bytes | None, room: int | None = None) -> bytes | None:
        """Read a packet of XMP."""
        self._count(packet)
        if packet:
            with suppress(XmpError):
                self._add(read_xmp(packet))
                self._add_place(read_place(packet))
                if self.provenance == UNKNOWN:
                    self.provenance = read_provenance(packet)
        return packet

    def photoshop(self, blocks: bytes, elsewhere: _Records = _NONE) -> bytes:
        """Read Photoshop's blocks."""
        self._count(blocks)
        self._add({"iptc": read_blocks(blocks) or ""})
        self._add_place(place_in_blocks(blocks))
        return blocks

    def iptc(self, records: bytes) -> bytes:
        """Read records of IPTC."""
        self._count(records)
        self._add({"iptc": read_records(records) or ""})
        self._add_place(place_in_records(records))
        return records

    def extended_xmp(self, packet: bytes) -> bytes:
        """Read a packet that goes on."""
        self._count(packet)
        self.xmp(packet)
        return packet

    def text(self, description: str) -> str:
        """Read a description."""
        self._count(description)
        self._add({"png-description": description})
        return description

    def comment(self, comment: str) -> str:
        """Read a comment, unless a program wrote it of itself."""
        self._count(comment)
        if is_caption(comment):
            self._add({"comment": comment})
        return comment

    def directories(self, structure: TiffStructure, more: _Values) -> None:
        """Read the directories of a TIFF file."""
        content = bytes(structure.content)
        self._add(read_exif(content))
        self.taken = self.taken or read_time(content)

    def _add(self, found: dict[str, str]) -> None:
        for field, text in found.items():
            if text := _written(text):
                self.captions.setdefault(field, text)

    def _add_place(self, names: list[str]) -> None:
        self.place = self.place or ", ".join(filter(None, map(_written, names)))


def _written(text: str) -> str:
    """Return a text; nothing where cameras fill it with zeros or spaces."""
    return " ".join(text.replace("\0", " ").split())


class Writer(_Bounded):
    """Writes a caption into blocks.

    Args:
        description: What they shall say.

    Attributes:
        has_xmp: Whether a packet of XMP says it.
        problems: What could not be done, each in a sentence.
    """

    def __init__(self, description: Description) -> None:
        super().__init__()
        self.description = description
        self.has_xmp = False
        self.problems: list[str] = []

    def exif(self, block: bytes | None, room: int | None = None) -> bytes | None:
        """Give EXIF with the caption; damaged EXIF stays as it is."""
        self._count(block)
        try:
            return describe_exif(block, self.description.caption, room)
        except (ValueError, struct.error):
            self.problems.append("Its EXIF is damaged and was left as it is.")
            return block

    def xmp(self, packet: bytes | None, room: int | None = None) -> bytes | None:
        """Give a packet with the caption, in place of a damaged one as well."""
        self._count(packet)
        try:
            if packet and self.has_xmp:
                return remove_captions(packet)
            new = describe_xmp(packet, self.description, room)
        except XmpError:
            if not packet:
                return None
            try:
                return remove_captions(packet)
            except XmpError:
                self.problems.append("Its XMP was damaged and is replaced.")
                return self.xmp(None, room)
        self.has_xmp = True
        return new

    def photoshop(self, blocks: bytes, elsewhere: _Records = _NONE) -> bytes:
        """Give Photoshop's blocks with the caption where they have one."""
        self._count(blocks)
        return describe_blocks(blocks, self.description.caption, elsewhere)

    def iptc(self, records: bytes) -> bytes:
        """Give records of IPTC with the caption where they have one."""
        self._count(records)
        return describe_records(records, self.description.caption)

    def extended_xmp(self, packet: bytes) -> bytes:
        """Give a packet that goes on without captions; a damaged one stays."""
        self._count(packet)
        try:
            return remove_captions(packet) if read_xmp(packet) else packet
        except XmpError:
            self.problems.append("A part of its XMP is damaged and was left as it is.")
            return packet

    def text(self, description: str) -> str:
        """Give the caption in place of a description."""
        self._count(description)
        return self.description.caption

    def comment(self, comment: str) -> str:
        """Give the caption in place of a comment that may have been one."""
        self._count(comment)
        return self.description.caption if is_caption(comment) else comment

    def directories(self, structure: TiffStructure, more: _Values) -> None:
        """Write the caption into the directories of a TIFF file."""
        describe_directories(structure, self.description.caption, more)
