"""A gallery in a folder: made anew by the same command, but never over a person's."""

from pathlib import Path

import pytest

from imagecap.files import WriteError
from imagecap.gallery.copies import Copied
from imagecap.gallery.pages import Shown
from imagecap.gallery.site import check_site, write_site


def write(site: Path, count: int = 1, force: bool = False) -> None:
    check_site(site, count, force)
    for folder in ("thumbnails", "pictures"):
        (site / folder).mkdir(exist_ok=True)
    picture = Shown("dog.jpg", "A dog.", Copied("0" * 32 + ".jpg", 480, 320))
    write_site(site, "Photos", [picture] * count, "", force)


def test_a_gallery_is_replaced_by_a_later_one(tmp_path: Path) -> None:
    write(tmp_path / "new" / "site", 250)
    site = tmp_path / "new" / "site"
    assert (site / "page-3.html").exists()
    write(site, 150)
    assert (site / "page-2.html").exists()
    assert not (site / "page-3.html").exists()


@pytest.mark.parametrize("name", ["index.html", "page-2.html", "gallery.css"])
def test_what_a_person_has_changed_stays(tmp_path: Path, name: str) -> None:
    write(tmp_path, 150)
    (tmp_path / name).write_text((tmp_path / name).read_text() + "Mine.")
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    with pytest.raises(WriteError, match=name):
        check_site(tmp_path, 150, force=False)
    with pytest.raises(WriteError, match=name):
        write(tmp_path, 150)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before
    write(tmp_path, 150, force=True)
    check_site(tmp_path, 150, force=False)


def test_a_persons_own_pages_stay(tmp_path: Path) -> None:
    own = [tmp_path / name for name in ("page-about.html", "page-9.html", "my.css")]
    for file in own:
        file.write_text("Mine.")
    write(tmp_path, 50)
    write(tmp_path, 50)
    assert [file.read_text() for file in own] == ["Mine."] * 3


def test_a_folder_in_the_place_of_a_page_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    for force in (False, True):
        with pytest.raises(WriteError, match=r"index\.html"):
            write(tmp_path, force=force)


def test_a_file_in_the_place_of_the_gallery_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("")
    with pytest.raises(WriteError, match="site cannot be written"):
        check_site(tmp_path / "site", 1, force=True)
