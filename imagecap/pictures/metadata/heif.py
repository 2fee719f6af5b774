"""The metadata of HEIC and AVIF: items, which a list of places finds in the file.

Source: ISO/IEC 14496-12, ISO base media file format, and 23008-12, HEIF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from imagecap.pictures.metadata.blocks import Blocks, few
from imagecap.pictures.metadata.exif import MARK as EXIF_MARK
from imagecap.pictures.metadata.heif_places import Places

_EXIF, _XMP = b"Exif", b"application/rdf+xml"
_HEAD = 8


@dataclass(frozen=True)
class _Box:
    """A part of the file: what it is, where it begins, and what it holds."""

    kind: bytes
    start: int
    end: int
    body: bytes

    def with_body(self, body: bytes) -> bytes:
        """Give the box, holding something else."""
        return struct.pack(">I4s", _HEAD + len(body), self.kind) + body


def is_heif(content: bytes) -> bool:
    """Whether a file begins as a HEIC or an AVIF."""
    brands = content[8 : 4 + struct.unpack_from(">I", content.ljust(4))[0]]
    known = (b"heic", b"heix", b"mif1", b"avif", b"heim", b"heis", b"miaf")
    return content[4:8] == b"ftyp" and any(
        brands[at : at + 4] in known for at in range(0, min(len(brands), 400), 4)
    )


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a HEIC or AVIF with the blocks that are given for its own; see `Blocks`.

    New items are written at the end of the file.
    """
    top = list(few(_boxes(content, 0)))
    if any(box.kind == b"moov" for box in top):
        raise ValueError("what moves has places of its own")
    meta = next(box for box in top if box.kind == b"meta")
    parts = list(few(_boxes(meta.body, 4)))
    by_kind = {part.kind: part for part in parts}
    places = Places.read(by_kind[b"iloc"].body)
    kinds = dict(_items(by_kind[b"iinf"].body))
    primary = int.from_bytes(by_kind[b"pitm"].body[4:], "big")
    described = _described(by_kind[b"iref"].body) if b"iref" in by_kind else {}
    data: dict[int, bytes] = {}
    new_kinds: dict[int, bytes] = {}
    for kind in (_EXIF, _XMP):
        # Maps of depth and of light are pictures, too, with metadata of their own.
        known = [
            item
            for item in kinds
            if kinds[item] == kind and primary in described.get(item, [primary])
        ]
        for item in known:
            old = places.data(item, content)
            if (new := _given(blocks, kind, old)) != old:
                data[item] = new
        if not known and (new := _given(blocks, kind, None)):
            item = max((*kinds, *places.items, *new_kinds)) + 1
            new_kinds[item], data[item] = kind, new
    if not data:
        return content
    # First as long as it will be, to know how far all else moves.
    planned = places
    for item in data:
        planned = planned.with_item(item, 0, 0)
    length = len(_metadata(meta, parts, planned, new_kinds, primary))
    growth = _HEAD + length - (meta.end - meta.start)
    places = places.moved(growth, meta.end)
    at = len(content) + growth + _HEAD
    for item, value in data.items():
        places = places.with_item(item, at, len(value))
        at += len(value)
    body = _metadata(meta, parts, places, new_kinds, primary)
    rest = content[meta.end :]
    added = b"".join(data.values())
    written = struct.pack(">I4s", _HEAD + len(added), b"mdat") + added
    return content[: meta.start] + meta.with_body(body) + rest + written


def _given(blocks: Blocks, kind: bytes, old: bytes | None) -> bytes:
    if kind == _XMP:
        return blocks.xmp(old) or b""
    if old is None:
        exif = blocks.exif(None)
        return bytes(4) + exif if exif else b""
    # The place of the EXIF behind the mark that may stand before it.
    (skipped,) = struct.unpack_from(">I", old)
    start = 4 + skipped
    if old[start:].startswith(EXIF_MARK):
        start += len(EXIF_MARK)
    return old[:start] + (blocks.exif(old[start:]) or b"")


def _metadata(
    meta: _Box,
    parts: list[_Box],
    places: Places,
    new_kinds: dict[int, bytes],
    primary: int,
) -> bytes:
    """Give what the box with the lists of items holds, with new items."""
    whole = meta.body[:4]
    refers = any(part.kind == b"iref" for part in parts)
    for part in parts:
        body = part.body
        if part.kind == b"iloc":
            body = places.to_bytes()
        elif part.kind == b"iinf":
            body = _with_items(body, new_kinds)
        elif part.kind == b"iref":
            body += _references(new_kinds, primary, is_long=body[0] > 0)
        whole += part.with_body(body)
    if new_kinds and not refers:
        references = bytes(4) + _references(new_kinds, primary, is_long=False)
        whole += struct.pack(">I4s", _HEAD + len(references), b"iref") + references
    return whole


def _with_items(body: bytes, new_kinds: dict[int, bytes]) -> bytes:
    """Give the list of what items are, with new ones."""
    form = ">H" if body[0] == 0 else ">I"
    start = 4 + struct.calcsize(form)
    (count,) = struct.unpack_from(form, body, 4)
    added = b""
    for item, kind in new_kinds.items():
        what = b"Exif\0" if kind == _EXIF else b"mime\0" + kind + b"\0"
        entry = struct.pack(">BxxxHH", 2, item, 0) + what
        added += struct.pack(">I4s", _HEAD + len(entry), b"infe") + entry
    head = body[:4] + struct.pack(form, count + len(new_kinds))
    return head + body[start:] + added


def _references(new_kinds: dict[int, bytes], primary: int, *, is_long: bool) -> bytes:
    """Say which picture new items describe."""
    form = ">IHI" if is_long else ">HHH"
    written = b""
    for item in new_kinds:
        body = struct.pack(form, item, 1, primary)
        written += struct.pack(">I4s", _HEAD + len(body), b"cdsc") + body
    return written


def _described(body: bytes) -> dict[int, list[int]]:
    """Give the items that describe others, and which."""
    number = "I" if body[0] else "H"
    found: dict[int, list[int]] = {}
    for box in few(_boxes(body, 4)):
        if box.kind == b"cdsc":
            item, count = struct.unpack_from(f">{number}H", box.body)
            start = struct.calcsize(f">{number}H")
            others = struct.unpack_from(f">{count}{number}", box.body, start)
            found[item] = [*found.get(item, ()), *others]
    return found


def _items(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the numbers of items, and what they are."""
    for box in few(_boxes(body, 6 if body[0] == 0 else 8)):
        if box.kind != b"infe" or box.body[0] < 2:
            continue
        is_long = box.body[0] > 2
        (item,) = struct.unpack_from(">I" if is_long else ">H", box.body, 4)
        what = box.body[10 if is_long else 8 :]
        kind = what[:4]
        if kind == b"mime":
            # A name, and what is behind it.
            kind = what[4:].split(b"\0")[1]
        yield item, kind


def _boxes(content: bytes, at: int) -> Iterator[_Box]:
    while at + _HEAD <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        start = at + _HEAD
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, start)
            start += 8
        elif size == 0:
            raise ValueError("nothing can be written behind a box without an end")
        end = at + size
        if end > len(content) or end < start:
            raise ValueError("a box is cut off")
        yield _Box(kind, at, end, content[start:end])
        at = end
