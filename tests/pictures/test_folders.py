from pathlib import Path

import pytest

from imagecap.pictures.folders import is_picture_name, pictures_in
from imagecap.pictures.reading import PICTURE_SUFFIXES, PictureError


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
