"""What the formats of pictures have in common: blocks of metadata in a file.

Each format finds the blocks of a file and gives each to one of these, which reads it or
gives another one in its place. So reading and writing go the same way.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Protocol

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
from imagecap.pictures.tiff_structure import TiffStructure
from imagecap.pictures.metadata.xmp import (
    describe_xmp,
    read_place,
    read_provenance,
    read_xmp,
    remove_captions,
)
from imagecap.pictures.metadata.xmp_packet import XmpError
from imagecap.provenance import UNKNOWN

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


class Reader:
    """Collects what blocks say and changes none.

    Attributes:
        captions: Name of the field → caption; the first one counts.
        provenance: Where the caption of the XMP comes from.
        taken: When the picture was taken, by EXIF; see `read_time`.
        place: Where it was taken, by IPTC or XMP: “Gion, Kyoto, Japan”; empty if
            neither says so.
    """

    def __init__(self) -> None:
        self.captions: dict[str, str] = {}
        self.provenance = UNKNOWN
        self.taken: str | None = None
        self.place = ""

    def exif(self, block: bytes | None, room: int | None = None) -> bytes | None:
        """Read EXIF."""
        if block:
            with suppress(ValueError, struct.error):
                self._add(read_exif(block))
                self.taken = self.taken or read_time(block)
        return block

    def xmp(self, packet: bytes | None, room: int | None = None) -> bytes | None:
        """Read a packet of XMP."""
        if packet:
            with suppress(XmpError):
                self._add(read_xmp(packet))
                self._add_place(read_place(packet))
                if self.provenance == UNKNOWN:
                    self.provenance = read_provenance(packet)
        return packet

    def photoshop(self, blocks: bytes, elsewhere: _Records = _NONE) -> bytes:
        """Read Photoshop's blocks."""
        self._add({"iptc": read_blocks(blocks) or ""})
        self._add_place(place_in_blocks(blocks))
        return blocks

    def iptc(self, records: bytes) -> bytes:
        """Read records of IPTC."""
        self._add({"iptc": read_records(records) or ""})
        self._add_place(place_in_records(records))
        return records

    def extended_xmp(self, packet: bytes) -> bytes:
        """Read a packet that goes on."""
        self.xmp(packet)
        return packet

    def text(self, description: str) -> str:
        """Read a description."""
        self._add({"png-description": description})
        return description

    def comment(self, comment: str) -> str:
        """Read a comment, unless a program wrote it of itself."""
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


class Writer:
    """Writes a caption into blocks.

    Args:
        description: What they shall say.

    Attributes:
        has_xmp: Whether a packet of XMP says it.
        problems: What could not be done, each in a sentence.
    """

    def __init__(self, description: Description) -> None:
        self.description = description
        self.has_xmp = False
        self.problems: list[str] = []

    def exif(self, block: bytes | None, room: int | None = None) -> bytes | None:
        """Give EXIF with the caption; damaged EXIF stays as it is."""
        try:
            return describe_exif(block, self.description.caption, room)
        except (ValueError, struct.error):
            self.problems.append("Its EXIF is damaged and was left as it is.")
            return block

    def xmp(self, packet: bytes | None, room: int | None = None) -> bytes | None:
        """Give a packet with the caption, in place of a damaged one as well."""
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
        return describe_blocks(blocks, self.description.caption, elsewhere)

    def iptc(self, records: bytes) -> bytes:
        """Give records of IPTC with the caption where they have one."""
        return describe_records(records, self.description.caption)

    def extended_xmp(self, packet: bytes) -> bytes:
        """Give a packet that goes on without captions; a damaged one stays."""
        try:
            return remove_captions(packet) if read_xmp(packet) else packet
        except XmpError:
            self.problems.append("A part of its XMP is damaged and was left as it is.")
            return packet

    def text(self, description: str) -> str:
        """Give the caption in place of a description."""
        return self.description.caption

    def comment(self, comment: str) -> str:
        """Give the caption in place of a comment that may have been one."""
        return self.description.caption if is_caption(comment) else comment

    def directories(self, structure: TiffStructure, more: _Values) -> None:
        """Write the caption into the directories of a TIFF file."""
        describe_directories(structure, self.description.caption, more)
