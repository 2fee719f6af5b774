import shutil
from pathlib import Path

import pytest
from PIL import Image

from imagecap.pictures.folders import FoundPictures, find_pictures
from imagecap.pictures.watching import FolderWatch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pictures"
    place.mkdir()
    (place / "before.jpg").write_bytes(b"before")
    return place


def watch(folder: Path, subfolders: bool = True) -> FolderWatch:
    return FolderWatch([folder], subfolders, find_pictures([folder], subfolders))


def test_what_was_there_is_not_added(folder: Path) -> None:
    watching = watch(folder)
    assert watching.added() == watching.added() == FoundPictures()


def test_what_is_still_being_copied_waits(folder: Path) -> None:
    watching = watch(folder)
    new = folder / "below" / "new.png"
    new.parent.mkdir()
    new.write_bytes(b"half")
    assert watching.added().pictures == []
    new.write_bytes(b"half and half")
    assert watching.added().pictures == []
    assert watching.added().pictures == [new]
    assert watching.added().pictures == []


def test_what_has_changed_is_given_again(folder: Path) -> None:
    watching = watch(folder)
    Image.new("RGB", (4, 4)).save(folder / "before.jpg")
    watching.added()
    assert watching.added().pictures == [folder / "before.jpg"]


def test_subfolders_may_be_left_out(folder: Path) -> None:
    watching = watch(folder, subfolders=False)
    (folder / "below").mkdir()
    (folder / "below" / "new.png").write_bytes(b"new")
    watching.added()
    assert watching.added() == FoundPictures()


def test_a_folder_that_was_away_goes_on(folder: Path) -> None:
    watching = watch(folder)
    away = folder.with_name("away")
    folder.rename(away)
    assert watching.added() == FoundPictures()
    (away / "new.png").write_bytes(b"new")
    shutil.move(away, folder)
    watching.added()
    assert watching.added().pictures == [folder / "new.png"]


def test_what_is_not_read_is_told_once(folder: Path) -> None:
    watching = watch(folder)
    (folder / "drawing.svg").write_text("<svg/>")
    assert "drawing.svg" in " ".join(watching.added().left_out)
    assert watching.added() == FoundPictures()
