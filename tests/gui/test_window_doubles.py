"""Pictures that are there twice, side by side in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from screen import Screen, texts

from gui import dialog_strings, strings
from gui.widgets.doubles_dialog import DoublesDialog


@pytest.fixture
def album(tmp_path: Path, photographs: Path) -> Path:
    """A folder with a picture, a copy of it, the same made smaller, and another."""
    folder = tmp_path / "album"
    folder.mkdir()
    with Image.open(photographs / "chelsea.png") as photograph:
        picture = photograph.convert("RGB").resize((300, 200))
    picture.save(folder / "a.png")
    picture.save(folder / "copy of a.png")
    picture.resize((picture.width // 2, picture.height // 2)).save(folder / "small.jpg")
    with Image.open(photographs / "coffee.png") as photograph:
        photograph.resize((300, 200)).save(folder / "other.png")
    return folder


def find(show: Callable[..., Screen], album: Path) -> tuple[Screen, DoublesDialog]:
    screen = show()
    screen.controllers.opening.open([album])
    screen.until(lambda: screen.caption == "A a.")
    screen.press("<Control-D>")
    dialog = screen.controllers.doubles.dialog
    assert dialog
    dialog.focus_force()
    screen.until(lambda: dialog.next_button.winfo_ismapped())
    return screen, dialog


def test_pairs_are_shown_side_by_side(show: Callable[..., Screen], album: Path) -> None:
    screen, dialog = find(show, album)
    pair = dialog_strings.PAIR.format(kind=dialog_strings.THE_SAME, place=1, count=2)
    assert dialog.text.cget("text") == pair
    for side, name in zip(dialog.sides, ("a.png", "copy of a.png"), strict=True):
        assert name in texts(side.frame)
        screen.until(lambda side=side: side.view.shown_size)
        size = Image.open(album / name).size
        assert any(f"{size[0]} × {size[1]}" in text for text in texts(side.frame))
    assert not dialog.bar.winfo_ismapped()
    screen.press("<Right>")
    alike = dialog_strings.PAIR.format(kind=dialog_strings.LOOK_ALIKE, place=2, count=2)
    screen.until(lambda: dialog.text.cget("text") == alike)
    assert "small.jpg" in texts(dialog.sides[1].frame)
    # There is no further one.
    screen.press("<Right>", "<Left>")
    screen.until(lambda: dialog.text.cget("text") == pair)
    screen.press("<Escape>")
    assert not dialog.winfo_exists()


def test_a_double_goes_off_the_list_and_not_off_the_disk(
    show: Callable[..., Screen], album: Path
) -> None:
    screen, dialog = find(show, album)
    dialog.sides[1].take_off_button.invoke()
    alike = dialog_strings.PAIR.format(kind=dialog_strings.LOOK_ALIKE, place=1, count=1)
    screen.until(lambda: dialog.text.cget("text") == alike)
    dialog.sides[1].take_off_button.invoke()
    assert dialog.text.cget("text") == dialog_strings.NO_DOUBLES
    shown = [path.name for path in screen.session.album.shown]
    assert shown == ["a.png", "other.png"]
    assert len(list(album.iterdir())) == 4


def test_one_of_a_pair_is_opened_beside_the_other(
    show: Callable[..., Screen], album: Path
) -> None:
    screen, dialog = find(show, album)
    dialog.sides[1].open_button.invoke()
    screen.until(lambda: screen.caption == "A copy of a.")
    assert len(screen.session.album.shown) == 2
    assert screen.controllers.doubles.dialog is None


def test_no_doubles_and_a_search_that_is_ended(
    show: Callable[..., Screen], album: Path
) -> None:
    for name in ("copy of a.png", "small.jpg"):
        (album / name).unlink()
    (album / "bad.jpg").write_bytes(b"no picture")
    screen = show()
    screen.controllers.opening.open([album])
    screen.until(lambda: screen.caption == "A a.")
    screen.press("<Control-D>")
    dialog = screen.controllers.doubles.dialog
    assert dialog
    said = (
        f"{dialog_strings.NO_DOUBLES} {dialog_strings.DOUBLES_FAILED.format(count=1)}"
    )
    screen.until(lambda: dialog.text.cget("text") == said)
    # One line needs no large window.
    screen.until(lambda: dialog.winfo_height() < dialog.winfo_pixels("150p"))
    dialog.destroy()
    screen.root.focus_force()
    screen.press("<Control-D>", "<Escape>")
    screen.until(lambda: screen.root.focus_get())
    screen.controllers.doubles.close()
    assert screen.controllers.doubles.dialog is None


def test_delete_takes_off_the_list_only(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    folder = picture_folder(3)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Right>", "<Delete>")
    said = strings.TAKEN_OFF.format(name="p2.jpg")
    screen.until(lambda: screen.caption == "A p3.")
    assert screen.status == said
    screen.press("<Delete>")
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Delete>")
    assert screen.session.picture is None
    assert len(list(folder.iterdir())) == 3
    screen.press("<Control-z>")
    screen.until(lambda: screen.caption == "A p1.")
    assert screen.status == strings.UNDONE.format(name="p1.jpg")
    screen.press("<Control-z>", "<Control-z>")
    screen.until(lambda: screen.caption == "A p2.")
    names = [path.name for path in screen.session.album.pictures]
    assert names == ["p1.jpg", "p2.jpg", "p3.jpg"]
    screen.press("<Control-y>")
    screen.until(lambda: screen.caption == "A p3.")
    assert screen.status == said
    assert len(screen.session.album.shown) == 2
    # In a field of text it deletes text.
    screen.open(*sorted(folder.iterdir()))
    screen.press("<Control-f>", "<Delete>")
    assert len(screen.session.album.pictures) == 3


def test_a_picture_taken_off_leaves_the_search_as_it_is(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    screen.controllers.opening.open([picture_folder(12)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-f>")
    screen.write("p1")
    screen.until(lambda: len(screen.session.album.shown) == 4)
    screen.press("<Return>", "<Delete>")
    assert screen.layout.search.get() == "p1"
    shown = [path.name for path in screen.session.album.shown]
    assert shown == ["p10.jpg", "p11.jpg", "p12.jpg"]
    assert len(screen.session.album.pictures) == 11


def test_undo_says_why_nothing_happens_with_other_pictures(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    picture: Callable[..., Path],
) -> None:
    screen = show()
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Key-2>", "<Delete>")
    screen.open(picture())
    screen.press("<Control-y>")
    assert screen.status == strings.NOTHING_TO_REDO
    screen.press("<Control-z>")
    assert screen.status == strings.NOTHING_TO_UNDO
    assert screen.caption == "A dog."
    assert len(screen.session.album.pictures) == 1
