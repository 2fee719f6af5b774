"""The copies of a gallery: upright, without metadata, made once."""

import os
import struct
from pathlib import Path

import pytest
from PIL import Image

from imagecap.errors import ImagecapError
from imagecap.gallery.copies import (
    Copied,
    copy_pictures,
    is_copy,
    remove_other_copies,
)
from imagecap.pictures.reading import PictureError
from tests.made_pictures import quarters, saved


def copy(picture: Path, site: Path) -> Copied:
    ((_, copied),) = copy_pictures({picture: picture.name}, site)
    assert isinstance(copied, Copied)
    return copied


def files(site: Path, copied: Copied) -> list[Path]:
    return [site / folder / copied.file for folder in ("thumbnails", "pictures")]


def test_copies_are_upright_and_say_nothing_of_the_place(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    picture = saved(quarters(400, 200), tmp_path / "a.jpg", exif=exif, quality=95)
    copied = copy(picture, tmp_path / "site")
    assert (copied.width, copied.height) == (200, 400)
    for file in files(tmp_path / "site", copied):
        with Image.open(file) as image:
            assert image.format == "JPEG"
            assert image.size == (200, 400)
            assert not image.getexif()
            # Turned to the right, what was at the bottom on the left is on top.
            red, green, blue = image.getpixel((50, 100))
            assert blue > 200 and red < 60 and green < 60


def test_large_pictures_become_smaller(tmp_path: Path) -> None:
    picture = saved(quarters(3000, 2000), tmp_path / "a.jpg")
    site = tmp_path / "site"
    sizes = []
    for file in files(site, copy(picture, site)):
        with Image.open(file) as image:
            sizes.append(image.size)
    assert sizes == [(480, 320), (1600, 1067)]


@pytest.mark.parametrize("ending", ["png", "gif", "tif", "bmp", "webp", "avif", "tga"])
def test_every_format_becomes_one_that_browsers_show(
    tmp_path: Path, ending: str
) -> None:
    picture = saved(quarters(), tmp_path / f"a.{ending}")
    copied = copy(picture, tmp_path / "site")
    assert (copied.width, copied.height) == (48, 32)


def test_copies_that_are_there_stay(tmp_path: Path) -> None:
    picture, site = saved(quarters(), tmp_path / "a.png"), tmp_path / "site"
    first = copy(picture, site)
    before = [file.stat().st_mtime_ns for file in files(site, first)]
    assert copy(picture, site) == first
    assert [file.stat().st_mtime_ns for file in files(site, first)] == before


def test_a_picture_that_has_changed_is_copied_anew(tmp_path: Path) -> None:
    picture, site = saved(quarters(), tmp_path / "a.png"), tmp_path / "site"
    first = copy(picture, site)
    saved(quarters(64, 48), picture)
    os.utime(picture, ns=(1, 1))
    second = copy(picture, site)
    assert second.file != first.file
    assert second.width == 64
    remove_other_copies(site, [second.file])
    assert not any(file.exists() for file in files(site, first))
    assert all(file.exists() for file in files(site, second))


def test_a_lost_or_damaged_copy_is_made_again(tmp_path: Path) -> None:
    picture, site = saved(quarters(), tmp_path / "a.png"), tmp_path / "site"
    thumbnail, view = files(site, copy(picture, site))
    view.unlink()
    assert copy(picture, site).width == 48
    thumbnail.write_bytes(b"")
    copy(picture, site)
    with Image.open(thumbnail) as one, Image.open(view) as other:
        assert one.size == other.size


def test_a_broken_picture_stops_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13))
    pictures = [saved(quarters(), tmp_path / f"{number}.png") for number in range(20)]
    names = {one: one.name for one in (*pictures[:7], broken, *pictures[7:])}
    results = dict(copy_pictures(names, tmp_path / "site"))
    assert list(results) == list(names)
    assert isinstance(results.pop(broken), PictureError)
    assert all(isinstance(one, Copied) for one in results.values())


def test_a_persons_file_among_the_copies_stays(tmp_path: Path) -> None:
    picture, site = saved(quarters(), tmp_path / "a.png"), tmp_path / "site"
    copied = copy(picture, site)
    own = saved(quarters(), site / "pictures" / "holiday.jpg")
    remove_other_copies(site, [])
    assert own.exists()
    assert not is_copy(own, site)
    assert is_copy(site / "pictures" / copied.file, site)
    assert not is_copy(tmp_path / copied.file, site)


def test_a_file_in_the_place_of_a_folder_is_one_sentence(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "thumbnails").write_text("")
    with pytest.raises(ImagecapError, match="thumbnails cannot be made"):
        list(copy_pictures({}, site))


def test_a_picture_that_vanishes_is_one_sentence(tmp_path: Path) -> None:
    gone = tmp_path / "gone.jpg"
    ((_, result),) = copy_pictures({gone: "gone.jpg"}, tmp_path / "site")
    assert isinstance(result, PictureError)
    assert str(gone) in str(result)
