import os
import random
import struct
import threading
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap import images
from imagecap.images import (
    PICTURE_SUFFIXES,
    PictureError,
    is_picture_name,
    open_picture,
    pictures_in,
    upright_rgb,
)

WHITE = (255, 255, 255)
RED = (255, 0, 0)


def saved(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


def pixel(path: Path) -> tuple[int, ...]:
    picture = open_picture(path)
    assert picture.mode == "RGB"
    value = picture.getpixel((0, 0))
    assert isinstance(value, tuple)
    return value


def near(first: tuple[int, ...], second: tuple[int, ...], distance: int = 3) -> bool:
    return all(abs(a - b) <= distance for a, b in zip(first, second, strict=True))


def quarters(width: int = 48, height: int = 32) -> Image.Image:
    """Red and green above blue and yellow: no turn of it looks like another."""
    picture = Image.new("RGB", (width, height))
    half = (width // 2, height // 2)
    for colour, corner in {
        "red": (0, 0),
        "lime": (half[0], 0),
        "blue": (0, half[1]),
        "yellow": half,
    }.items():
        picture.paste(colour, (*corner, corner[0] + half[0], corner[1] + half[1]))
    return picture


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


def header_only_png(path: Path, width: int, height: int) -> Path:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return (
            struct.pack(">I", len(data))
            + checked
            + struct.pack(">I", zlib.crc32(checked))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = zlib.compress(b"\0")
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", row)
        + chunk(b"IEND", b"")
    )
    return path


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = header_only_png(tmp_path / "bomb.png", 60_000, 60_000)
    started = time.perf_counter()
    with pytest.raises(PictureError, match=r"bomb\.png has 60000 × 60000 pixels"):
        open_picture(path)
    assert time.perf_counter() - started < 1


def test_the_bound_is_ours_alone(tmp_path: Path) -> None:
    # Pillow would warn from 89 million pixels on, and refuse from 179 million on.
    path = saved(Image.new("L", (19_000, 10_000)), tmp_path / "large.jpg")
    before = (Image.MAX_IMAGE_PIXELS, list(warnings.filters))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_picture(path, at_least=(2000, 1000)).size == (2375, 1250)
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before
    assert images.MAX_PIXELS >= 19_000 * 10_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", "empty.jpg is empty; copy or download it again."),
        ("text.jpg", b"hello, world", "text.jpg is not a picture that can be read"),
        ("short.ppm", b"P", "short.ppm is not a picture"),
        ("zeros.png", bytes(1000), "zeros.png is not a picture"),
    ],
)
def test_what_is_no_picture_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PictureError, match=message):
        open_picture(tmp_path / name)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".webp", ".tiff", ".bmp"])
def test_half_a_picture_is_refused(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(Image.fromarray(noise), tmp_path / f"half{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PictureError, match=f"half{suffix} is "):
        open_picture(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"There is no file .*none\.jpg\."):
        open_picture(tmp_path / "none.jpg")
    with pytest.raises(PictureError, match="is a folder; choose a picture in it"):
        open_picture(str(tmp_path))
    file = saved(quarters(), tmp_path / "a.png")
    with pytest.raises(PictureError, match="There is no file"):
        open_picture(file / "below.png")


@pytest.mark.parametrize("name", ["a\0b.jpg", "x" * 5000 + ".jpg"])
def test_an_impossible_name_is_an_ordinary_error(name: str) -> None:
    with pytest.raises(PictureError, match="cannot be opened"):
        open_picture(name)


def test_a_forbidden_file_is_named(tmp_path: Path) -> None:
    path = saved(quarters(), tmp_path / "secret.png")
    path.chmod(0)
    # Permissions do not bind the superuser, so for a moment nobody is running this.
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        with pytest.raises(PictureError, match=r"secret\.png may not be read"):
            open_picture(path)
    finally:
        if superuser:
            os.seteuid(0)


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PictureError, match="is not an ordinary file"):
        open_picture(tmp_path / "pipe.jpg")


def test_no_file_stays_open(tmp_path: Path) -> None:
    good = saved(quarters(), tmp_path / "a.gif")
    bad = tmp_path / "b.gif"
    bad.write_bytes(good.read_bytes()[:30])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        before = len(list(Path("/dev/fd").iterdir()))
        open_picture(good)
        with pytest.raises(PictureError):
            open_picture(bad)
        assert len(list(Path("/dev/fd").iterdir())) == before


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".jpg", {}),
        (".jpg", {"progressive": True}),
        (".png", {}),
        (".gif", {}),
        (".webp", {}),
        (".tiff", {}),
        (".tiff", {"compression": "tiff_lzw"}),
        (".bmp", {}),
        (".ico", {}),
        (".tga", {}),
        (".avif", {}),
    ],
)
def test_no_damage_raises_anything_else(
    tmp_path: Path, suffix: str, options: dict[str, object]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    if suffix in (".jpg", ".png", ".webp", ".tiff"):
        options = options | {"exif": exif}
    original = saved(quarters(), tmp_path / f"a{suffix}", **options).read_bytes()
    path = tmp_path / f"damaged{suffix}"
    chance = random.Random(suffix)
    for attempt in range(150):
        damaged = bytearray(original)
        if attempt % 3 == 0:
            del damaged[chance.randrange(len(damaged)) :]
        else:
            # Headers are where it hurts most.
            reach = 100 if attempt % 3 == 1 else len(damaged)
            for _ in range(chance.randint(1, 8)):
                damaged[chance.randrange(min(reach, len(damaged)))] = chance.randrange(
                    256
                )
        path.write_bytes(damaged)
        try:
            picture = open_picture(path, at_least=(10, 10))
        except PictureError as error:
            assert path.name in str(error)
        else:
            assert picture.mode == "RGB"


def test_a_damaged_or_empty_picture_in_memory(tmp_path: Path) -> None:
    path = saved(quarters(), tmp_path / "a.png")
    path.write_bytes(path.read_bytes()[:-40])
    with Image.open(path) as lazy, pytest.raises(PictureError, match="damaged"):
        upright_rgb(lazy)
    with pytest.raises(PictureError, match="empty"):
        upright_rgb(Image.new("RGB", (0, 5)))


def test_threads_open_pictures_together(tmp_path: Path) -> None:
    path = saved(quarters(), tmp_path / "a.png")
    together = threading.Barrier(8)

    def opened() -> bytes:
        together.wait()
        return open_picture(path).tobytes()

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(opened) for _ in range(8)]
        assert {future.result() for future in futures} == {quarters().tobytes()}


def test_names_of_pictures() -> None:
    assert is_picture_name("a.JPG")
    assert is_picture_name(Path("folder/a.webp"))
    assert not is_picture_name("a.txt")
    assert not is_picture_name("jpg")
    assert ".jpeg" in PICTURE_SUFFIXES


def test_a_folder_is_listed_as_people_count(tmp_path: Path) -> None:
    for name in ("b10.png", "B2.jpg", "a.gif", ".hidden.png", "notes.txt", "b02.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "folder.png" / "deeper.png").touch()
    names = [path.name for path in pictures_in(tmp_path)]
    assert names == ["a.gif", "B2.jpg", "b02.jpg", "b10.png"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="nowhere cannot be read"):
        pictures_in(tmp_path / "nowhere")
