"""The metadata of JPEG 2000 and JPEG XL: boxes, of which none knows where others are.

Source: ISO/IEC 15444-1, annex I, and 18181-2; the identifiers of EXIF and IPTC in JPEG
2000 are those of ExifTool and Adobe.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from imagecap.pictures.metadata.blocks import Blocks, few

_SIGNATURE = b"\x00\x00\x00\x0c%s\r\n\x87\n"
JPEG_2000 = _SIGNATURE % b"jP  "
"""How a JPEG 2000 in boxes begins."""
JPEG_XL = _SIGNATURE % b"JXL ", b"\xff\x0a"
"""How a JPEG XL begins: in boxes, or as pixels alone."""

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_IPTC = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
_EXIF = b"JpgTiffExif->JP2"
_PIXELS = (b"jp2c", b"jxlc", b"jxlp")
# They tell where something lies; what a JPEG needs to be made of it again byte for
# byte; what is compressed by another method.
_UNKNOWN = (b"ftbl", b"mdat", b"jbrd", b"brob")
_HEAD = 8


@dataclass(frozen=True)
class _Box:
    kind: bytes
    raw: bytes
    body: bytes

    def with_body(self, body: bytes) -> bytes:
        return self.raw if body == self.body else _box(self.kind, body)


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a JPEG 2000 or XL with the blocks given for its own; see `Blocks`."""
    if content.startswith(JPEG_XL[1]):
        content = (
            JPEG_XL[0] + _box(b"ftyp", b"jxl \0\0\0\0jxl ") + _box(b"jxlc", content)
        )
    is_xl = content.startswith(JPEG_XL[0])
    boxes = list(few(_boxes(content)))
    written, has_exif, has_xmp = [], False, False
    for box in boxes:
        raw = box.raw
        if box.kind == b"Exif":
            has_exif = True
            start = 4 + int.from_bytes(box.body[:4], "big")
            exif = blocks.exif(box.body[start:]) or b""
            raw = box.with_body(box.body[:start] + exif)
        elif box.kind == b"xml " and b"adobe:ns:meta" in box.body:
            has_xmp = True
            raw = box.with_body(blocks.xmp(box.body) or b"")
        elif box.kind == b"uuid":
            has_exif = has_exif or box.body.startswith(_EXIF)
            has_xmp = has_xmp or box.body.startswith(_XMP)
            raw = box.with_body(_identified(box.body, blocks))
        written.append(raw)
    new_boxes = b""
    if not has_exif and (more := blocks.exif(None)):
        as_uuid = _box(b"uuid", _EXIF + more)
        new_boxes += _box(b"Exif", bytes(4) + more) if is_xl else as_uuid
    if not has_xmp and (xmp := blocks.xmp(None)):
        new_boxes += _box(b"xml ", xmp) if is_xl else _box(b"uuid", _XMP + xmp)
    # The pixels may go on to the end of the file.
    at = next(number for number, box in enumerate(boxes) if box.kind in _PIXELS)
    new = b"".join(written[:at]) + new_boxes + b"".join(written[at:])
    if new != content and any(box.kind in _UNKNOWN for box in boxes):
        raise ValueError("it has boxes that do not go with others")
    return new


def _identified(body: bytes, blocks: Blocks) -> bytes:
    name, said = body[:16], body[16:]
    if name == _XMP:
        return name + (blocks.xmp(said) or b"")
    if name == _EXIF:
        return name + (blocks.exif(said) or b"")
    return name + blocks.iptc(said) if name == _IPTC else body


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", _HEAD + len(body), kind) + body


def _boxes(content: bytes) -> Iterator[_Box]:
    at = 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        head = _HEAD
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, at + _HEAD)
            head = 16
        end = at + length if length else len(content)
        if length and not at + head <= end <= len(content):
            raise ValueError("a box is cut off")
        yield _Box(kind, content[at:end], content[at + head : end])
        at = end
