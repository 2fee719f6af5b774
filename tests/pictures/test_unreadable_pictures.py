"""What cannot be read as a picture is one clear error, whatever its bytes."""

import os
import random
import struct
import time
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from made_pictures import quarters, saved
from permissions import as_nobody
from PIL import Image

from imagecap.pictures.reading import PictureError, open_picture, upright_rgb


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
    with as_nobody(), pytest.raises(PictureError, match=r"secret\.png may not be read"):
        open_picture(path)


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
