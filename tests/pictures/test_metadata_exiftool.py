"""What ExifTool says of pictures and their copies: nothing differs but the caption."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from made_pictures import save_psd
from PIL import Image, PngImagePlugin

from imagecap.pictures.metadata import (
    Description,
    read_metadata,
    write_described_copy,
)
from imagecap.provenance import Provenance

pytestmark = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed"
)
CAPTION = "Ein Hund – “läuft” & <springt>."
ENDINGS = ("jpg", "png", "webp", "tif", "avif", "jp2", "psd")
if find_spec("pillow_jxl"):
    import pillow_jxl  # noqa: F401

    ENDINGS += ("jxl",)
# Those that have IPTC.
WITH_IPTC = ("jpg", "tif", "jp2", "psd")
WRITTEN = {
    "plain": [],
    "exif": [
        "-Make=Canon",
        "-Orientation#=6",
        "-ExposureTime=1/125",
        "-GPSLatitude=1.5",
        "-GPSLatitudeRef=N",
        "-InteropIndex=R98",
        "-LensModel=L",
    ],
    "captions": [
        "-IFD0:ImageDescription=Old words",
        "-ExifIFD:UserComment=Old words",
        "-IFD0:XPComment=Old words",
        "-IFD0:XPTitle=My title",
        "-XMP-dc:Description=Old words",
        "-XMP-dc:Description-de=Alte Worte",
        "-XMP-tiff:ImageDescription=Old words",
        "-XMP-iptcCore:AltTextAccessibility=Old words",
    ],
    "intel": ["-Make=Maker", "-IFD0:ImageDescription=Old", "-ExifByteOrder=II"],
    "xmp": [
        "-XMP:Rating=4",
        "-XMP-dc:Title=A title",
        "-XMP-dc:Subject=beach",
        "-XMP-mwg-rs:RegionName=Rex",
        "-XMP-iptcExt:DigitalSourceType=http://cv.iptc.org/x/digitalCapture",
    ],
    "iptc": [
        "-IPTC:Caption-Abstract=Old words",
        "-IPTC:Keywords=beach",
        "-IPTC:CodedCharacterSet=UTF8",
        "-Photoshop:IPTCDigest=new",
        "-Photoshop:CopyrightFlag=1",
    ],
}
# What says a caption; a digest of IPTC's records goes with them.
OF_CAPTIONS = {
    "ImageDescription",
    "Description",
    "AltTextAccessibility",
    "UserComment",
    "XPComment",
    "Caption-Abstract",
    "IPTCDigest",
    "CurrentIPTCDigest",
}
# How a file calls itself once it has EXIF; a simple WebP becomes an extended one,
# which says its size a second time; where the data of an AVIF lie; the boxes that a
# JPEG XL gets that had none.
OF_THE_FILE = {
    "CompatibleBrands",
    "ExifByteOrder",
    "FileType",
    "ImageHeight",
    "ImageWidth",
    "MajorBrand",
    "MediaData",
    "MediaDataOffset",
    "MediaDataSize",
    "MinorVersion",
    "WebP_Flags",
}
Tags = Counter[tuple[str, str, str]]


def exiftool(*arguments: str | Path) -> str:
    return subprocess.run(
        ["exiftool", *map(str, arguments)], capture_output=True, text=True, check=True
    ).stdout


def tags_of(folder: Path) -> dict[str, Tags]:
    """File → how often each group says each value of each tag."""
    told = exiftool("-a", "-G1", "-s", "-u", "-r", folder)
    found = {}
    for part in told.split("======== ")[1:]:
        name, *lines = part.splitlines()
        tags: Tags = Counter()
        for line in lines:
            if match := re.match(r"\[(.+?)\]\s+(\S+)\s*: ?(.*)$", line):
                group, tag, value = match.groups()
                if group != "System" and (group != "ExifTool" or tag == "Warning"):
                    tags[group, tag, value] += 1
        found[Path(name).name] = tags
    return found


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Folders with pictures that say much, and with their copies."""
    sources = tmp_path_factory.mktemp("sources")
    copies = tmp_path_factory.mktemp("copies")
    image = Image.linear_gradient("L").convert("RGB").resize((64, 48))
    image.resize((16, 12)).save(sources / "thumbnail.jpg")
    arguments = []
    for ending in ENDINGS:
        info = PngImagePlugin.PngInfo()
        info.add_text("Description", "Old words")
        for name, written in WRITTEN.items():
            if name == "iptc" and ending not in WITH_IPTC:
                continue
            file = sources / f"{name}.{ending}"
            if ending == "psd":
                save_psd(image, file)
            else:
                image.save(file, pnginfo=info if name == "captions" else None)
            more = [f"-ThumbnailImage<={sources / 'thumbnail.jpg'}"]
            own = written + (more if name == "exif" and ending == "jpg" else [])
            if own:
                arguments += [*own, "-m", "-overwrite_original", file, "-execute"]
    (sources / "all").write_text("\n".join(map(str, arguments)) + "\n")
    exiftool("-@", sources / "all")
    (sources / "all").unlink()
    (sources / "thumbnail.jpg").unlink()
    for file in sources.iterdir():
        assert write_described_copy(file, CAPTION, copies / file.name) == ()
    yield sources, copies


def test_nothing_differs_but_the_caption(pictures: tuple[Path, Path]) -> None:
    sources, copies = pictures
    before, after = tags_of(sources), tags_of(copies)
    assert (
        len(before)
        == len(after)
        == len(WRITTEN) * len(ENDINGS) - (len(ENDINGS) - len(WITH_IPTC))
    )
    for name, old in before.items():
        new = after[name]
        assert {tag for _, tag, _ in old - new} <= OF_CAPTIONS | OF_THE_FILE, name
        assert {tag for _, tag, _ in new - old} <= OF_CAPTIONS | OF_THE_FILE, name
        assert not any(tag == "Warning" for _, tag, _ in new - old), name
        said = Counter(
            (group, tag)
            for (group, tag, value), count in new.items()
            for _ in range(count)
            if tag in OF_CAPTIONS and "Digest" not in tag
            if value == CAPTION
        )
        assert not any("Old" in value for _, _, value in new), name
        assert set(said.values()) == {1}, name
        assert {
            ("IFD0", "ImageDescription"),
            ("XMP-dc", "Description"),
            ("XMP-iptcCore", "AltTextAccessibility"),
        } <= said.keys(), name
        # What is there already, and no more.
        there = {(group, tag) for group, tag, _ in old if tag in OF_CAPTIONS}
        assert {one for one in there if "Digest" not in one[1]} <= said.keys(), name
        assert len(said) <= len(there | set(said)) <= len(there) + 3, name


def test_the_pixels_and_the_captions_are_as_they_were(
    pictures: tuple[Path, Path],
) -> None:
    sources, copies = pictures
    for source in sources.iterdir():
        with Image.open(source) as old, Image.open(copies / source.name) as new:
            assert new.tobytes() == old.tobytes(), source.name
        captions = read_metadata(copies / source.name).captions
        assert set(captions.values()) == {CAPTION}, source.name


def test_other_languages_and_digests_are_right(pictures: tuple[Path, Path]) -> None:
    copies = pictures[1]
    after = tags_of(copies)
    for ending in ENDINGS:
        tags = after[f"captions.{ending}"]
        assert ("XMP-dc", "Description-de", "Alte Worte") in tags
        assert ("IFD0", "XPTitle", "My title") in tags
    before = tags_of(pictures[0])
    former, digests = (
        {v for one in ("jpg", "tif") for _, tag, v in told[f"iptc.{one}"]
         if tag == "IPTCDigest"}
        for told in (before, after)
    )  # fmt: skip
    assert len(former) == len(digests) == 1
    assert former != digests


def test_exiftool_reads_where_a_caption_comes_from(tmp_path: Path) -> None:
    source, copy = tmp_path / "a.jpg", tmp_path / "b.jpg"
    Image.new("RGB", (8, 8)).save(source)
    provenance = Provenance("default@0123", edited=False, accepted=True, confidence=0.5)
    write_described_copy(source, Description("A.", provenance, ("dog", "beach")), copy)
    told = exiftool("-a", "-s3", "-XMP-imagecap:all", "-XMP-dc:Subject", copy)
    assert told.splitlines() == [
        "default@0123",
        "False",
        "True",
        "0.500",
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "A.",
        "dog, beach",
    ]
