"""The metadata of a GIF: extensions with XMP and with comments.

Source: Adobe, XMP Specification Part 3, 1.1.2, GIF.
"""

from __future__ import annotations

from collections.abc import Iterator

from imagecap.pictures.metadata.blocks import Blocks, few
from imagecap.pictures.metadata.comments import decode_comment

MARKS = (b"GIF87a", b"GIF89a")
"""How GIFs begin; only the second may have extensions."""

_HEAD = 13
# Of 255 bytes at most, which the largest pictures have.
_MOST_PIECES = 1_000_000
_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_COMMENT = b"\x21\xfe"
_XMP = b"\x21\xff\x0bXMP DataXMP"
# XMP is not cut into pieces. Wherever a reader takes a byte of it for the length of a
# piece, it comes out in here and then at the end.
_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a GIF with the blocks that are given for its own; see `Blocks`."""
    at = _HEAD + _colours(content[10])
    written, has_xmp = bytearray(MARKS[1] + content[6:at]), False
    for original in few(_blocks(content, at)):
        block = original
        if block.startswith(_XMP):
            has_xmp = True
            old = block[len(_XMP) :].removesuffix(_TRAILER)
            block = _XMP + (blocks.xmp(old) or b"") + _TRAILER
        elif block.startswith(_COMMENT):
            block = _commented(block, blocks)
        written += block
        at += len(original)
    if not has_xmp and (xmp := blocks.xmp(None)):
        written += _XMP + xmp + _TRAILER
    return bytes(written) + content[at:]


def _blocks(content: bytes, at: int) -> Iterator[bytes]:
    while content[at] != _END:
        if content[at] == _EXTENSION:
            end = _pieces_end(content, at + 2)
        elif content[at] == _IMAGE:
            end = _pieces_end(content, at + 11 + _colours(content[at + 9]))
        else:
            raise ValueError("no block")
        yield content[at:end]
        at = end


def _commented(block: bytes, blocks: Blocks) -> bytes:
    old, at = [], len(_COMMENT)
    while block[at]:
        old.append(block[at + 1 : at + 1 + block[at]])
        at += 1 + block[at]
    text = decode_comment(b"".join(old))
    if (new := blocks.comment(text)) == text:
        return block
    # GIF has no other characters than ASCII, and its readers take all for UTF-8.
    said = new.encode("utf-8", "replace")
    pieces = (said[start : start + 255] for start in range(0, len(said), 255))
    return _COMMENT + b"".join(bytes([len(one)]) + one for one in pieces) + b"\0"


def _colours(flags: int) -> int:
    """Tell how many bytes a table of colours has."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _pieces_end(content: bytes, at: int) -> int:
    for _ in range(_MOST_PIECES):
        if not content[at]:
            return at + 1
        at += 1 + content[at]
    raise ValueError("too many pieces")
