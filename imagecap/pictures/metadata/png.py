"""The metadata of a PNG: chunks."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imagecap.pictures.metadata.blocks import Blocks, few
from imagecap.pictures.metadata.exif import MARK as EXIF_MARK

MARK = b"\x89PNG\r\n\x1a\n"
"""How every PNG begins."""

_XMP = "XML:com.adobe.xmp"
_PROFILE = re.compile("Raw profile type (exif|APP1|iptc|8bim|xmp)$", re.IGNORECASE)
_IS_READ = re.compile(
    f"({re.escape(_XMP)}|description|comment|{_PROFILE.pattern[:-1]})$", re.IGNORECASE
)
_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\x00"
_MOST_TEXT = 64 * 2**20


@dataclass(frozen=True)
class _Chunk:
    kind: bytes
    raw: bytes
    body: bytes = b""

    def with_body(self, body: bytes) -> bytes:
        return self.raw if body == self.body else _chunk(self.kind, body)


@dataclass(frozen=True)
class _Text:
    """A chunk of text: its name, its language, and what it says."""

    name: str
    language: str
    value: bytes
    encoding: str

    @property
    def text(self) -> str:
        return self.value.decode(self.encoding, "replace")


class _Expander:
    """Expands the compressed texts of one file, all together to what a file may say.

    Little that is compressed can be more than there is memory, and takes its time, once
    and again and again.
    """

    def __init__(self) -> None:
        self._left = _MOST_TEXT

    def expand(self, compressed: bytes) -> bytes | None:
        """Return what a text says; `None` where it is damaged or more than there is."""
        if self._left < 0:
            return None
        try:
            found = zlib.decompressobj().decompress(compressed, self._left + 1)
        except zlib.error:
            return None
        self._left -= len(found)
        return None if self._left < 0 else found


def rewrite(content: bytes, blocks: Blocks) -> bytes:
    """Give a PNG with the blocks that are given for its own; see `Blocks`."""
    chunks = list(few(_chunks(content)))
    if not chunks or chunks[0].kind != b"IHDR":
        raise ValueError("no header")
    written, has_exif, has_xmp, has_description = [], False, False, False
    expander = _Expander()
    for chunk in chunks:
        raw, text = chunk.raw, _text(chunk, expander)
        if chunk.kind == b"eXIf":
            has_exif = True
            mark = EXIF_MARK if chunk.body.startswith(EXIF_MARK) else b""
            new = blocks.exif(chunk.body[len(mark) :])
            raw = chunk.with_body(mark + (new or b""))
        elif text and text.name == _XMP:
            has_xmp = True
            new = blocks.xmp(text.value)
            raw = raw if new == text.value else _international(_XMP, new or b"")
        elif text and text.name.lower() == "description":
            # Of several, and of those in other languages, the first is the caption.
            if _is_english(text.language):
                raw = b"" if has_description else _said(chunk, text, blocks.text)
                has_description = True
        elif text and text.name.lower() == "comment":
            raw = _said(chunk, text, blocks.comment)
        elif text and _PROFILE.match(text.name):
            raw = _rewritten_profile(chunk, text, blocks)
            has_exif = has_exif or text.name[17:].lower() in ("exif", "app1")
        written.append(raw)
    new_chunks = b""
    if not has_exif and (exif := blocks.exif(None)):
        new_chunks += _chunk(b"eXIf", exif)
    if not has_xmp and (xmp := blocks.xmp(None)):
        new_chunks += _international(_XMP, xmp)
    # After the header, which must come first.
    return MARK + written[0] + new_chunks + b"".join(written[1:])


def _is_english(language: str) -> bool:
    return language.lower().split("-")[0] in ("", "x", "en")


def _said(chunk: _Chunk, old: _Text, give: Callable[[str], str]) -> bytes:
    new = give(old.text)
    if new == old.text:
        return chunk.raw
    try:
        if chunk.kind != b"iTXt":
            return _chunk(b"tEXt", old.name.encode() + b"\0" + new.encode("latin-1"))
    except UnicodeEncodeError:
        pass
    return _international(old.name, new.encode(), old.language)


def _rewritten_profile(chunk: _Chunk, text: _Text, blocks: Blocks) -> bytes:
    """Rewrite a block that is written as hexadecimal text, as ImageMagick does."""
    parts = text.value.split(maxsplit=2)
    try:
        name, length, digits = parts[0], int(parts[1]), parts[2]
        old = bytes.fromhex(digits.decode("ascii"))[:length]
    except (IndexError, ValueError):
        return chunk.raw
    new: bytes | None = old
    if old.startswith(EXIF_MARK):
        new = EXIF_MARK + (blocks.exif(old[len(EXIF_MARK) :]) or b"")
    elif old.startswith(_XMP_MARK):
        new = _XMP_MARK + (blocks.xmp(old[len(_XMP_MARK) :]) or b"")
    elif old.startswith(b"8BIM"):
        new = blocks.photoshop(old)
    elif name.lower() == b"iptc":
        new = blocks.iptc(old)
    elif name.lower() == b"xmp":
        new = blocks.xmp(old)
    if new == old or new is None:
        return chunk.raw
    rows = re.findall("..?" * 36, new.hex()) or [new.hex()]
    rows = [new.hex()[at : at + 72] for at in range(0, 2 * len(new), 72)]
    written = f"\n{name.decode()}\n{len(new):8}\n" + "\n".join(rows) + "\n"
    body = text.name.encode() + b"\0\0" + zlib.compress(written.encode())
    return _chunk(b"zTXt", body)


def _text(chunk: _Chunk, expander: _Expander) -> _Text | None:
    if chunk.kind not in (b"tEXt", b"zTXt", b"iTXt") or b"\0" not in chunk.body:
        return None
    name, rest = chunk.body.split(b"\0", 1)
    if not _IS_READ.match(name.decode("latin-1")):
        return None
    language, is_compressed, encoding = b"", chunk.kind == b"zTXt", "latin-1"
    if chunk.kind == b"zTXt":
        rest = rest[1:]
    elif chunk.kind == b"iTXt":
        parts = rest[2:].split(b"\0", 2)
        if len(parts) < 3:
            return None
        is_compressed, encoding = rest[:1] == b"\x01", "utf-8"
        language, _, rest = parts
    if is_compressed:
        expanded = expander.expand(rest)
        if expanded is None:
            return None
        rest = expanded
    return _Text(name.decode("latin-1"), language.decode("latin-1"), rest, encoding)


def _international(name: str, text: bytes, language: str = "") -> bytes:
    head = name.encode("latin-1") + b"\0\0\0" + language.encode("latin-1") + b"\0\0"
    return _chunk(b"iTXt", head + text)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _chunks(content: bytes) -> Iterator[_Chunk]:
    """Give the chunks; what follows the last one, or is cut off, as one more."""
    at, kind = len(MARK), b""
    while at + 12 <= len(content) and kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            break
        yield _Chunk(kind, content[at:end], content[at + 8 : end - 4])
        at = end
    if content[at:]:
        yield _Chunk(b"", content[at:])
