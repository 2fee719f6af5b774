import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from made_pictures import quarters, saved
from PIL import Image

from imagecap.pictures import reading as images
from imagecap.pictures.reading import open_picture, upright_rgb

WHITE = (255, 255, 255)
RED = (255, 0, 0)


def pixel(path: Path) -> tuple[int, ...]:
    picture = open_picture(path)
    assert picture.mode == "RGB"
    value = picture.getpixel((0, 0))
    assert isinstance(value, tuple)
    return value


def near(first: tuple[int, ...], second: tuple[int, ...], distance: int = 3) -> bool:
    return all(abs(a - b) <= distance for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(
    ("mode", "colour", "suffix", "expected"),
    [
        ("1", 1, ".png", WHITE),
        ("L", 77, ".png", (77, 77, 77)),
        ("LA", (100, 255), ".png", (100, 100, 100)),
        ("LA", (100, 0), ".png", WHITE),
        ("LA", (0, 128), ".png", (127, 127, 127)),
        ("RGB", (1, 2, 3), ".png", (1, 2, 3)),
        ("RGBA", (255, 0, 0, 255), ".png", RED),
        ("RGBA", (255, 0, 0, 0), ".png", WHITE),
        ("RGBA", (255, 0, 0, 128), ".png", (255, 127, 127)),
        ("RGBA", (255, 0, 0, 128), ".tiff", (255, 127, 127)),
        ("CMYK", (0, 255, 255, 0), ".tiff", RED),
        ("CMYK", (0, 255, 255, 0), ".jpg", RED),
        ("YCbCr", (76, 85, 255), ".tiff", RED),
        ("LAB", (255, 128, 128), ".tiff", WHITE),
        ("LAB", (0, 128, 128), ".tiff", (0, 0, 0)),
        ("I;16", 0x8000, ".png", (128, 128, 128)),
        ("I;16", 200, ".png", (0, 0, 0)),
        ("I;16", 0xFFFF, ".tiff", WHITE),
        ("I;16B", 0x4000, ".tiff", (64, 64, 64)),
        ("I", 200, ".tiff", (200, 200, 200)),
        ("I", 65535, ".tiff", WHITE),
        ("F", 0.5, ".tiff", (128, 128, 128)),
        ("F", 200.0, ".tiff", (200, 200, 200)),
        ("F", 32768.0, ".tiff", (128, 128, 128)),
        ("F", float("nan"), ".tiff", (0, 0, 0)),
    ],
)
def test_every_kind_of_pixel_becomes_rgb(
    tmp_path: Path,
    mode: str,
    colour: tuple[int, ...] | float,
    suffix: str,
    expected: tuple[int, int, int],
) -> None:
    path = saved(Image.new(mode, (8, 8), colour), tmp_path / f"picture{suffix}")
    assert near(pixel(path), expected)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("La", (50, 128), (177, 177, 177)),
        ("RGBa", (128, 0, 0, 128), (255, 127, 127)),
        ("RGBX", (1, 2, 3, 0), (1, 2, 3)),
        ("HSV", (0, 255, 255), RED),
        ("PA", (0, 0), WHITE),
        ("I;16L", 0x8000, (128, 128, 128)),
    ],
)
def test_kinds_that_live_in_memory_only(
    mode: str, colour: tuple[int, ...] | int, expected: tuple[int, int, int]
) -> None:
    picture = upright_rgb(Image.new(mode, (4, 4), colour))
    assert picture.mode == "RGB"
    assert near(picture.getpixel((0, 0)), expected)


def test_wide_and_negative_values_are_stretched(tmp_path: Path) -> None:
    values = np.array([[-1000, 0, 1000]], dtype=np.int32)
    picture = open_picture(saved(Image.fromarray(values), tmp_path / "i.tiff"))
    assert [picture.getpixel((x, 0))[0] for x in range(3)] == [0, 128, 255]


def test_infinite_values_do_not_spoil_the_rest(tmp_path: Path) -> None:
    values = np.array([[np.inf, 0.25, 1.0, np.nan]], dtype=np.float32)
    picture = open_picture(saved(Image.fromarray(values), tmp_path / "f.tiff"))
    assert [picture.getpixel((x, 0))[0] for x in range(4)] == [0, 64, 255, 0]


@pytest.mark.parametrize("transparency", [0, bytes([0, 255])])
def test_a_transparent_palette_lies_over_white(
    tmp_path: Path, transparency: int | bytes
) -> None:
    picture = Image.new("P", (2, 1), 0)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((1, 0), 1)
    path = saved(picture, tmp_path / "palette.png", transparency=transparency)
    assert pixel(path) == WHITE
    assert open_picture(path).getpixel((1, 0)) == (0, 0, 255)


def test_a_transparent_colour_of_an_rgb_picture_lies_over_white(tmp_path: Path) -> None:
    picture = Image.new("RGB", (2, 2), RED)
    assert pixel(saved(picture, tmp_path / "a.png", transparency=RED)) == WHITE


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".tiff"])
def test_the_first_frame_counts(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    path = tmp_path / f"frames{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert near(pixel(path), RED)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_a_picture_exactly_once(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    upright = quarters()
    # What the camera stored is the upright picture turned by the inverse.
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(stored, tmp_path / f"turned{suffix}", exif=exif, quality=95)

    with Image.open(path) as lazy:
        from_memory = upright_rgb(lazy)
    for picture in (open_picture(path), from_memory, upright_rgb(open_picture(path))):
        assert picture.size == upright.size
        for x, y in [(8, 8), (40, 8), (8, 24), (40, 24)]:
            assert near(picture.getpixel((x, y)), upright.getpixel((x, y)), 12)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_cost_the_picture(tmp_path: Path) -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x03"
    path = saved(quarters(), tmp_path / "a.jpg", exif=exif)
    assert open_picture(path).size == (48, 32)


def test_the_original_in_memory_is_left_alone() -> None:
    picture = quarters()
    changed = upright_rgb(picture)
    changed.putpixel((0, 0), WHITE)
    assert picture.getpixel((0, 0)) == RED


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_jpeg_is_decoded_no_larger_than_needed(
    tmp_path: Path, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(Image.new("RGB", (4000, 1000), "red"), tmp_path / "a.jpg", exif=exif)
    wanted = (800, 200) if orientation == 1 else (200, 800)

    picture = open_picture(path, at_least=wanted)

    assert picture.width >= wanted[0]
    assert picture.height >= wanted[1]
    assert picture.width * picture.height == 4000 * 1000 // 16
    # Asked the wrong way round, a quarter of the size would be too narrow.
    assert open_picture(path, at_least=wanted[::-1]).size == (
        (4000, 1000) if orientation == 1 else (1000, 4000)
    )


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png"):
        path = saved(quarters(), tmp_path / name)
        assert open_picture(path, at_least=(500, 500)).size == (48, 32)


def test_the_bound_is_ours_alone(tmp_path: Path) -> None:
    # Pillow would warn from 89 million pixels on, and refuse from 179 million on.
    path = saved(Image.new("L", (19_000, 10_000)), tmp_path / "large.jpg")
    before = (Image.MAX_IMAGE_PIXELS, list(warnings.filters))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_picture(path, at_least=(2000, 1000)).size == (2375, 1250)
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before
    assert images.MAX_PIXELS >= 19_000 * 10_000


def test_threads_open_pictures_together(tmp_path: Path) -> None:
    path = saved(quarters(), tmp_path / "a.png")
    together = threading.Barrier(8)

    def opened() -> bytes:
        together.wait()
        return open_picture(path).tobytes()

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(opened) for _ in range(8)]
        assert {future.result() for future in futures} == {quarters().tobytes()}
