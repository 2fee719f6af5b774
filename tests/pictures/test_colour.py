"""Colours as they are meant: profiles, inks, depths, alpha, frames."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from made_pictures import quarters, saved
from PIL import Image, ImageCms

from imagecap.pictures.reading import open_picture

# The primaries of a screen, as XYZ under D50.
_SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
_DISPLAY_P3 = (
    (0.5151, 0.2412, -0.0011),
    (0.2919, 0.6922, 0.0419),
    (0.1572, 0.0666, 0.7841),
)


def profile(primaries: tuple[tuple[float, ...], ...], name: bytes) -> bytes:
    """Make an ICC profile of a screen with a gamma of 2.2 (ICC.1:2001-04)."""

    def numbers(values: tuple[float, ...]) -> bytes:
        return (
            b"XYZ "
            + bytes(4)
            + b"".join(struct.pack(">i", round(value * 65536)) for value in values)
        )

    described = b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name
    tags = {
        b"desc": described.ljust(100, b"\0"),
        b"wtpt": numbers((0.9642, 1.0, 0.8249)),
        b"cprt": b"text" + bytes(4) + b"none\0\0\0\0",
    }
    for letter, primary in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags[letter + b"XYZ"] = numbers(primary)
        tags[letter + b"TRC"] = b"curv" + struct.pack(">IIHH", 0, 1, 563, 0)
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", start + len(data), len(content))
        data += content
    header = bytearray(128)
    struct.pack_into(">I", header, 0, start + len(data))
    header[8:24] = b"\x02\x40\0\0mntrRGB XYZ "
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">iii", 63190, 65536, 54061)
    return bytes(header) + table + data


def first(path: Path) -> tuple[int, ...]:
    value = open_picture(path).getpixel((0, 0))
    assert isinstance(value, tuple)
    return value


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".webp", ".avif"])
def test_the_colours_of_another_screen_become_srgb(tmp_path: Path, suffix: str) -> None:
    picture = Image.new("RGB", (16, 16), (200, 100, 50))
    icc = profile(_DISPLAY_P3, b"Display P3")
    path = saved(picture, tmp_path / f"a{suffix}", icc_profile=icc, quality=100)
    # By hand: to light, by the two matrices, and back.
    light = (np.array([200, 100, 50]) / 255) ** 2.2
    there = np.linalg.inv(np.array(_SRGB).T) @ np.array(_DISPLAY_P3).T @ light
    right = 255 * (1.055 * there ** (1 / 2.4) - 0.055)
    assert np.abs(np.array(first(path)) - right).max() < 6
    assert first(path)[0] > 205


def test_transparency_stays_where_colours_change(tmp_path: Path) -> None:
    icc = profile(_DISPLAY_P3, b"Display P3")
    picture = Image.new("RGBA", (4, 4), (200, 100, 50, 0))
    picture.putpixel((3, 3), (0, 0, 0, 255))
    assert first(saved(picture, tmp_path / "a.png", icc_profile=icc)) == (255,) * 3


@pytest.mark.parametrize(
    "icc", [b"no profile", profile(_SRGB, b"sRGB")[:200], b"\0" * 128]
)
def test_a_damaged_profile_costs_nothing(tmp_path: Path, icc: bytes) -> None:
    picture = Image.new("RGB", (4, 4), (200, 100, 50))
    path = saved(picture, tmp_path / "a.png", icc_profile=icc)
    assert first(path) == (200, 100, 50)


def test_srgb_stays_as_it_is(tmp_path: Path) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    path = saved(Image.fromarray(noise), tmp_path / "a.png", icc_profile=icc)
    assert np.array_equal(np.asarray(open_picture(path)), noise)


def test_inks_are_inverted_only_by_adobe(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(file, "JPEG", quality=100)
    adobe = file.getvalue()
    at = adobe.index(b"\xff\xee")
    length = int.from_bytes(adobe[at + 2 : at + 4], "big")
    (tmp_path / "adobe.jpg").write_bytes(adobe)
    (tmp_path / "plain.jpg").write_bytes(adobe[:at] + adobe[at + 2 + length :])
    red, cyan = first(tmp_path / "adobe.jpg"), first(tmp_path / "plain.jpg")
    assert np.abs(np.subtract(red, (255, 0, 0))).max() <= 3
    # The same numbers, now ink as they are: no red, and no black is kept.
    assert cyan == (0, 0, 0)


@pytest.mark.parametrize("suffix", [".tga", ".png", ".tiff", ".webp"])
def test_an_alpha_that_was_never_filled_hides_nothing(
    tmp_path: Path, suffix: str
) -> None:
    picture = quarters().convert("RGBA")
    picture.putalpha(0)
    path = saved(picture, tmp_path / f"a{suffix}", exact=True, lossless=True)
    assert open_picture(path).tobytes() == quarters().tobytes()


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_the_first_frame_that_shows_something_counts(
    tmp_path: Path, suffix: str
) -> None:
    nothing = Image.new("RGBA", (48, 32), (0, 0, 0, 0))
    frames = [nothing, quarters().convert("RGBA"), Image.new("RGBA", (48, 32), "black")]
    path = tmp_path / f"a{suffix}"
    nothing.save(path, save_all=True, append_images=frames[1:], lossless=True)
    pixels = np.asarray(open_picture(path)).astype(int)
    assert np.abs(pixels - np.asarray(quarters())).max() <= 3


def test_sixteen_bits_of_grey_are_not_guessed(tmp_path: Path) -> None:
    # A dark picture, whose numbers would fit into eight bits.
    dark = b"P5 2 1 65535\n" + struct.pack(">HH", 200, 255)
    (tmp_path / "a.pgm").write_bytes(dark)
    assert first(tmp_path / "a.pgm") == (1, 1, 1)
