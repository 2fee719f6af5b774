"""Captions inside copies of pictures, read back by Pillow."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from made_pictures import quarters, saved
from PIL import ExifTags, Image

from imagecap.files import WriteError
from imagecap.pictures.metadata import (
    Description,
    MetadataError,
    read_metadata,
    write_described_copy,
    write_xmp_sidecar,
)
from imagecap.pictures.reading import open_picture

CAPTION = "A “brown” dog & a <cat>."


def picture(path: Path, **how: object) -> Path:
    image = Image.linear_gradient("L").convert("RGB")
    exif = image.getexif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Camera"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] = 400
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    image.save(path, exif=exif, **how)
    return path


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_the_copy_carries_the_caption_and_all_else(tmp_path: Path, ending: str) -> None:
    source = picture(tmp_path / f"a.{ending}", icc_profile=b"profile", dpi=(300, 300))
    before = source.read_bytes()
    copy = tmp_path / f"b.{ending}"
    write_described_copy(source, CAPTION, copy)
    assert source.read_bytes() == before
    with Image.open(source) as original, Image.open(copy) as described:
        # Pillow turns a TIFF upright when it loads it, and forgets that.
        assert described.getexif()[ExifTags.Base.Orientation] == 6
        described.load()
        original.load()
        assert described.tobytes() == original.tobytes()
        exif = described.getexif()
        text = exif[ExifTags.Base.ImageDescription]
        assert text.encode("latin-1").decode().rstrip("\0") == CAPTION
        assert exif[ExifTags.Base.Make] == "Camera"
        # Pillow writes none of the inner directories into a TIFF.
        if ending != "tif":
            inner = exif.get_ifd(ExifTags.IFD.Exif)
            assert inner[ExifTags.Base.ISOSpeedRatings] == 400
            assert exif.get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"
        assert described.info["icc_profile"] == b"profile"
        # WebP has no place for it.
        dpi = described.info.get("dpi", (300, 300))
        assert dpi == pytest.approx((300, 300), abs=0.1)
        xmp = described.info["xmp"]
        xmp = xmp if isinstance(xmp, str) else xmp.decode()
        assert "A “brown” dog &amp; a &lt;cat&gt;." in xmp


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
@pytest.mark.parametrize("kind", [2, 5, 7])
def test_a_damaged_tag_turns_neither_the_picture_nor_its_copy_another_way(
    tmp_path: Path, ending: str, kind: int
) -> None:
    """Pillow reads no tag that stands behind one whose value lies outside."""
    damaged = struct.pack(">HHII", ExifTags.Base.Make, kind, 1000, 2**24)
    turned = struct.pack(">HHIHH", ExifTags.Base.Orientation, 3, 1, 6, 0)
    directory = struct.pack(">HIH", 42, 8, 2) + damaged + turned + bytes(4)
    source, copy = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    saved(quarters(), source, exif=b"Exif\0\0MM" + directory)
    write_described_copy(source, CAPTION, copy)
    assert open_picture(source).size == open_picture(copy).size == (32, 48)


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_second_caption_replaces_the_first_and_nothing_else(
    tmp_path: Path, ending: str
) -> None:
    source = picture(tmp_path / f"a.{ending}")
    first, second = tmp_path / f"b.{ending}", tmp_path / f"c.{ending}"
    write_described_copy(source, "One.", first)
    content = first.read_bytes().replace(b'rdf:about=""', b'rdf:about="x"')
    if ending == "jpg":
        first.write_bytes(_lengthened(content))
    write_described_copy(first, "Two.", second)
    content = second.read_bytes()
    assert b"One." not in content
    # In EXIF, and in XMP as description and as alternative text.
    assert content.count(b"Two.") == 3
    if ending == "jpg":
        assert b'rdf:about="x"' in content


def _lengthened(content: bytes) -> bytes:
    """Add to the length of the XMP segment the byte that the test has put in."""
    at = content.index(b"http://ns.adobe.com/xap") - 2
    length = int.from_bytes(content[at : at + 2], "big") + 1
    return content[:at] + length.to_bytes(2, "big") + content[at + 2 :]


def test_the_picture_itself_is_never_written(tmp_path: Path) -> None:
    source = picture(tmp_path / "a.jpg")
    before = source.read_bytes()
    with pytest.raises(MetadataError, match="never changed"):
        write_described_copy(source, CAPTION, source)
    assert source.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xe0\x00",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\4\0\0\0WEBP",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"II*\0\x08\0\0\0\x09\0",
        b"MM\0*",
    ],
)
def test_a_damaged_picture_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(MetadataError, match="damaged"):
        write_described_copy(tmp_path / "a.jpg", CAPTION, tmp_path / "b.jpg")
    assert not (tmp_path / "b.jpg").exists()


def xmp_of(path: Path) -> str:
    with Image.open(path) as image:
        xmp = image.info["xmp"]
    return xmp if isinstance(xmp, str) else xmp.decode()


@pytest.mark.parametrize("ending", ["webp", "tif"])
def test_a_second_caption_of_a_webp_or_a_tiff_replaces_the_first(
    tmp_path: Path, ending: str
) -> None:
    source = picture(tmp_path / f"a.{ending}")
    first, second = tmp_path / f"b.{ending}", tmp_path / f"c.{ending}"
    write_described_copy(source, "One.", first)
    content = first.read_bytes()
    first.write_bytes(content.replace(b'rdf:about=""', b"rdf:about=''"))
    write_described_copy(first, "Two.", second)
    assert "rdf:about=''" in xmp_of(second)
    assert "Two." in xmp_of(second)
    assert "One." not in xmp_of(second)
    with Image.open(second) as described, Image.open(source) as original:
        assert described.getexif()[ExifTags.Base.ImageDescription] == "Two."
        assert described.tobytes() == original.tobytes()


@pytest.mark.parametrize(
    ("mode", "how"),
    [
        ("RGB", {"lossless": True}),
        ("RGBA", {"lossless": True}),
        ("RGB", {"quality": 50}),
        ("RGBA", {"quality": 50}),
    ],
)
def test_a_simple_webp_becomes_an_extended_one(
    tmp_path: Path, mode: str, how: dict[str, object]
) -> None:
    image = Image.effect_noise((37, 20), 50).convert("RGB").convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    source, copy = tmp_path / "a.webp", tmp_path / "b.webp"
    image.save(source, **how)
    with source.open("ab") as file:
        file.write(b"left over")
    write_described_copy(source, CAPTION, copy)
    with Image.open(copy) as described, Image.open(source) as original:
        assert described.mode == original.mode == mode
        assert described.tobytes() == original.tobytes()
        assert ExifTags.Base.ImageDescription in described.getexif()


def test_all_pictures_of_an_animation_and_pages_of_a_tiff_stay(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (30, 20), color) for color in ("red", "green", "blue")]
    for ending in ("webp", "tif"):
        source, copy = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
        pages[0].save(source, save_all=True, append_images=pages[1:])
        write_described_copy(source, "A.", copy)
        with Image.open(copy) as described, Image.open(source) as original:
            assert described.n_frames == 3
            for number in range(3):
                described.seek(number)
                original.seek(number)
                assert described.tobytes() == original.tobytes()


@pytest.mark.parametrize("mark", [b"II*\0", b"MM\0*"])
def test_either_order_of_bytes_is_understood(tmp_path: Path, mark: bytes) -> None:
    order = "<" if mark.startswith(b"I") else ">"
    # A picture of two by one pixels, grey, which stand behind the header.
    fields = {256: 2, 257: 1, 258: 8, 259: 1, 262: 1, 273: 8, 278: 1, 279: 2}
    content = mark + struct.pack(f"{order}I", 10) + b"\x40\x80"
    content += struct.pack(f"{order}H", len(fields))
    for tag, value in fields.items():
        content += struct.pack(f"{order}HHII", tag, 4, 1, value)
    (tmp_path / "a.tif").write_bytes(content + bytes(4))
    write_described_copy(tmp_path / "a.tif", "A.", tmp_path / "b.tif")
    with Image.open(tmp_path / "b.tif") as described:
        assert described.tobytes() == b"\x40\x80"
        text = described.getexif()[ExifTags.Base.ImageDescription]
        assert text.rstrip("\0") == "A."


def test_a_copy_keeps_the_kind_of_the_picture(tmp_path: Path) -> None:
    with pytest.raises(MetadataError, match=r"must end in \.jpg"):
        write_described_copy(picture(tmp_path / "a.jpg"), CAPTION, tmp_path / "b.png")


@pytest.mark.parametrize("ending", ["bmp", "ppm", "tga", "ico", "pcx", "j2k"])
def test_a_format_without_a_place_has_its_caption_beside_the_copy(
    tmp_path: Path, ending: str
) -> None:
    source, copy = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    Image.linear_gradient("L").convert("RGB").save(source)
    (note,) = write_described_copy(source, CAPTION, copy)
    assert "has no place for a caption" in note
    assert str(tmp_path / "b.xmp") in note
    assert copy.read_bytes() == source.read_bytes()
    assert read_metadata(copy).caption() == CAPTION


@pytest.mark.parametrize("size", [18_432, 100])
def test_what_is_written_into_a_tiff_that_breaks_off_is_never_read_as_pixels(
    tmp_path: Path, size: int
) -> None:
    image = Image.effect_noise((96, 64), 50).convert("RGB")
    image.save(tmp_path / "whole.tif", compression="raw")
    content = bytearray((tmp_path / "whole.tif").read_bytes())
    at = content.index(struct.pack("<HHI", 279, 4, 1)) + 8
    content[at : at + 4] = struct.pack("<I", size)
    del content[-100:]
    (tmp_path / "a.tif").write_bytes(content)
    (note,) = write_described_copy(tmp_path / "a.tif", CAPTION, tmp_path / "b.tif")
    assert "has no place for a caption" in note
    assert (tmp_path / "b.tif").read_bytes() == content
    assert read_metadata(tmp_path / "b.tif").caption() == CAPTION


def test_a_name_of_another_kind_hides_nothing(tmp_path: Path) -> None:
    source, copy = tmp_path / "a.HEIC", tmp_path / "b.HEIC"
    source.write_bytes(picture(tmp_path / "a.jpg").read_bytes())
    assert write_described_copy(source, CAPTION, copy) == ()
    assert read_metadata(copy).captions["exif-description"] == CAPTION


def test_a_picture_of_200_megapixels_is_copied(tmp_path: Path) -> None:
    content = bytearray(picture(tmp_path / "a.jpg").read_bytes())
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 12_240, 16_320)
    (tmp_path / "a.jpg").write_bytes(content)
    write_described_copy(tmp_path / "a.jpg", CAPTION, tmp_path / "b.jpg")
    assert read_metadata(tmp_path / "b.jpg").caption() == CAPTION


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="cannot be written"):
        write_described_copy(
            picture(tmp_path / "a.jpg"), CAPTION, tmp_path / "missing" / "b.jpg"
        )


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize(
    "places", [("first",), ("first", "inner")], ids=["first", "both"]
)
@pytest.mark.parametrize("comment", [b"ASCII\0\0\0An old one.", "An old one."])
def test_a_comment_for_users_is_found_in_the_first_directory(
    tmp_path: Path, ending: str, places: tuple[str, ...], comment: bytes | str
) -> None:
    exif = Image.Exif()
    if "inner" in places:
        exif.get_ifd(ExifTags.IFD.Exif)[0x9286] = b"ASCII\0\0\0An old one."
    exif[0x9286] = comment
    old, copy = tmp_path / f"old.{ending}", tmp_path / f"new.{ending}"
    Image.new("RGB", (8, 8)).save(old, exif=exif)
    assert read_metadata(old).captions == {"user-comment": "An old one."}
    write_described_copy(old, CAPTION, copy)
    # In a TIFF nothing refers to the old bytes any more, but they stay.
    assert ending == "tif" or b"An old one." not in copy.read_bytes()
    assert "An old one." not in read_metadata(copy).captions.values()
    assert read_metadata(copy).captions["user-comment"] == CAPTION
    with Image.open(copy) as image:
        assert "brown" in ascii(image.getexif()[0x9286]).replace("\\x00", "")


def test_a_comment_in_the_first_directory_is_removed_where_it_does_not_fit(
    tmp_path: Path,
) -> None:
    exif = Image.Exif()
    exif[0x9286] = b"ASCII\0\0\0An old one."
    # A field that no one may change leaves hardly any room in the segment.
    exif[ExifTags.Base.MakerNote] = bytes(65_400)
    Image.new("RGB", (8, 8)).save(tmp_path / "old.jpg", exif=exif)
    write_described_copy(tmp_path / "old.jpg", "A dog. " * 20, tmp_path / "new.jpg")
    assert b"An old one." not in (tmp_path / "new.jpg").read_bytes()
    assert "user-comment" not in read_metadata(tmp_path / "new.jpg").captions


def test_a_pipe_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.jpg")
    for attempt in (
        lambda: read_metadata(tmp_path / "p.jpg"),
        lambda: write_described_copy(tmp_path / "p.jpg", CAPTION, tmp_path / "c.jpg"),
    ):
        with pytest.raises(MetadataError, match=r"p\.jpg .*no ordinary file"):
            attempt()


def test_a_pipe_beside_a_picture_is_one_sentence(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "a.xmp")
    with pytest.raises(MetadataError, match=r"a\.xmp .*no ordinary file"):
        read_metadata(tmp_path / "a.jpg")
    with pytest.raises(MetadataError, match=r"a\.xmp .*no ordinary file"):
        write_xmp_sidecar(tmp_path / "a.xmp", Description(CAPTION))
