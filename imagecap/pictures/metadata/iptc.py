"""A caption in IPTC's older form, where it is there: records, in Photoshop's blocks."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imagecap.pictures.metadata.exif import decode_any

_RECORDS, _DIGEST = 0x0404, 0x0425
_MARK = 0x1C
_CHARACTER_SET, _CAPTION = (1, 90), (2, 120)
# Where in the city, the city, its state, its country.
_PLACE = ((2, 92), (2, 90), (2, 95), (2, 101))
_UTF_8 = b"\x1b%G"
_LONGEST_CAPTION = 2_000


@dataclass(frozen=True)
class Part:
    """A record or a block: what it is, as it is stored, and what it holds."""

    name: tuple[int, int] | int | None
    raw: bytes
    body: bytes = b""

    def with_body(self, body: bytes) -> bytes:
        """Give a block that holds something else."""
        if body == self.body:
            return self.raw
        head = self.raw[: 6 + (self.raw[6] + 2) // 2 * 2]
        return head + struct.pack(">I", len(body)) + body + bytes(len(body) % 2)


def describe_blocks(
    blocks: bytes, caption: str, elsewhere: Mapping[bytes, bytes]
) -> bytes:
    """Give Photoshop's blocks with a caption in place of the one in their records.

    Args:
        blocks: The blocks that are there.
        caption: The caption.
        elsewhere: Records that lie elsewhere in the file, as they were and as they are
            now; the blocks may hold their digest.
    """
    parts = list(photoshop_blocks(blocks))
    records = {p.body: describe_records(p.body, caption) for p in _of(parts, _RECORDS)}
    digests = {_digest(old): new for old, new in {**elsewhere, **records}.items()}
    whole = b""
    for part in parts:
        new = part.body
        if part.name == _RECORDS:
            new = records[part.body]
        # Programs tell by it whether the records were changed without XMP.
        elif part.name == _DIGEST and part.body in digests:
            new = _digest(digests[part.body])
        whole += part.with_body(new)
    return whole


def describe_records(records: bytes, caption: str) -> bytes:
    """Give records with a caption in place of the one that is there.

    A caption that cannot be told in their character set, or is longer than they admit,
    is left out, so that they do not say another one.
    """
    parts = list(_records(records))
    former = _of(parts, _CAPTION)
    if not former:
        return records
    is_utf_8 = any(part.body == _UTF_8 for part in _of(parts, _CHARACTER_SET))
    new = b""
    try:
        text = caption.encode("utf-8" if is_utf_8 else "cp1252")
    except UnicodeEncodeError:
        text = b""
    if 0 < len(text) <= _LONGEST_CAPTION:
        new = struct.pack(">BBBH", _MARK, *_CAPTION, len(text)) + text
    return b"".join(
        (new if part is former[0] else b"") if part.name == _CAPTION else part.raw
        for part in parts
    )


def read_blocks(blocks: bytes) -> str | None:
    """Read the caption in Photoshop's blocks."""
    found = (
        read_records(part.body)
        for part in _of(list(photoshop_blocks(blocks)), _RECORDS)
    )
    return next((caption for caption in found if caption), None)


def read_records(records: bytes) -> str | None:
    """Read the caption in records."""
    found = _of(list(_records(records)), _CAPTION)
    return decode_any(found[0].body) if found else None


def read_place(records: bytes) -> list[str]:
    """Read where a picture was taken: names of places, the nearest first."""
    parts = list(_records(records))
    return [decode_any(one.body) for name in _PLACE for one in _of(parts, name)[:1]]


def place_in_blocks(blocks: bytes) -> list[str]:
    """Read where a picture was taken from Photoshop's blocks, as `read_place` does."""
    records = _of(list(photoshop_blocks(blocks)), _RECORDS)
    return read_place(records[0].body) if records else []


def _digest(records: bytes) -> bytes:
    return hashlib.md5(records, usedforsecurity=False).digest()


def _of(parts: list[Part], name: tuple[int, int] | int) -> list[Part]:
    return [part for part in parts if part.name == name]


def photoshop_blocks(content: bytes) -> Iterator[Part]:
    """Give the blocks that Photoshop keeps beside a picture, and what follows."""
    at = 0
    while content[at : at + 4] == b"8BIM" and at + 12 <= len(content):
        (name,) = struct.unpack_from(">H", content, at + 4)
        start = at + 6 + (content[at + 6] + 2) // 2 * 2 + 4
        if start > len(content):
            break
        (length,) = struct.unpack_from(">I", content, start - 4)
        end = start + length + length % 2
        if start + length > len(content):
            break
        yield Part(name, content[at:end], content[start : start + length])
        at = end
    if content[at:]:
        yield Part(None, content[at:])


def _records(content: bytes) -> Iterator[Part]:
    at = 0
    while at + 5 <= len(content) and content[at] == _MARK:
        record, dataset, length = struct.unpack_from(">BBH", content, at + 1)
        start = at + 5
        # A record with more than 32,767 bytes says how many bytes say its length.
        if length & 0x8000:
            digits = length & 0x7FFF
            length = int.from_bytes(content[start : start + digits], "big")
            start += digits
        if start + length > len(content):
            break
        end = start + length
        yield Part((record, dataset), content[at:end], content[start:end])
        at = end
    if content[at:]:
        yield Part(None, content[at:])
