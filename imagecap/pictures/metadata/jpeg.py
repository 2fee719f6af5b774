"""The metadata of a JPEG: segments before the pixels, all else spliced as it is."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from imagecap.pictures.metadata.blocks import Blocks
from imagecap.pictures.metadata.comments import decode_comment
from imagecap.pictures.metadata.exif import MARK as EXIF_MARK
from imagecap.pictures.metadata.multi_picture import (
    MULTI_PICTURE_MARK,
    moved_pictures,
)

MARK = b"\xff\xd8"
"""How every JPEG begins."""

_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\x00"
_EXTENDED_XMP_MARK = b"http://ns.adobe.com/xmp/extension/\x00"
# The digest of the whole, its length, and where the part begins in it.
_PART_HEAD = struct.Struct(">32sII")
_PHOTOSHOP_MARK = b"Photoshop 3.0\x00"
_LARGEST_BODY = 65_533
_START_OF_SCAN, _COMMENT = 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP13 = 0xE0, 0xE1, 0xE2, 0xED
_MARKER = re.compile(rb"\xff[^\x00\xff]")
# Cameras and programs write a few dozen, and depth maps of a few megabytes.
_MOST_SEGMENTS, _MOST_BYTES = 5_000, 64 * 2**20
_WITHOUT_BODY = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})


@dataclass(frozen=True)
class _Piece:
    """A segment, or bytes between segments.

    Attributes:
        raw: The bytes as they are stored.
        marker: What kind of segment it is; 0 of none.
        body: What the segment holds.
    """

    raw: bytes
    marker: int = 0
    body: bytes = b""

    def has(self, marker: int, mark: bytes) -> bool:
        """Whether it is a segment whose body begins with a mark."""
        return self.marker == marker and self.body.startswith(mark)

    def with_body(self, body: bytes) -> _Piece:
        """Give the same segment, holding something else."""
        if body == self.body:
            return self
        raw = struct.pack(">BBH", 0xFF, self.marker, len(body) + 2) + body
        return replace(self, raw=raw, body=body)


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a JPEG with the blocks that are given for its own; see `Blocks`."""
    scan = _scan_at(content)
    old = list(_pieces(content[:scan]))
    new = [replace(piece) for piece in old]
    _replace(new, _APP1, EXIF_MARK, blocks.exif)
    _replace(new, _APP1, _XMP_MARK, blocks.xmp)
    _replace_extended_xmp(new, blocks)
    _replace_photoshop(new, blocks)
    _replace_comments(new, blocks)
    _correct_places(old, new)
    return b"".join(piece.raw for piece in new) + content[scan:]


def _replace(
    pieces: list[_Piece],
    marker: int,
    mark: bytes,
    give: Callable[[bytes | None, int | None], bytes | None],
) -> None:
    room = _LARGEST_BODY - len(mark)
    found = [i for i, piece in enumerate(pieces) if piece.has(marker, mark)]
    for index in found:
        new = give(pieces[index].body[len(mark) :], room)
        pieces[index] = pieces[index].with_body(mark + (new or b""))
    if not found and (new := give(None, room)) and len(new) <= room:
        pieces.insert(_place(pieces), _Piece(b"", marker).with_body(mark + new))


def _replace_extended_xmp(pieces: list[_Piece], blocks: Blocks) -> None:
    """Replace what the XMP goes on with: parts, each with the digest of the whole.

    Source: Adobe, XMP Specification Part 3, 1.1.3.1, Extended XMP in JPEG.
    """
    found: dict[bytes, list[tuple[int, int, bytes]]] = {}
    for index, piece in enumerate(pieces):
        body = piece.body[len(_EXTENDED_XMP_MARK) :]
        if piece.has(_APP1, _EXTENDED_XMP_MARK) and len(body) >= _PART_HEAD.size:
            digest, _, start = _PART_HEAD.unpack_from(body)
            part = start, index, body[_PART_HEAD.size :]
            found.setdefault(digest, []).append(part)
    removed: set[int] = set()
    for digest, parts in found.items():
        whole = b"".join(content for _, _, content in sorted(parts))
        new = blocks.extended_xmp(whole)
        if new == whole:
            continue
        new_digest = (
            hashlib.md5(new, usedforsecurity=False).hexdigest().upper().encode()
        )
        room = _LARGEST_BODY - len(_EXTENDED_XMP_MARK) - _PART_HEAD.size
        for number, (_, index, _) in enumerate(sorted(parts)):
            start = number * room
            head = _PART_HEAD.pack(new_digest, len(new), start)
            body = _EXTENDED_XMP_MARK + head + new[start : start + room]
            pieces[index] = pieces[index].with_body(body)
            if start >= len(new):
                removed.add(index)
        # The first packet names the whole by its digest.
        for index, piece in enumerate(pieces):
            if piece.has(_APP1, _XMP_MARK):
                pieces[index] = piece.with_body(piece.body.replace(digest, new_digest))
    for index in sorted(removed, reverse=True):
        del pieces[index]


def _replace_comments(pieces: list[_Piece], blocks: Blocks) -> None:
    for index, piece in enumerate(pieces):
        if piece.marker == _COMMENT:
            text = decode_comment(piece.body)
            if (new := blocks.comment(text)) != text:
                body = new.encode("utf-8", "replace")
                pieces[index] = piece.with_body(body[:_LARGEST_BODY])


def _place(pieces: list[_Piece]) -> int:
    """Tell where a new segment belongs: behind JFIF's own and EXIF, so before XMP."""
    before = [
        i
        for i, piece in enumerate(pieces)
        if piece.marker == _APP0 or piece.has(_APP1, EXIF_MARK)
    ]
    return before[-1] + 1 if before else 1


def _replace_photoshop(pieces: list[_Piece], blocks: Blocks) -> None:
    # What is too long for one segment goes on in the next.
    found = [i for i, piece in enumerate(pieces) if piece.has(_APP13, _PHOTOSHOP_MARK)]
    if not found:
        return
    whole = b"".join(pieces[i].body[len(_PHOTOSHOP_MARK) :] for i in found)
    new = blocks.photoshop(whole)
    if new == whole:
        return
    room = _LARGEST_BODY - len(_PHOTOSHOP_MARK)
    parts = [new[at : at + room] for at in range(0, len(new), room)]
    for index in reversed(found[1:]):
        del pieces[index]
    pieces[found[0] : found[0] + 1] = [
        _Piece(b"", _APP13).with_body(_PHOTOSHOP_MARK + part) for part in parts
    ]


def _correct_places(old: list[_Piece], new: list[_Piece]) -> None:
    """Correct what the file tells of further pictures behind its first one."""
    at = next(
        (i for i, one in enumerate(new) if one.has(_APP2, MULTI_PICTURE_MARK)), None
    )
    if at is None:
        return
    former = next(i for i, one in enumerate(old) if one.has(_APP2, MULTI_PICTURE_MARK))
    growth = _length(new) - _length(old)
    growth_behind = _length(new[at:]) - _length(old[former:])
    new[at] = new[at].with_body(moved_pictures(new[at].body, growth, growth_behind))


def _length(pieces: list[_Piece]) -> int:
    return sum(len(piece.raw) for piece in pieces)


def _pieces(head: bytes) -> Iterator[_Piece]:
    """Cut what stands before the pixels into segments and what lies between."""
    at = 0
    while at < len(head):
        start = at
        at = _marker_at(head, at)
        if at > start:
            yield _Piece(head[start:at])
        if at < len(head):
            marker = head[at + 1]
            end = _end(head, at)
            yield _Piece(head[at:end], marker, head[at + 4 : end])
            at = end


def _scan_at(content: bytes) -> int:
    at = 0
    for _ in range(_MOST_SEGMENTS):
        at = _marker_at(content, at)
        if at >= min(len(content), _MOST_BYTES):
            break
        if content[at + 1] == _START_OF_SCAN:
            return at
        at = _end(content, at)
    raise ValueError("no pixels, or too much before them")


def _marker_at(content: bytes, at: int) -> int:
    """Find the next marker; readers pass over what lies before it."""
    found = _MARKER.search(content, at)
    return found.start() if found else len(content)


def _end(content: bytes, at: int) -> int:
    if content[at + 1] in _WITHOUT_BODY:
        return at + 2
    (length,) = struct.unpack_from(">H", content, at + 2)
    if length < 2 or at + 2 + length > len(content):
        raise ValueError("a segment is cut off")
    return int(at + 2 + length)
