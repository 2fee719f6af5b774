"""A picture is known by what is in the file; what is not read here says why."""

import base64
import contextlib
import importlib.util
import io
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from made_pictures import quarters, saved
from made_tiff import body_with_tags
from PIL import Image

from imagecap.pictures.content import PictureContent
from imagecap.pictures.folders import is_picture_name
from imagecap.pictures.formats import FORMATS, formats_of
from imagecap.pictures.jpeg_xl import jpeg_xl_size
from imagecap.pictures.reading import PictureError, open_picture

# `quarters(64, 64)`; nothing that is installed here writes these.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABw"
    "aWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAADkAAAAjaWlu"
    "ZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBj"
    "bwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMA"
    "HroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAH"
    "RAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABBwaXhpAAAA"
    "AAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAEFtZGF0AAAANSgBr1j5DpJf//Od3/+VHpD7"
    "EWYkt+GSr/pkSf+y5rl//ZR2x987Q/7y9Av/7kSv9mgH/S7/"
)
JPEG_XL = base64.b64decode(
    "/wpPBgAlSACYBgF5FACACpVRxg1ezvV8+aHDYtrGdYa22rawhLHZXhgkTAAow8JhYyQOsA0bLZuI"
    "WiErJBguCEaVzxv5EMFHaHkLHI5Y9qc/eD6I6hGHAQHHWeA8WZY4YY/hygtjjhi+uMwtLoaRL7DE"
    "FuQAcq7nOwGdNADH3urQfxvL+9QKLwMeWN7AY64m+vpeq/0ksgQ4qFPZnDnsiFjuXQkAEnXl8A8U"
    "xzf4exAyDjwa84NvxiSgBjrcCOiWAYzI50DkuFvsIsm6hDQxrtIGL6Iii+cQLCvCXq4MbLcIyWVb"
    "sVOdyDUibV0XoLXuA4CEoXCfCSmQAlvi3eXFmcyMGfO79hW4LEzPS5jqA9c68/6gTdoFaE2A+UZ6"
    "XQEQAmJY0UKysiCDN6BHeKt3zqzKbmbovWF0BKsT61kL9uUelyGKhT94ggQCYBR4yHL9BzPbl/+X"
    "943/P/CHd793bHdamFQNb8Lvxzjs1/8fz1TwVN8XeFx3WMjl50kHGnADdwJJ6P3VYewM1wAzsvKi"
    "6o7eDNttrAM5OP5+9vD3/I+CxyaTV5DIeQo7BzAkQboG"
)
CORNERS = {(8, 8): "red", (56, 8): "lime", (8, 56): "blue", (56, 56): "yellow"}


def needs(module: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(module) is None
    return pytest.mark.skipif(missing, reason=f"{module} is not installed")


def raw_file(orientation: int = 1) -> bytes:
    """Make a camera's RAW file (DNG 1.4): a thumbnail, mosaic pixels and a preview."""
    preview = io.BytesIO()
    quarters(64, 64).save(preview, "JPEG", quality=95)
    jpeg = preview.getvalue() + bytes(len(preview.getvalue()) % 2)
    mosaic = np.full((64, 64), 9000, np.uint16).tobytes()
    start = 8 + len(jpeg) + len(mosaic)
    raw = {254: ("I", [0]), 256: ("I", [64]), 257: ("I", [64]), 258: ("H", [16])}
    raw |= {259: ("H", [1]), 262: ("H", [32803]), 273: ("I", [8 + len(jpeg)])}
    raw |= {277: ("H", [1]), 278: ("I", [64]), 279: ("I", [len(mosaic)])}
    raw |= {33421: ("H", [2, 2]), 33422: ("B", [0, 1, 1, 2])}
    below = _directory(raw, start)
    main = {254: ("I", [1]), 256: ("I", [64]), 257: ("I", [64])}
    main |= {258: ("H", [8, 8, 8]), 259: ("H", [7]), 262: ("H", [6])}
    main |= {271: ("B", list(b"Maker\0")), 272: ("B", list(b"Camera\0"))}
    main |= {273: ("I", [8]), 274: ("H", [orientation]), 277: ("H", [3])}
    main |= {278: ("I", [64]), 279: ("I", [len(preview.getvalue())])}
    main |= {330: ("I", [start]), 50706: ("B", [1, 4, 0, 0])}
    return body_with_tags(jpeg + mosaic + below, main, "<")


@needs("rawpy")
def test_a_raw_file_in_memory_is_read() -> None:
    content = PictureContent("s3://bucket/a.dng", raw_file())
    assert open_picture(content).size == (64, 64)


def _directory(tags: dict[int, tuple[str, list[int]]], start: int) -> bytes:
    """Give a directory of tags, each short enough to lie in it."""
    found = struct.pack("<H", len(tags))
    for tag, (kind, numbers) in sorted(tags.items()):
        data = struct.pack(f"<{len(numbers)}{kind}", *numbers).ljust(4, b"\0")
        code = {"B": 1, "H": 3, "I": 4}[kind]
        found += struct.pack("<HHI", tag, code, len(numbers)) + data
    found += bytes(4)
    return found + bytes(len(found) % 2)


def shows_quarters(path: Path) -> bool:
    picture = open_picture(path)
    colours = Image.new("RGB", (1, 1))
    for place, colour in CORNERS.items():
        colours.paste(colour, (0, 0, 1, 1))
        right = np.array(colours.getpixel((0, 0)))
        if np.abs(np.array(picture.getpixel(place)) - right).max() > 40:
            return False
    return picture.size == (64, 64)


@needs("pi_heif")
@pytest.mark.parametrize("name", ["a.heic", "a.HIF", "a.jpg"])
def test_heic_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HEIC)
    assert shows_quarters(tmp_path / name)


@needs("pillow_jxl")
@pytest.mark.parametrize("name", ["a.jxl", "a.png"])
def test_jpeg_xl_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(JPEG_XL)
    assert shows_quarters(tmp_path / name)


@needs("rawpy")
@pytest.mark.parametrize("name", ["a.dng", "a.tif"])
def test_of_camera_raw_the_preview_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(raw_file())
    assert shows_quarters(tmp_path / name)


@needs("rawpy")
def test_what_is_odd_in_a_preview_is_not_told_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = raw_file()
    # Where a table is expected, bytes that are none of any.
    table = content.index(b"\xff\xc4")
    odd = content[:table] + b"\x01\x02" + content[table + 2 :]
    (tmp_path / "a.dng").write_bytes(odd)
    with contextlib.suppress(PictureError):
        open_picture(tmp_path / "a.dng")
    assert capfd.readouterr() == ("", "")


@needs("rawpy")
def test_the_preview_is_turned_as_the_camera_was(tmp_path: Path) -> None:
    (tmp_path / "a.dng").write_bytes(raw_file(orientation=6))
    red, green = (open_picture(tmp_path / "a.dng").getpixel(at) for at in
                  ((56, 8), (56, 56)))  # fmt: skip
    assert red[0] > 200 > red[1]
    assert green[1] > 200 > green[0]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".webp", ".avif", ".bmp"])
def test_every_format_is_read_under_a_foreign_name(tmp_path: Path, suffix: str) -> None:
    path = saved(quarters(64, 64), tmp_path / f"a{suffix}", quality=95)
    for name in ("a.HEIC", "a.dng", "a.jxl", "a.tga", "a"):
        assert shows_quarters(path.rename(tmp_path / name))
        path = tmp_path / name


@pytest.mark.parametrize(
    ("content", "module", "said"),
    [
        (HEIC, "pi_heif", "is a HEIC picture, .*pip install pi-heif"),
        (
            JPEG_XL,
            "pillow_jxl",
            "is a JPEG XL picture, .*pip install pillow-jxl-plugin",
        ),
        (raw_file(), "rawpy", "is a camera RAW picture, .*pip install rawpy"),
        (b"FUJIFILMCCD-RAW " + bytes(90), "rawpy", "is a camera RAW picture"),
    ],
)
def test_what_is_missing_is_said_with_format_and_package(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    module: str,
    said: str,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(PictureError, match=rf"a\.jpg {said}"):
        open_picture(tmp_path / "a.jpg")
    known = next(one for one in FORMATS if one.module == module)
    assert not known.is_supported


@needs("pi_heif")
def test_damaged_heic_is_said_to_be_heic(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(HEIC[:40])
    with pytest.raises(PictureError, match=r"a\.jpg is a HEIC picture that is damaged"):
        open_picture(tmp_path / "a.jpg")


def test_the_brands_of_a_container_tell_avif_from_heic() -> None:
    def named(*brands: bytes) -> list[str]:
        box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
        beginning = (struct.pack(">I", 4 + len(box)) + box).ljust(64, b"\0")
        return [known.name for known in formats_of(beginning)][:1]

    assert named(b"mif1", b"miaf", b"heic") == ["HEIC"]
    assert named(b"mif1", b"avif", b"miaf") == ["AVIF"]
    assert named(b"avif") == ["AVIF"]
    assert named(b"crx ") == ["camera RAW"]


def test_readers_that_nothing_else_has_loaded_are_loaded(tmp_path: Path) -> None:
    paths = [tmp_path / f"a.{end}" for end in ("jpg", "avif", "webp", "jp2", "tga")]
    for path in paths:
        quarters(64, 64).save(path)
    code = """
        import sys
        from imagecap.pictures.formats import FORMATS
        from imagecap.pictures.reading import open_picture

        for path in sys.argv[1:]:
            open_picture(path)
            print("PIL.PdfImagePlugin" in sys.modules)
        print(all(known.is_supported for known in FORMATS if not known.module))
    """
    # AVIF is known by its mark alone, so what loads its reader is tried alone, too.
    for arguments, said in ((paths, "False True True True True"), (paths[1:2], "True")):
        command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [*said.split(), "True"]


def test_the_size_of_jpeg_xl_is_read_before_its_pixels() -> None:
    assert jpeg_xl_size(JPEG_XL) == (64, 64)
    # Not a multiple of 8, and 30 bits long: 3 × 10⁸ rows.
    bits = 0 | 3 << 1 | (300_000_000 - 1) << 3 | 1 << 33
    assert jpeg_xl_size(b"\xff\x0a" + bits.to_bytes(16, "little")) == (300_000_000,) * 2
    with pytest.raises(ValueError, match="codestream"):
        jpeg_xl_size(b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(50))


def test_the_names_of_these_formats_are_pictures() -> None:
    for name in ("a.HEIC", "a.heif", "a.hif", "a.jxl", "a.CR2", "a.nef", "a.avif"):
        assert is_picture_name(name)
    assert not is_picture_name("a.svg")
