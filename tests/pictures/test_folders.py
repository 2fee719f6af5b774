from pathlib import Path

import pytest
from made_pictures import quarters, saved
from permissions import as_nobody

from imagecap.pictures import folders
from imagecap.pictures.folders import find_pictures, is_picture_name, pictures_in
from imagecap.pictures.reading import PICTURE_SUFFIXES, PictureError, open_picture


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


def test_sub_folders_come_after_the_pictures_beside_them(tmp_path: Path) -> None:
    names = ("b.jpg", "2025/1.jpg", "2024/10.jpg", "2024/9.jpg", "2024/deep/c.png")
    for name in (*names, ".hidden/d.jpg", "__MACOSX/b.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = find_pictures([tmp_path])
    below = [path.relative_to(tmp_path).as_posix() for path in found.pictures]
    in_order = ["b.jpg", "2024/9.jpg", "2024/10.jpg", "2024/deep/c.png", "2025/1.jpg"]
    assert below == in_order
    assert found.left_out == []
    assert find_pictures([tmp_path], subfolders=False).pictures == [tmp_path / "b.jpg"]


def test_links_that_lead_nowhere_or_round_are_found_and_refused(tmp_path: Path) -> None:
    (tmp_path / "dead.jpg").symlink_to("gone.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    saved(quarters(), tmp_path / "sub" / "a.png")
    found = find_pictures([tmp_path])
    assert [path.name for path in found.pictures] == ["dead.jpg", "loop.jpg", "a.png"]
    (said,) = found.left_out
    assert str(tmp_path / "sub" / "up") in said
    for name, reason in (("dead.jpg", "is not there"), ("loop.jpg", "in a circle")):
        with pytest.raises(PictureError, match=rf"{name} is a link .*{reason}"):
            open_picture(tmp_path / name)


def test_dead_links_without_an_ending_are_named(tmp_path: Path) -> None:
    (tmp_path / "dead").symlink_to("gone")
    (tmp_path / "loop.d").symlink_to("loop.d")
    (tmp_path / "notes.txt").touch()
    (tmp_path / "well").symlink_to("notes.txt")
    found = find_pictures([tmp_path])
    assert found.pictures == []
    for name, said in zip(("dead", "loop.d"), found.left_out, strict=True):
        assert said.startswith(f"{tmp_path / name} is a link that leads nowhere")


def test_what_is_left_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").mkdir()
    for name in ("a.jpg", "drawing.svg", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "secret").chmod(0)
    # From inside, it does not matter who may come here.
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    try:
        with as_nobody():
            found = find_pictures([".", "secret", "missing.jpg"])
    finally:
        (tmp_path / "secret").chmod(0o755)
    assert [path.name for path in found.pictures] == ["a.jpg", "missing.jpg"]
    drawing, *forbidden = found.left_out
    assert "drawing.svg is of a format that is not read here" in drawing
    assert len(forbidden) == 2
    assert all("secret cannot be read: Permission denied" in one for one in forbidden)


def test_the_limit_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_PICTURES", 3)
    for number in range(5):
        (tmp_path / f"{number}.jpg").touch()
    found = find_pictures([tmp_path])
    assert [path.name for path in found.pictures] == ["0.jpg", "1.jpg", "2.jpg"]
    assert "has more than 3 pictures" in found.left_out[0]


def test_no_picture_at_all_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with pytest.raises(PictureError, match="There are no pictures in"):
        folders.pictures_of([tmp_path])
