"""TIFF of every depth, photometric interpretation and arrangement of planes.

Each is read rightly or refused; what is right says the specification, and ImageMagick
where it is installed.
"""

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from made_tiff import HEIGHT, WIDTH, body_with_tags, gradients, save_tiff

from imagecap.pictures.reading import PictureError, open_picture

DEPTHS = (1, 2, 4, 8, 12, 16, 32)


def expected(photometric: str, bits: int, alpha: bool, floats: bool) -> np.ndarray:
    """What the specification says, `[HEIGHT, WIDTH, 3]`, 0 to 255."""
    most = 2.0**bits - 1

    def stored(samples: int) -> np.ndarray:
        values = gradients(samples)
        return values if floats else np.rint(values * most) / most

    if photometric in ("white", "black"):
        grey = stored(1) if photometric == "black" else 1 - stored(1)
        colour = np.repeat(grey, 3, axis=-1)
    elif photometric == "palette":
        index = stored(1)
        colour = np.concatenate([index, 1 - index, 0 * index + 0.5], axis=-1)
    elif photometric == "rgb":
        colour = stored(3)
    else:
        inks = stored(4)
        colour = (1 - inks[..., :3]) * (1 - inks[..., 3:])
    if alpha:
        opacity = 0.3 + 0.7 * gradients(2)[..., 1:]
        if not floats:
            opacity = np.rint(opacity * most) / most
        colour = colour * opacity + 1 - opacity
    return colour * 255


def imagemagick(path: Path) -> np.ndarray | None:
    """What ImageMagick shows; `None` where it is not installed, or refuses."""
    for name in ("magick", "convert-im6.q16", "convert"):
        program = shutil.which(name)
        if program is None:
            continue
        version = subprocess.run(
            [program, "-version"], capture_output=True, check=False
        )
        if b"ImageMagick" not in version.stdout:
            continue
        options = ["-background", "white", "-alpha", "remove", "-colorspace", "sRGB"]
        command = [program, f"{path}[0]", *options, "-depth", "8", "rgb:-"]
        done = subprocess.run(command, capture_output=True, check=False)
        if len(done.stdout) == WIDTH * HEIGHT * 3:
            pixels = np.frombuffer(done.stdout, np.uint8)
            return pixels.reshape(HEIGHT, WIDTH, 3).astype(int)
        return None
    return None


@pytest.mark.parametrize("photometric", ["white", "black", "rgb", "palette", "cmyk"])
@pytest.mark.parametrize("bits", DEPTHS)
def test_the_pixels_are_right_or_refused(
    tmp_path: Path, photometric: str, bits: int
) -> None:
    read = 0
    options = itertools.product((False, True), "<>", (False, True), (False, True))
    for planes, order, alpha, compressed in options:
        for floats in (False, True) if bits == 32 else (False,):
            grey = photometric in ("white", "black", "palette")
            if photometric == "palette" and bits > 8:
                continue
            if grey and planes and not alpha:
                continue
            path = save_tiff(
                tmp_path / "a.tif",
                photometric,
                bits,
                planes=planes,
                order=order,
                alpha=alpha,
                compressed=compressed,
                floats=floats,
            )
            kind = (planes, order, alpha, compressed, floats)
            try:
                pixels = np.asarray(open_picture(path)).astype(int)
            except PictureError as error:
                # Refused, never shown wrongly, and told what it is.
                assert "is damaged" not in str(error), kind
                assert re.search(r"is a TIFF of \d samples? a pixel", str(error)), kind
                continue
            right = expected(photometric, bits, alpha, floats)
            assert np.abs(pixels - right).max() <= 2, kind
            read += 1
    if photometric in ("black", "rgb", "cmyk") and bits in (8, 16):
        assert read >= 4


@pytest.mark.parametrize(
    ("photometric", "bits", "planes"),
    [
        *[("white", bits, False) for bits in (1, 8, 16)],
        *[("black", bits, False) for bits in (1, 2, 4, 8, 12, 16)],
        *[(name, bits, way) for name in ("rgb", "cmyk") for bits in (8, 16)
          for way in (False, True)],
        *[("palette", bits, False) for bits in (1, 2, 4, 8)],
    ],
)  # fmt: skip
def test_imagemagick_shows_the_same(
    tmp_path: Path, photometric: str, bits: int, planes: bool
) -> None:
    path = save_tiff(tmp_path / "a.tif", photometric, bits, planes=planes)
    theirs = imagemagick(path)
    if theirs is None:
        pytest.skip("ImageMagick is not installed")
    assert np.abs(np.asarray(open_picture(path)).astype(int) - theirs).max() <= 3


def test_a_palette_of_eight_bit_numbers(tmp_path: Path) -> None:
    tags = {256: ("H", [2]), 257: ("H", [1]), 258: ("H", [8]), 259: ("H", [1])}
    tags |= {262: ("H", [3]), 273: ("I", [8]), 277: ("H", [1]), 278: ("H", [1])}
    tags |= {279: ("I", [2]), 320: ("H", [0, 200] * 128 + [7] * 256 + [9] * 256)}
    (tmp_path / "a.tif").write_bytes(body_with_tags(b"\0\1", tags, "<"))
    picture = open_picture(tmp_path / "a.tif")
    assert [picture.getpixel((x, 0)) for x in (0, 1)] == [(0, 7, 9), (200, 7, 9)]


def test_subsampled_colour_without_compression(tmp_path: Path) -> None:
    # Four values of brightness, then one of each colour: by default one for 2 × 2.
    block = bytes([76, 76, 76, 76, 85, 255])
    tags = {256: ("H", [4]), 257: ("H", [4]), 258: ("H", [8, 8, 8]), 259: ("H", [1])}
    tags |= {262: ("H", [6]), 273: ("I", [8]), 277: ("H", [3]), 278: ("H", [4])}
    tags |= {279: ("I", [24]), 530: ("H", [2, 2])}
    (tmp_path / "a.tif").write_bytes(body_with_tags(block * 4, tags, "<"))
    pixels = np.asarray(open_picture(tmp_path / "a.tif")).astype(int)
    assert np.abs(pixels - (255, 0, 0)).max() <= 4


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_libtiff_and_pillow_are_silent(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = save_tiff(tmp_path / "a.tif", "rgb", 8, compressed=True)
    whole = path.read_bytes()
    for at in range(8, len(whole), 3):
        path.write_bytes(whole[:at] + b"\xff" + whole[at + 1 :])
        try:
            open_picture(path)
        except PictureError as error:
            assert "a.tif" in str(error)
    assert capfd.readouterr() == ("", "")
