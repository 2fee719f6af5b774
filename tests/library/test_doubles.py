"""One photograph is found again whatever was done to it, and others are not."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap.library.doubles import find_doubles
from imagecap.pictures.reading import open_picture
from tests.made_pictures import saved


@pytest.fixture
def pictures(photographs: Path, tmp_path: Path) -> list[Path]:
    names = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
    return [Path(shutil.copy(photographs / name, tmp_path)) for name in names]


EDITS = {
    "smaller": lambda image: image.resize((image.width // 3, image.height // 3)),
    "cropped": lambda image: image.crop(
        (
            image.width // 40,
            image.height // 40,
            image.width - image.width // 40,
            image.height - image.height // 40,
        )
    ),
    "cropped on the left": lambda image: image.crop(
        (image.width // 20, 0, image.width, image.height)
    ),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned left": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "upside down": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "turned and mirrored": lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    "grey": lambda image: image.convert("L"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_one_photograph_is_found_again(pictures: list[Path], edit: str) -> None:
    edited = [
        saved(EDITS[edit](open_picture(one)), one.with_name(f"{one.stem}-.jpg"))
        for one in pictures
    ]
    found = find_doubles([*pictures, *edited])
    assert found.same == ()
    assert found.alike == tuple(zip(pictures, edited, strict=True))


def test_other_photographs_are_no_doubles(photographs: Path) -> None:
    # Each of another subject; the rest are parts or stages of each other.
    names = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "camera.png")
    found = find_doubles(photographs / name for name in names)
    assert (found.same, found.alike, found.failed) == ((), (), ())


def test_the_same_content_is_the_same_picture(pictures: list[Path]) -> None:
    copies = [Path(shutil.copy(pictures[1], pictures[1].with_name(n))) for n in "xy"]
    found = find_doubles([*pictures, *copies])
    assert found.same == ((pictures[1], *copies),)
    assert found.alike == ()


def test_the_same_pixels_are_the_same_picture(pictures: list[Path]) -> None:
    decoded = open_picture(pictures[0])
    as_tiff = saved(decoded, pictures[0].with_name("same.tif"))
    exif = Image.Exif()
    exif[0x0112] = 6
    on_its_side = decoded.transpose(Image.Transpose.ROTATE_90)
    turned = saved(on_its_side, pictures[0].with_name("turned.png"), exif=exif)
    almost = np.array(decoded)
    almost[0, 0] ^= 1
    near = saved(Image.fromarray(almost), pictures[0].with_name("near.png"))
    found = find_doubles([*pictures, as_tiff, turned, near])
    assert found.same == ((pictures[0], as_tiff, turned),)
    assert found.alike == ((pictures[0], near),)


def test_pictures_of_one_colour_are_told_apart_by_pixels(tmp_path: Path) -> None:
    red = [
        saved(Image.new("RGB", (40, 30), "red"), tmp_path / name)
        for name in ("a.png", "b.tif")
    ]
    saved(Image.new("RGB", (40, 30), "blue"), tmp_path / "c.png")
    found = find_doubles(sorted(tmp_path.iterdir()))
    assert (found.same, found.alike) == ((tuple(red),), ())


def test_unreadable_pictures_are_named(tmp_path: Path, pictures: list[Path]) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    gone = tmp_path / "gone.jpg"
    counted: list[None] = []
    found = find_doubles([broken, gone, *pictures], lambda: counted.append(None))
    assert [path for path, _ in found.failed] == [broken, gone]
    assert len(counted) == 2 + len(pictures)


def test_without_pictures_there_are_no_doubles() -> None:
    assert find_doubles([]).same == ()
