"""Captions in PNG, WebP and TIFF beyond what Pillow writes."""

from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from imagecap.pictures.metadata import read_metadata, write_described_copy
from imagecap.pictures.tiff_structure import TiffStructure

IMAGE = Image.linear_gradient("L").convert("RGB").resize((48, 32))
NOTE = b"Created with GIMP"
IPTC = b"\x1c\x02\x19\0\5beach\x1c\x02\x78\0\3Old"
NEW_IPTC = b"\x1c\x02\x19\0\5beach\x1c\x02\x78\0\2A."
PHOTOSHOP = b"8BIM\4\4\0\0" + struct.pack(">I", len(IPTC)) + IPTC
XMP = (
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
    b'r:about="x" xmlns:d="http://purl.org/dc/elements/1.1/" d:description="Old"/>'
    b"</r:RDF>"
)


def saved(kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    IMAGE.save(file, kind, **how)
    return file.getvalue()


def described(folder: Path, content: bytes, ending: str, caption: str = "A.") -> bytes:
    source, copy = folder / f"a.{ending}", folder / f"b.{ending}"
    source.write_bytes(content)
    assert write_described_copy(source, caption, copy) == ()
    with Image.open(source) as old, Image.open(copy) as new:
        assert new.tobytes() == old.tobytes()
    assert set(read_metadata(copy).captions.values()) == {caption}
    assert not list(folder.glob("*.xmp"))
    return copy.read_bytes()


def profile(name: str, content: bytes) -> str:
    return f"\n{name}\n{len(content):8}\n{content.hex()}\n"


@pytest.mark.parametrize("compressed", [True, False])
def test_text_of_a_png_follows(tmp_path: Path, compressed: bool) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "My title", zip=compressed)
    info.add_text("Description", "Old", zip=compressed)
    info.add_itxt("description", "Älter", lang="en", zip=compressed)
    info.add_itxt("Description", "Hund", lang="de", zip=compressed)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=compressed)
    png = saved("PNG", pnginfo=info)
    new = described(tmp_path, png, "png", "Ein Hund – ©.")
    with Image.open(io.BytesIO(new)) as image:
        assert image.text["Title"] == "My title"
        assert image.text["Description"].lang == "de"
    assert new.count(b"XML:com.adobe.xmp") == 1
    assert new.count(b"escription\0") == 2
    assert read_metadata(tmp_path / "b.png").captions["png-description"] == (
        "Ein Hund – ©."
    )


def test_a_png_without_a_description_gets_none(tmp_path: Path) -> None:
    assert b"Description\0" not in described(tmp_path, saved("PNG"), "png")


@pytest.mark.parametrize("name", ["iptc", "8bim", "xmp", "exif", "APP1"])
def test_blocks_that_a_png_has_as_text_follow(tmp_path: Path, name: str) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x010F] = "Old", "Maker"
    block = {
        "iptc": PHOTOSHOP,
        "8bim": PHOTOSHOP,
        "xmp": XMP,
        "exif": exif.tobytes(),
        "APP1": b"http://ns.adobe.com/xap/1.0/\0" + XMP,
    }[name]
    info = PngImagePlugin.PngInfo()
    info.add_text(f"Raw profile type {name}", profile(name, block), zip=True)
    new = described(tmp_path, saved("PNG", pnginfo=info), "png")
    with Image.open(io.BytesIO(new)) as image:
        _, _, length, *rows = image.text[f"Raw profile type {name}"].split("\n")
        content = bytes.fromhex("".join(rows))
    assert len(content) == int(length)
    assert b"Old" not in content
    assert b"A." in content


def test_damaged_and_endless_text_of_a_png_stays(tmp_path: Path) -> None:
    endless = zlib.compress(bytes(2**26 + 1))
    texts = (b"Description\0\0" + endless, b"Raw profile type iptc\0\0no", b"a")
    png = saved("PNG")
    chunks = b"".join(
        struct.pack(">I4s", len(body), b"zTXt")
        + body
        + struct.pack(">I", zlib.crc32(b"zTXt" + body))
        for body in texts
    )
    (tmp_path / "a.png").write_bytes(png[:33] + chunks + png[33:])
    write_described_copy(tmp_path / "a.png", "A.", tmp_path / "b.png")
    assert chunks in (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("trailer", [b"\n", b"\0\0\0", b"a video" * 300])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_bytes_after_the_end_stay(tmp_path: Path, kind: str, trailer: bytes) -> None:
    content = saved(kind) + trailer
    new = described(tmp_path, content, kind.lower())
    assert trailer in new if kind == "TIFF" else new.endswith(trailer)


def test_a_mark_before_the_exif_of_a_webp_stays(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x010F] = "Old", "Maker"
    content = saved("WEBP", exif=exif.tobytes())
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    at = content.index(b"EXIF")
    assert content[at + 8 :] == block + bytes(len(block) % 2)
    marked = (
        b"EXIF" + struct.pack("<I", len(block) + 6) + b"Exif\0\0" + content[at + 8 :]
    )
    content = b"RIFF" + struct.pack("<I", at + len(marked) - 8) + content[8:at] + marked
    new = described(tmp_path, content, "webp")
    assert new.count(b"Exif\0\0") == 1
    assert b"Maker" in new


def tiff(order: str, big: bool) -> bytes:
    """A grey picture of two pixels, with records of IPTC and Photoshop's blocks."""
    pointer = "Q" if big else "I"
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 42 + big)
    head += struct.pack(f"{order}HHQ", 8, 0, 16) if big else struct.pack(">I", 0)
    records = IPTC + bytes(-len(IPTC) % 4)
    values = {33723: (4, records), 34377: (7, PHOTOSHOP), 700: (1, XMP)}
    start = len(head)
    content = head + b"\x40\x80" + b"".join(value for _, value in values.values())
    content += bytes(len(content) % 2)
    plain = {256: 2, 257: 1, 258: 8, 259: 1, 262: 1, 273: start, 278: 1, 279: 2}
    at, rows = start + 2, b""
    for tag in sorted(plain | values):
        kind, value = values.get(tag, (4, b""))
        place = plain.get(tag, at)
        if tag in values:
            place = start + 2 + sum(
                len(other) for name, (_, other) in values.items()
                if list(values).index(name) < list(values).index(tag)
            )  # fmt: skip
        count = len(value) // (4 if kind == 4 else 1) or 1
        packed = struct.pack(f"{order}{pointer}", place)
        if big and tag in plain:
            packed = struct.pack(f"{order}IHH", place, 0, 0)
        rows += struct.pack(f"{order}HH{pointer}", tag, kind, count) + packed
    form = f"{order}{'Q' if big else 'H'}"
    directory = struct.pack(form, len(plain | values)) + rows + bytes(8 if big else 4)
    first = struct.pack(f"{order}{pointer}", len(content))
    place = 8 if big else 4
    return content[:place] + first + content[place + len(first) :] + directory


# Pillow opens large ones in one order of bytes only.
@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
def test_blocks_of_a_tiff_follow(tmp_path: Path, order: str, big: bool) -> None:
    old = tiff(order, big)
    new = described(tmp_path, old, "tif")
    with Image.open(io.BytesIO(new)) as image:
        assert image.tobytes() == b"\x40\x80"
    structure = TiffStructure(new)
    values = {
        entry.tag: (entry.kind, structure.value(entry))
        for entry in structure.entries(structure.first)
    }
    assert values[33723] == (4, NEW_IPTC + bytes(-len(NEW_IPTC) % 4))
    assert NEW_IPTC in values[34377][1]
    assert values[700][0] == 1
    assert b"Old" not in values[700][1]
    # What is there keeps its place.
    assert new[16 : len(old)] == old[16:]


def test_what_a_camera_stored_raw_is_copied_as_it_is(tmp_path: Path) -> None:
    raw = saved("TIFF", tiffinfo={50706: b"\1\4\0\0"})
    (tmp_path / "a.dng").write_bytes(raw)
    (note,) = write_described_copy(tmp_path / "a.dng", "A.", tmp_path / "b.dng")
    assert "b.xmp" in note
    assert (tmp_path / "b.dng").read_bytes() == raw
    assert read_metadata(tmp_path / "b.dng").caption() == "A."


@pytest.mark.parametrize("version", [b"GIF87a", b"GIF89a"])
@pytest.mark.parametrize("frames", [1, 3])
def test_a_gif_has_its_caption_as_xmp(
    tmp_path: Path, version: bytes, frames: int
) -> None:
    images = [IMAGE.rotate(90 * turn).convert("P") for turn in range(frames)]
    file = io.BytesIO()
    images[0].save(
        file, "GIF", save_all=True, append_images=images[1:], comment=NOTE, loop=2
    )
    content = version + file.getvalue()[6:] + b"a video"
    new = described(tmp_path, content, "gif")
    # A second caption takes the place of the first.
    new = described(tmp_path, new, "gif", "“Two”.")
    assert new.count(b"XMP Data") == 1
    assert new.endswith(b"\x3ba video")
    with Image.open(io.BytesIO(content)) as old, Image.open(io.BytesIO(new)) as image:
        assert image.n_frames == frames
        assert image.info["comment"] == NOTE
        assert image.info.get("loop") == old.info.get("loop")
        for frame in range(frames):
            image.seek(frame)
            old.seek(frame)
            assert image.convert("RGB").tobytes() == old.convert("RGB").tobytes()


OLD_COMMENTS = ["Old words", "caf\u00e9 f\u00fcr alle", "An old one. " * 60]


@pytest.mark.parametrize("old", OLD_COMMENTS)
@pytest.mark.parametrize("ending", ["gif", "jpg", "png"])
def test_a_comment_that_was_a_caption_follows(
    tmp_path: Path, ending: str, old: str
) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Comment", old, "", "", zip=True)
    IMAGE.save(tmp_path / f"a.{ending}", comment=old.encode(), pnginfo=info)
    assert read_metadata(tmp_path / f"a.{ending}").captions == {"comment": old.strip()}
    copy = tmp_path / f"b.{ending}"
    assert (
        write_described_copy(tmp_path / f"a.{ending}", "\u201cTwo\u201d. " * 99, copy)
        == ()
    )
    captions = read_metadata(copy).captions
    assert (
        captions["comment"]
        == captions["description"]
        == ("\u201cTwo\u201d. " * 99).strip()
    )
    with Image.open(copy) as image:
        image.load()


@pytest.mark.parametrize(
    "note",
    [
        "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90",
        "Created with GIMP",
        "LEAD Technologies Inc. V1.01",
        "Lavc58.134.100",
        '{"prompt": "a dog"}',
        "1234",
        "",
    ],
)
@pytest.mark.parametrize("ending", ["gif", "jpg", "png"])
def test_what_programs_note_of_themselves_stays(
    tmp_path: Path, ending: str, note: str
) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", note)
    IMAGE.save(tmp_path / f"a.{ending}", comment=note.encode(), pnginfo=info)
    assert read_metadata(tmp_path / f"a.{ending}").captions == {}
    write_described_copy(tmp_path / f"a.{ending}", "A dog.", tmp_path / f"b.{ending}")
    with (
        Image.open(tmp_path / f"a.{ending}") as old,
        Image.open(tmp_path / f"b.{ending}") as new,
    ):
        for name in ("comment", "Comment"):
            assert old.info.get(name) == new.info.get(name)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def test_a_jpeg_xl_that_a_jpeg_can_be_restored_from_stays(tmp_path: Path) -> None:
    pytest.importorskip("pillow_jxl")
    IMAGE.save(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as jpeg:
        jpeg.save(tmp_path / "a.jxl", lossless_jpeg=True)
    copy = tmp_path / "b.jxl"
    (note,) = write_described_copy(tmp_path / "a.jxl", "A dog.", copy)
    assert "has no place for a caption" in note
    assert copy.read_bytes() == (tmp_path / "a.jxl").read_bytes()


def test_compressed_boxes_are_left_and_what_stays_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pillow_jxl")
    IMAGE.save(tmp_path / "a.jxl")
    pixels = (tmp_path / "a.jxl").read_bytes()
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b"<dc:description>Old words</dc:description>"
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    content = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    content += box(b"xml ", packet) + box(b"brob", b"data") + box(b"jxlc", pixels)
    (tmp_path / "a.jxl").write_bytes(content)
    copy = tmp_path / "b.jxl"
    place, inside = write_described_copy(tmp_path / "a.jxl", "A dog.", copy)
    assert "has no place for a caption" in place
    assert inside == f"{copy} itself still says “Old words”, as before."
    assert copy.read_bytes() == content
    assert read_metadata(copy).caption() == "A dog."


def _in_little_time(picture: Path) -> None:
    started = time.thread_time()
    read_metadata(picture)
    assert time.thread_time() - started < 2


@pytest.mark.parametrize("name", [b"Comment", b"Software"])
def test_text_that_expands_again_and_again_takes_little_time(
    tmp_path: Path, name: bytes
) -> None:
    content = saved("PNG")
    body = name + b"\0\0" + zlib.compress(bytes(50_000_000), 9)
    checksum = zlib.crc32(b"zTXt" + body)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", checksum)
    picture = tmp_path / "dog.png"
    picture.write_bytes(content[:33] + chunk * 40 + content[33:])
    _in_little_time(picture)


@pytest.mark.parametrize("spam", [b"\xff", b"\xff\xfe\x00\x02"])
def test_millions_of_segments_take_little_time(tmp_path: Path, spam: bytes) -> None:
    content = saved("JPEG")
    picture = tmp_path / "dog.jpg"
    picture.write_bytes(content[:2] + spam * (12_000_000 // len(spam)) + content[2:])
    _in_little_time(picture)


def behind_palette(gif: bytes) -> int:
    return 13 + 3 * 2 ** ((gif[10] & 7) + 1)


@pytest.mark.parametrize(
    ("ending", "piece"),
    [
        ("png", b"\0\0\0\0tEXt" + struct.pack(">I", zlib.crc32(b"tEXt"))),
        ("webp", b"prVt\0\0\0\0"),
        # These are read, each of them.
        ("webp", b"EXIF\x1a\0\0\0MM\0*\0\0\0\x08" + bytes(18)),
        ("gif", b"!\xfe\x05words\0"),
    ],
)
def test_what_comes_over_and_over_is_passed_over(
    tmp_path: Path, ending: str, piece: bytes
) -> None:
    plain = saved(ending.upper())
    at = {"png": 33, "gif": behind_palette(plain)}.get(ending)
    many = (plain[:at] + piece * 51_000 + plain[at:]) if at else plain + piece * 51_000
    many = many[:4] + struct.pack("<I", len(many) - 8) + many[8:] if not at else many
    source, copy = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    source.write_bytes(many)
    started = time.thread_time()
    read_metadata(source)
    (note,) = write_described_copy(source, "A dog.", copy)[:1]
    assert time.thread_time() - started < 3
    assert "has no place for a caption" in note
    assert copy.read_bytes() == many
    assert read_metadata(copy).caption() == "A dog."


def test_a_long_comment_of_a_gif_is_read_in_one_go(tmp_path: Path) -> None:
    plain, words = saved("GIF"), b"An old one. " * 400_000
    pieces = b"".join(
        bytes([len(one)]) + one
        for one in (words[at : at + 100] for at in range(0, len(words), 100))
    )
    at = behind_palette(plain)
    comment = b"!\xfe" + pieces + b"\0"
    (tmp_path / "a.gif").write_bytes(plain[:at] + comment + plain[at:])
    started = time.thread_time()
    # It is too long to be meant for a caption.
    assert read_metadata(tmp_path / "a.gif").captions == {}
    assert time.thread_time() - started < 2
