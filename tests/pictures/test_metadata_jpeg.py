"""The segments of a JPEG around a caption: EXIF, IPTC, further pictures, trailers."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path

import pytest
from PIL import Image, IptcImagePlugin

from imagecap.pictures.metadata import read_metadata, write_described_copy
from imagecap.pictures.tiff_structure import TiffStructure

CAPTION = "A dog runs."
IMAGE = Image.linear_gradient("L").convert("RGB").resize((48, 32))


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(*segments: bytes) -> bytes:
    plain = io.BytesIO()
    IMAGE.save(plain, "JPEG")
    content = plain.getvalue()
    # Behind the mark and JFIF's own segment.
    return content[:20] + b"".join(segments) + content[20:]


def described(folder: Path, content: bytes, caption: str = CAPTION) -> bytes:
    (folder / "a.jpg").write_bytes(content)
    assert write_described_copy(folder / "a.jpg", caption, folder / "b.jpg") == ()
    with Image.open(folder / "a.jpg") as old, Image.open(folder / "b.jpg") as new:
        assert new.tobytes() == old.tobytes()
    return (folder / "b.jpg").read_bytes()


def exif(order: str, *directories: list[tuple[int, int, bytes]]) -> bytes:
    """EXIF with directories; the value `>n` stands for the place of directory n.

    The second directory is that of EXIF, the third that of the thumbnail.
    """
    sizes = [2 + 12 * len(rows) + 4 for rows in directories]
    starts = [8 + sum(sizes[:n]) for n in range(len(sizes))]
    values, at = b"", 8 + sum(sizes)
    whole = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    for number, rows in enumerate(directories):
        whole += struct.pack(f"{order}H", len(rows))
        for tag, kind, value in rows:
            if value.startswith(b">"):
                value = struct.pack(f"{order}I", starts[int(value[1:])])
            stored = value.ljust(4, b"\0")
            if len(value) > 4:
                stored = struct.pack(f"{order}I", at + len(values))
                values += value
            count = len(value) // (4 if kind == 4 else 1)
            whole += struct.pack(f"{order}HHI", tag, kind, count) + stored
        following = starts[2] if number == 0 and len(directories) > 2 else 0
        whole += struct.pack(f"{order}I", following)
    return b"Exif\0\0" + whole + values


def exif_of(content: bytes) -> TiffStructure:
    with Image.open(io.BytesIO(content)) as image:
        return TiffStructure(image.info["exif"].removeprefix(b"Exif\0\0"))


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_is_patched_where_it_lies(tmp_path: Path, order: str) -> None:
    maker_note = b"Panasonic\0\0\0" + bytes(range(60))
    old = exif(
        order,
        [
            (0x010E, 2, b"Old words\0"),
            (0x010F, 2, b"Panasonic\0"),
            (0x9C9C, 1, "Old words\0".encode("utf-16-le")),
            (0x8769, 4, b">1"),
            (0xC4A5, 7, b"PrintIM\0unknown"),
        ],
        [(0x9286, 7, b"ASCII\0\0\0Old words"), (0x927C, 7, maker_note)],
        [(0x010E, 2, b"Old words\0"), (0x0103, 3, b"\6\0")],
    )
    new = exif_of(described(tmp_path, jpeg(segment(0xE1, old)), "Ein Hund: “ä”"))
    before = TiffStructure(old[6:])
    inner, thumbnail = new.inner(), new.following(new.first)
    assert inner == before.inner()
    assert thumbnail == before.following(before.first)
    for directory, tags in (
        (new.first, {0x010F, 0xC4A5, 0x8769}),
        (inner, {0x927C}),
        (thumbnail, {0x0103}),
    ):
        for tag in tags:
            entry = new.find(directory, tag)
            assert new.value(entry) in bytes(before.content)
            assert entry.raw in bytes(before.content)
    entry = new.find(inner, 0x9286)
    assert entry.kind == 7
    encoding = "utf-16-le" if order == "<" else "utf-16-be"
    assert new.value(entry) == b"UNICODE\0" + "Ein Hund: “ä”".encode(encoding)
    comment = new.value(new.find(new.first, 0x9C9C))
    assert comment.decode("utf-16-le") == "Ein Hund: “ä”\0"
    assert new.value(new.find(thumbnail, 0x010E)).decode() == "Ein Hund: “ä”\0"
    # Neither a directory of GPS nor another one is added.
    assert {e.tag for e in new.entries(new.first)} == {
        e.tag for e in before.entries(before.first)
    }
    assert b"Old words" not in new.content
    assert maker_note in new.content


def test_exif_without_room_keeps_no_older_caption(tmp_path: Path) -> None:
    large = bytes(range(256)) * 255 + bytes(160)
    rows = [(0x010E, 2, b"Old\0"), (0x010F, 2, b"Maker\0"), (0xC4A5, 7, large)]
    old = exif("<", rows)
    assert len(old) < 65_533 < len(old) + 60
    content = described(tmp_path, jpeg(segment(0xE1, old)), "A long caption. " * 20)
    new = exif_of(content)
    assert [entry.tag for entry in new.entries(new.first)] == [0x010F, 0xC4A5]
    assert new.value(new.entries(new.first)[1]) == large
    assert read_metadata(tmp_path / "b.jpg").caption() == ("A long caption. " * 20)[:-1]


@pytest.mark.parametrize("following", [b"", b"\0\0", b"\0\0\xff\xff", b"\xff" * 4])
def test_what_follows_in_exif_may_be_damaged(tmp_path: Path, following: bytes) -> None:
    rows = struct.pack(">HHI4s", 0x010E, 2, 4, b"Old\0")
    old = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + rows + following
    content = described(tmp_path, jpeg(segment(0xE1, old)))
    structure = exif_of(content)
    (entry,) = structure.entries(structure.first)
    assert structure.value(entry) == CAPTION.encode() + b"\0"
    assert b"Old" not in content


def test_damaged_exif_stays_and_is_told(tmp_path: Path) -> None:
    damaged = segment(0xE1, b"Exif\0\0MM\0*\0\0\xff\xff")
    (tmp_path / "a.jpg").write_bytes(jpeg(damaged))
    (note,) = write_described_copy(tmp_path / "a.jpg", "A.", tmp_path / "b.jpg")
    assert "EXIF is damaged" in note
    assert damaged in (tmp_path / "b.jpg").read_bytes()
    assert read_metadata(tmp_path / "b.jpg").caption() == "A."


def iptc(*records: tuple[int, int, bytes]) -> bytes:
    return b"".join(
        struct.pack(">BBBH", 0x1C, record, dataset, len(value)) + value
        for record, dataset, value in records
    )


def photoshop(*blocks: tuple[int, bytes]) -> bytes:
    return b"Photoshop 3.0\0" + b"".join(
        b"8BIM" + struct.pack(">HHI", name, 0, len(body)) + body + bytes(len(body) % 2)
        for name, body in blocks
    )


UTF_8 = (1, 90, b"\x1b%G")


@pytest.mark.parametrize(
    ("records", "caption", "said"),
    [
        ([UTF_8], "A “dog”.", "A “dog”.".encode()),
        ([], "A café.", b"A caf\xe9."),
        # What the records' characters cannot say, they say not at all.
        ([], "Собака.", None),
        ([UTF_8], "A dog. " * 400, None),
    ],
)
def test_iptc_follows(
    tmp_path: Path,
    records: list[tuple[int, int, bytes]],
    caption: str,
    said: bytes | None,
) -> None:
    old = iptc(*records, (2, 25, b"beach"), (2, 120, b"Old"), (2, 120, b"Older"))
    digest = hashlib.md5(old).digest()
    other = (0x03ED, bytes(16))
    blocks = photoshop(other, (0x0404, old), (0x0425, digest), (0x0BB7, b"abc"))
    content = described(tmp_path, jpeg(segment(0xED, blocks)), caption)
    with Image.open(io.BytesIO(content)) as image:
        found = IptcImagePlugin.getiptcinfo(image)
        resources = image.info["photoshop"]
    assert found.get((2, 120)) == said
    assert found[2, 25] == b"beach"
    assert resources[0x03ED]
    new = iptc(
        *records, (2, 25, b"beach"), *([(2, 120, said)] if said is not None else [])
    )
    assert hashlib.md5(new).digest() in content
    assert digest not in content
    assert b"Old" not in content


def test_where_a_picture_was_taken_is_read_of_iptc_and_xmp(tmp_path: Path) -> None:
    records = iptc(
        UTF_8,
        (2, 101, "日本".encode()),
        (2, 90, "京都".encode()),
        (2, 92, b"Gion\0\0"),
        (2, 95, b"   "),
    )
    block = segment(0xED, photoshop((0x0404, records)))
    packet = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:p="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:c="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" p:State="Iowa">'
        "<p:City>Ames</p:City><c:Location>Main Street</c:Location>"
        "</rdf:Description></rdf:RDF>"
    )
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())
    for name, segments in (("iptc", [block]), ("xmp", [xmp]), ("none", [])):
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(*segments))
    assert read_metadata(tmp_path / "iptc.jpg").place == "Gion, 京都, 日本"
    assert read_metadata(tmp_path / "xmp.jpg").place == "Main Street, Ames, Iowa"
    assert read_metadata(tmp_path / "none.jpg").place == ""
    assert read_metadata(tmp_path / "iptc.jpg").captions == {}


def test_iptc_without_a_caption_is_not_touched(tmp_path: Path) -> None:
    block = segment(0xED, photoshop((0x0404, iptc((2, 25, b"beach"))), (1, b"x")))
    assert block in described(tmp_path, jpeg(block))


@pytest.mark.parametrize("stray", [b"\0\0\0", b"\0", b"abc", b"\xff\x00", b"\xff\xff"])
def test_bytes_between_segments_stay(tmp_path: Path, stray: bytes) -> None:
    comment = segment(0xFE, b"CREATOR: gd-jpeg v1.0")
    content = jpeg(segment(0xE5, b"before"), stray, comment)
    assert stray + comment in described(tmp_path, content)


def extended(packet: bytes, room: int) -> list[bytes]:
    """A packet in segments, the last one first, since their order is free."""
    digest = hashlib.md5(packet).hexdigest().upper().encode()
    starts = range(0, len(packet), room)
    return [
        segment(
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\0"
            + digest
            + struct.pack(">II", len(packet), start)
            + packet[start : start + room],
        )
        for start in reversed(starts)
    ]


def rdf(properties: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
        f' xmlns:a="urn:a#">{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


OLD = '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Old words</rdf:li>'
OLD += "</rdf:Alt></dc:description>"


@pytest.mark.parametrize("old", ["", OLD])
@pytest.mark.parametrize("room", [300, 65_000])
def test_xmp_that_goes_on_keeps_no_older_caption(
    tmp_path: Path, room: int, old: str
) -> None:
    more = rdf(f"<a:depth>{'A' * 1000}</a:depth>{old}")
    digest = hashlib.md5(more).hexdigest().upper()
    note = f"<xmpNote:HasExtendedXMP>{digest}</xmpNote:HasExtendedXMP>"
    main = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + rdf(note))
    segments = extended(more, room)
    content = jpeg(main, *segments)
    if old:
        (tmp_path / "a.jpg").write_bytes(content)
        captions = read_metadata(tmp_path / "a.jpg").captions
        assert captions == {"description": "Old words"}
    new = described(tmp_path, content)
    if not old:
        assert b"".join(segments) in new
        return
    assert b"Old words" not in new
    written = {}
    for part in new.split(b"http://ns.adobe.com/xmp/extension/\0")[1:]:
        named, length, start = struct.unpack_from(">32sII", part)
        written[start] = part[40 : 40 + length - start]
    (whole,) = written.values()
    assert whole == rdf(f"<a:depth>{'A' * 1000}</a:depth>")
    assert hashlib.md5(whole).hexdigest().upper().encode() == named
    assert new.count(b">" + named + b"<") == 1
    assert read_metadata(tmp_path / "b.jpg").caption() == CAPTION


def test_a_part_of_xmp_that_is_damaged_stays_and_is_told(tmp_path: Path) -> None:
    lost = extended(rdf(OLD), 200)[1]
    (tmp_path / "a.jpg").write_bytes(jpeg(lost))
    (note,) = write_described_copy(tmp_path / "a.jpg", CAPTION, tmp_path / "b.jpg")
    assert note.endswith("A part of its XMP is damaged and was left as it is.")
    assert lost in (tmp_path / "b.jpg").read_bytes()


@pytest.mark.parametrize("trailer", [b"\n", b"\0\0", b"ftypmp42 a video" * 500])
def test_bytes_after_the_end_stay(tmp_path: Path, trailer: bytes) -> None:
    assert described(tmp_path, jpeg() + trailer).endswith(b"\xff\xd9" + trailer)


def multi_picture(order: str, *, before_exif: bool) -> bytes:
    """A picture with a second one behind it, listed before or behind its EXIF."""
    second = jpeg()
    exif_segment = segment(0xE1, exif("<", [(0x010F, 2, b"Maker\0")]))

    def listed(size: int, place: int) -> bytes:
        rows = struct.pack(f"{order}IIIHH", 0x030000, size, 0, 0, 0)
        rows += struct.pack(f"{order}IIIHH", 0, len(second), place, 0, 0)
        head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
        directory = struct.pack(f"{order}H", 3)
        for tag, kind, count, value in (
            (0xB000, 7, 4, b"0100"),
            (0xB001, 4, 1, struct.pack(f"{order}I", 2)),
            (0xB002, 7, 32, struct.pack(f"{order}I", 50)),
        ):
            directory += struct.pack(f"{order}HHI", tag, kind, count) + value
        body = b"MPF\0" + head + directory + bytes(4) + rows
        both = [segment(0xE2, body), exif_segment]
        return jpeg(*(both if before_exif else reversed(both)))

    first = listed(0, 0)
    place = len(first) - first.index(b"MPF\0") - 4
    return listed(len(first), place) + second


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("before_exif", [True, False])
def test_further_pictures_are_found_where_they_now_lie(
    tmp_path: Path, order: str, before_exif: bool
) -> None:
    old = multi_picture(order, before_exif=before_exif)
    new = described(tmp_path, old)
    with Image.open(io.BytesIO(new)) as image:
        assert image.format == "MPO"
        assert image.n_frames == 2
        size, places = image.mpinfo[0xB002][0]["Size"], image.mpinfo[0xB002]
        start = new.index(b"MPF\0") + 4 + places[1]["DataOffset"]
        assert new[start:] == jpeg()
        assert new[:size].endswith(b"\xff\xd9")
        assert size == start


@pytest.mark.parametrize("body", [b"MPF\0", b"MPF\0MM\0*\0\0\0\x08", b"MPF\0II*\0" * 9])
def test_a_damaged_list_of_pictures_stays(tmp_path: Path, body: bytes) -> None:
    assert segment(0xE2, body) in described(tmp_path, jpeg(segment(0xE2, body)))
