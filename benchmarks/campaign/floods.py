"""Pictures in which one piece stands over and over, so that all of it takes long."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from PIL import Image

from benchmarks.campaign.part import Part
from benchmarks.campaign.pictures import read, whole_pictures
from benchmarks.campaign.tally import Tally, try_files
from imagecap.errors import ImagecapError
from imagecap.pictures.metadata import read_metadata, write_described_copy

_SIZES = (0, 1, 8, 100, 1000, 10_000, 65_000, 10**7)
_TOTALS = (10**5, 10**6, 10**6, 10**7, 10**7, 10**8)
_MOST_PIECES = 2_000_000
_Flood = tuple[str, Callable[[int, int], bytes]]
_SCAN = 0xDA
_EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
# Marker and how the segment begins.
_SEGMENTS = (
    *((0xFE, b""), (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), (0xE1, _EXIF), (0xE1, _XMP)),
    *((0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40)), (0xE5, b"")),
    *((0xE2, b"ICC_PROFILE\0\1\1"), (0xE2, b"MPF\0MM\0*\0\0\0\x08\0\0")),
    *(
        (0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\4\0\0\0\0" * 9),
        (0xEE, b"Adobe"),
    ),
    *((0xDB, b"\0" + bytes([1] * 64)), (0xC4, bytes(17)), (0xDD, b"\0\1")),
    # A progressive scan of nothing.
    (_SCAN, b"\1\1\0\1\5\0"),
)
_SMALL = zlib.compress(bytes(500_000), 9)
_CHUNKS = (
    *(
        (b"tEXt", b"Description\0"),
        (b"zTXt", b"Comment\0\0" + _SMALL),
        (b"iCCP", b"i\0\0"),
    ),
    *((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0"), (b"iTXt", b"D\0\1\0\0\0" + _SMALL)),
    *(
        (b"eXIf", _EXIF[6:]),
        (b"prVt", b""),
        (b"IDAT", b""),
        (b"tRNS", b""),
        (b"PLTE", b""),
    ),
    *((b"fcTL", struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 9, 0, 0)), (b"fdAT", b"")),
    *((b"acTL", b"\0\0\0\1\0\0\0\0"), (b"sPLT", b"p\0\x08"), (b"pHYs", bytes(9))),
)
_BLOCKS = (
    b"!\xfe",
    b"!\xff\x0bNETSCAPE2.0",
    b"!\x01",
    b"!\xf9",
    b",\0\0\0\0\1\0\1\0\0\2",
)
_RIFF = (b"EXIF", b"XMP ", b"ICCP", b"ANMF", b"prVt", b"ALPH")


def run(part: Part) -> Tally:
    """Read and copy pictures as captioning, the window and metadata do, within 5 s."""
    files = st.builds(
        lambda flood, size, total: (f"picture.{flood[0]}", flood[1](size, total)),
        st.sampled_from([*_floods(whole_pictures())]),
        st.sampled_from(_SIZES),
        st.sampled_from(_TOTALS),
    )
    return try_files(files, _use, part)


def _use(path: Path) -> None:
    with TemporaryDirectory() as temporary, suppress(ImagecapError):
        read_metadata(path)
        write_described_copy(path, "A dog.", Path(temporary, path.name))
    read(path)


def _repeated(
    content: bytes, at: int, piece: Callable[[int], bytes], size: int, total: int
) -> bytes:
    one = piece(size)
    times = min(max(1, total // max(1, len(one))), _MOST_PIECES)
    return content[:at] + one * times + content[at:]


def _floods(pictures: dict[str, bytes]) -> Iterator[_Flood]:
    """Give the ending of a name, and what makes a picture of a size and a total."""
    for name in ("baseline.jpg", "progressive.jpg"):
        content = pictures[name]
        for marker, mark in _SEGMENTS:
            is_scan = marker == _SCAN
            at = len(content) - 2 if is_scan else content.index(bytes((0xFF, _SCAN)))
            yield (
                "jpg",
                partial(_repeated, content, at, partial(_segment, marker, mark)),
            )
    for name in ("rgb.png", "moving.png"):
        content = pictures[name]
        for at in (content.index(b"IDAT") - 4, len(content) - 12):
            for kind, mark in _CHUNKS:
                yield (
                    "png",
                    partial(_repeated, content, at, partial(_chunk, kind, mark)),
                )
    for name in ("still.gif", "moving.gif"):
        content = pictures[name]
        # Behind the header and its palette.
        at = 13 + 3 * 2 ** ((content[10] & 7) + 1)
        for mark in _BLOCKS:
            yield "gif", partial(_repeated, content, at, partial(_block, mark))
    for name in ("lossy.webp", "lossless.webp", "moving.webp"):
        for kind in _RIFF:
            content = pictures[name]
            yield (
                "webp",
                partial(_repeated, content, len(content), partial(_riff, kind)),
            )
    yield "webp", _frames_of_nothing
    ppm = b"P3\n4 2\n255\n" + b"12 200 7 " * 8
    for mark in (b"#", b"\n", b"0"):
        yield (
            "ppm",
            partial(_repeated, ppm, 3, lambda size, m=mark: m + b" " * size + b"\n"),
        )
    for name in ("lossy.jp2", "still.avif"):
        content = pictures[name]
        at = int.from_bytes(content[:4], "big")
        for kind in (b"free", b"uuid", b"xml ", b"jp2c", b"meta"):
            ending = name.partition(".")[2]
            yield ending, partial(_repeated, content, at, partial(_box, kind))
    for kind in (1, 3, 7):
        yield "tif", partial(_tags, pictures["raw.tif"], kind)
    yield "tif", partial(_pages, pictures["raw.tif"])


def _segment(marker: int, mark: bytes, size: int) -> bytes:
    body = (mark + bytes(size))[:65_533]
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _chunk(kind: bytes, mark: bytes, size: int) -> bytes:
    body = mark + bytes(size)
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def _block(mark: bytes, size: int) -> bytes:
    return mark + (b"\xff" + bytes(255)) * (size // 255) + b"\1\0\0"


def _riff(kind: bytes, size: int) -> bytes:
    return kind + struct.pack("<I", size) + bytes(size + size % 2)


def _frames_of_nothing(size: int, total: int) -> bytes:
    """Have a frame come over and over in which there is nothing to see."""
    side = 1 + min(size, 1000)
    made = io.BytesIO()
    frames = [Image.new("RGBA", (side, side), (red, 0, 0, 0)) for red in range(2)]
    frames[0].save(
        made, "WEBP", save_all=True, append_images=frames[1:], lossless=True, exact=True
    )
    content = made.getvalue()
    first = content.index(b"ANMF")
    found = _repeated(content, first, lambda _: content[first:], size, total)
    return found[:4] + struct.pack("<I", len(found) - 8) + found[8:]


def _box(kind: bytes, size: int) -> bytes:
    return struct.pack(">I", size + 8) + kind + bytes(size)


def _tags(content: bytes, kind: int, size: int, total: int) -> bytes:
    """Add fields, all of whose values lie in the same place."""
    entries = _entries(content)
    room = 65_535 - len(entries)
    entries += [
        struct.pack("<HHII", min(1000 + tag, 65_535), kind, size, 8)
        for tag in range(min(room, total // 12 + 1))
    ]
    return _with_directories(content, sorted(entries, key=lambda one: one[1::-1]), 1)


def _pages(content: bytes, size: int, total: int) -> bytes:
    """Have the same directory come again and again."""
    entries = _entries(content)
    return _with_directories(content, entries, max(1, total // 12 // len(entries)))


def _entries(content: bytes) -> list[bytes]:
    (at,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, at)
    return [content[at + 2 + 12 * i :][:12] for i in range(count)]


def _with_directories(content: bytes, entries: list[bytes], times: int) -> bytes:
    whole = struct.pack("<H", len(entries)) + b"".join(entries)
    first = len(content) + len(content) % 2
    found = content.ljust(first, b"\0")
    found = found[:4] + struct.pack("<I", first) + found[8:]
    step = len(whole) + 4
    following = [first + step * (i + 1) for i in range(times - 1)] + [0]
    return found + b"".join(whole + struct.pack("<I", one) for one in following)
