"""No picture takes more than its share of time and memory."""

import io
import struct
import sys
import threading
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from made_pictures import quarters, saved
from PIL import ExifTags, Image

from imagecap.pictures import recognising
from imagecap.pictures.limits import DECODING_BYTES, LimitedFile, reserved
from imagecap.pictures.metadata import other_formats, read_metadata
from imagecap.pictures.reading import PictureError, open_picture, open_readable_part


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + pixels + chunk(b"IEND", b"")


def with_empty_scans(side: int, scans: int) -> bytes:
    """Make a progressive JPEG whose last scan, which adds nothing, comes many times."""
    file = io.BytesIO()
    Image.new("L", (side, side), 128).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * scans + content[-2:]


def test_a_jpeg_of_endless_scans_ends_for_all_readers_together(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(with_empty_scans(4000, 3000))
    taken: list[float] = []

    def read() -> None:
        started = time.thread_time()
        with pytest.raises(PictureError, match=r"a\.jpg takes too long to read"):
            open_picture(tmp_path / "a.jpg", at_least=(224, 224))
        taken.append(time.thread_time() - started)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    read()
    assert len(taken) == 3
    assert sum(taken) < 5


def test_some_scans_more_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(with_empty_scans(64, 50))
    assert open_picture(tmp_path / "a.jpg").size == (64, 64)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", png(14_100, 14_100)),
        ("a.gif", b"GIF89a" + struct.pack("<HHBBB", 14_100, 14_100, 0, 0, 0)
         + b"," + struct.pack("<HHHHB", 0, 0, 14_100, 14_100, 0) + b"\2\0;"),
        ("a.ico", b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, 9, 22)
         + png(13_300, 13_300)),
        ("a.webp", b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f"
         + struct.pack("<I", 12_999 | 12_999 << 14) + bytes(6)),
        ("a.qoi", b"qoif" + struct.pack(">IIBB", 9000, 9000, 3, 0) + bytes(100)),
    ],
)  # fmt: skip
def test_what_would_take_all_memory_is_refused_before(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PictureError, match=rf"{name} .*too large; make it smaller"):
        open_picture(tmp_path / name)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_what_is_decoded_at_once_is_no_larger_than_time_allows(
    tmp_path: Path, kind: str
) -> None:
    brand = {"AVIF": b"avif", "HEIF": b"heic"}[kind]
    with (tmp_path / "a").open("wb") as file:
        file.write(b"\0\0\0\x18ftyp" + brand + bytes(4) + brand + b"mif1")
        file.truncate(60 * 2**20)
    with pytest.raises(PictureError, match=r"a is a file of 62 MB, which is too large"):
        open_picture(tmp_path / "a")


def test_frames_of_nothing_are_not_all_looked_at(tmp_path: Path) -> None:
    nothing = [Image.new("RGBA", (1, 1), (red, 0, 0, 0)) for red in range(2)]
    path = saved(
        nothing[0],
        tmp_path / "a.webp",
        save_all=True,
        append_images=nothing[1:],
        lossless=True,
        exact=True,
    )
    content = path.read_bytes()
    content += content[content.index(b"ANMF") :] * 100_000
    path.write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])
    started = time.thread_time()
    assert open_picture(path).getpixel((0, 0)) == (255, 255, 255)
    assert time.thread_time() - started < 2


def test_comments_are_not_read_again_for_each_other(tmp_path: Path) -> None:
    comments = b"#\n" * 250_000
    (tmp_path / "a.ppm").write_bytes(b"P3\n2 1\n255\n" + comments + b"1 2 3 4 5 6\n")
    started = time.thread_time()
    assert open_picture(tmp_path / "a.ppm").getpixel((1, 0)) == (4, 5, 6)
    assert time.thread_time() - started < 2


def test_exif_that_means_itself_over_and_over_is_left_alone(tmp_path: Path) -> None:
    entries = [struct.pack(">HHLL", 1000 + i, 7, 65_000, 8) for i in range(5000)]
    exif = b"MM\0*\0\0\0\x08" + struct.pack(">H", 5000) + b"".join(entries) + bytes(4)
    segment = (b"Exif\0\0" + exif).ljust(65_500, b"\0")
    segment = b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment
    plain = saved(quarters(), tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(plain[:2] + segment * 20 + plain[2:])
    started = time.thread_time()
    assert open_picture(tmp_path / "a.jpg").size == (48, 32)
    assert time.thread_time() - started < 1


def with_segments(path: Path, count: int) -> Path:
    """Write a JPEG with EXIF of many segments, 64 KB each."""
    segment = b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)
    plain = saved(quarters(), path).read_bytes()
    path.write_bytes(plain[:2] + segment * count + plain[2:])
    return path


def test_exif_of_many_segments_costs_no_more_for_each(tmp_path: Path) -> None:
    path = with_segments(tmp_path / "a.jpg", 800)
    started = time.thread_time()
    assert open_picture(path).size == (48, 32)
    assert time.thread_time() - started < 1


def png_chunk(kind: bytes, size: int) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + bytes(size)))
    return struct.pack(">I", size) + kind + bytes(size) + check


@pytest.mark.parametrize("place", ["before", "behind"])
def test_what_stands_beside_the_pixels_is_not_all_kept(
    tmp_path: Path, place: str
) -> None:
    plain = saved(quarters(), tmp_path / "a.png").read_bytes()
    at = plain.index(b"IDAT") - 4 if place == "before" else len(plain) - 12
    chunk = png_chunk(b"prVt", 2**20)
    (tmp_path / "a.png").write_bytes(plain[:at] + chunk * 70 + plain[at:])
    with pytest.raises(PictureError, match=r"a\.png takes too long to read"):
        open_picture(tmp_path / "a.png")
    assert open_picture(saved(quarters(), tmp_path / "b.png")).size == (48, 32)


@pytest.mark.parametrize("count", [5000, 120_000])
def test_a_few_thousand_segments_are_read_and_no_more(
    tmp_path: Path, count: int
) -> None:
    plain = saved(quarters(), tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(plain[:2] + b"\xff\xfe\0\2" * count + plain[2:])
    if count == 5000:
        assert open_picture(tmp_path / "a.jpg").size == (48, 32)
        return
    with pytest.raises(PictureError, match=r"a\.jpg takes too long to read"):
        open_picture(tmp_path / "a.jpg")


@pytest.mark.parametrize("count", [5000, 160_000])
def test_pixels_in_chunks_of_nothing_are_no_way_around(
    tmp_path: Path, count: int
) -> None:
    plain = saved(quarters(), tmp_path / "a.png").read_bytes()
    at = plain.index(b"IDAT") - 4
    empty = png_chunk(b"IDAT", 0) * count
    (tmp_path / "a.png").write_bytes(plain[:at] + empty + plain[at:])
    if count == 5000:
        assert open_picture(tmp_path / "a.png").size == (48, 32)
        return
    with pytest.raises(PictureError, match=r"a\.png takes too long to read"):
        open_picture(tmp_path / "a.png")


class _CountedFile(LimitedFile):
    """A file that counts how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        type(self).reads += 1
        return super().read(size)


@pytest.mark.parametrize("count", [20_000, 70_000])
def test_the_readers_of_a_damaged_picture_share_what_they_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    plain = saved(quarters(), tmp_path / "a.png").read_bytes()
    at = plain.index(b"IDAT") - 4
    empty = png_chunk(b"IDAT", 100) * count
    (tmp_path / "a.png").write_bytes(plain[:at] + empty + plain[at:])
    monkeypatch.setattr(recognising, "LimitedFile", _CountedFile)
    _CountedFile.reads = 0
    for read in (open_picture, open_readable_part, open_picture):
        with pytest.raises(PictureError, match=r"a\.png (is damaged|takes too long)"):
            read(tmp_path / "a.png")
    assert _CountedFile.reads < 310_000


def test_a_header_without_end_is_not_all_read_for_metadata(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.ppm").write_bytes(b"P3\n#" + b" " * 2_000_000 + b"\n1 1\n255\n1 2 3")
    monkeypatch.setattr(other_formats, "LimitedFile", _CountedFile)
    _CountedFile.reads = 0
    assert read_metadata(tmp_path / "a.ppm").captions == {}
    assert _CountedFile.reads < 310_000


def test_layers_in_a_tiff_stay_unread(tmp_path: Path) -> None:
    layers = {37724: bytes(40 * 2**20), ExifTags.Base.Orientation: 6}
    path = saved(quarters(), tmp_path / "a.tif", tiffinfo=layers)
    tracemalloc.start()
    assert open_picture(path).size == (32, 48)
    assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    tracemalloc.stop()


def test_a_huge_picture_is_made_smaller_in_bands(tmp_path: Path) -> None:
    huge = Image.new("RGBA", (6000, 6000), (255, 0, 0, 128))
    huge.paste((0, 0, 255, 255), (3000, 0, 6000, 6000))
    picture = open_picture(saved(huge, tmp_path / "a.png", compress_level=1))
    assert picture.width == picture.height < 6000
    assert picture.getpixel((1, 1)) == (255, 127, 127)
    assert picture.getpixel((picture.width - 2, picture.height - 2)) == (0, 0, 255)


def test_readers_wait_for_memory() -> None:
    order: list[str] = []

    def second() -> None:
        with reserved(DECODING_BYTES // 2 + 1):
            order.append("second")

    with reserved(DECODING_BYTES // 2 + 1):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.05)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such figure")
def test_an_error_keeps_no_picture(tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (64, 64)), tmp_path / "a.png")
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(PictureError) as caught:
        open_picture(path)
    error: BaseException | None = caught.value
    assert error is not None
    assert error.__context__ is None
