"""Captions inside copies of pictures, read back by Pillow."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from imagecap.exchange import ExchangeError
from imagecap.metadata import MetadataError, write_described_copy

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


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_the_copy_carries_the_caption_and_all_else(tmp_path: Path, ending: str) -> None:
    source = picture(tmp_path / f"a.{ending}", icc_profile=b"profile", dpi=(300, 300))
    before = source.read_bytes()
    copy = tmp_path / f"b.{ending}"
    write_described_copy(source, CAPTION, copy)
    assert source.read_bytes() == before
    with Image.open(source) as original, Image.open(copy) as described:
        described.load()
        original.load()
        assert described.tobytes() == original.tobytes()
        exif = described.getexif()
        text = exif[ExifTags.Base.ImageDescription]
        assert text.encode("latin-1").decode() == CAPTION
        assert exif[ExifTags.Base.Orientation] == 6
        assert exif[ExifTags.Base.Make] == "Camera"
        assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] == 400
        assert exif.get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"
        assert described.info["icc_profile"] == b"profile"
        assert described.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        xmp = described.info["xmp"]
        xmp = xmp if isinstance(xmp, str) else xmp.decode()
        assert "A “brown” dog &amp; a &lt;cat&gt;." in xmp


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
    assert content.count(b"Two.") == 2
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


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0\x00", b"\x89PNG\r\n\x1a\n"])
def test_a_damaged_picture_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(MetadataError, match="damaged"):
        write_described_copy(tmp_path / "a.jpg", CAPTION, tmp_path / "b.jpg")
    assert not (tmp_path / "b.jpg").exists()


def test_another_kind_is_one_sentence(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.webp")
    with pytest.raises(MetadataError, match="neither JPEG nor PNG"):
        write_described_copy(tmp_path / "a.webp", CAPTION, tmp_path / "b.webp")
    with pytest.raises(MetadataError, match=r"must end in \.jpg"):
        write_described_copy(picture(tmp_path / "a.jpg"), CAPTION, tmp_path / "b.png")


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="cannot be written"):
        write_described_copy(
            picture(tmp_path / "a.jpg"), CAPTION, tmp_path / "missing" / "b.jpg"
        )
