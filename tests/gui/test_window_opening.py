"""The ways in which pictures come into the real window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from PIL import Image
from screen import Screen, StandIn, texts

from gui import strings
from imagecap.settings import load_settings


@pytest.mark.parametrize("key", ["<Control-o>", "<Control-Lock-o>"])
def test_a_key_chooses_a_picture(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[..., list[dict]],
    key: str,
) -> None:
    screen = show()
    asked = choose("askopenfilenames", picture())
    screen.press(key)
    screen.until(lambda: screen.caption == "A dog.")
    patterns = asked[0]["filetypes"][0][1]
    assert {".jpg", ".JPG", ".png", ".webp"} <= set(patterns)


def test_choosing_nothing_changes_nothing(
    screen: Screen, choose: Callable[..., list[dict]]
) -> None:
    asked = choose("askopenfilenames")
    screen.click(screen.layout.open_button)
    assert asked
    assert screen.caption == "A dog."


def test_a_folder_is_a_strip_that_arrow_keys_go_through(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    choose: Callable[..., list[dict]],
) -> None:
    screen = show()
    choose("askdirectory", picture_folder(12))
    screen.press("<Control-Shift-O>")
    screen.until(lambda: screen.caption == "A p1.")
    assert screen.layout.strip.winfo_ismapped()
    assert screen.status == strings.PLACE.format(place=1, count=12)
    for key, place in (
        ("<Right>", 2),
        ("<Next>", 3),
        ("<Left>", 2),
        ("<End>", 12),
        ("<Right>", 12),
        ("<Prior>", 11),
        ("<Home>", 1),
        ("<Left>", 1),
    ):
        screen.press(key)
        screen.until(lambda place=place: screen.caption == f"A p{place}.")
    screen.click(screen.layout.strip.canvas, x=2 * 96)
    screen.until(lambda: screen.caption == "A p3.")


def test_of_ten_thousand_pictures_only_those_in_sight_exist(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    folder = picture_folder(1)
    pictures = [folder / "p1.jpg", *(folder / f"x{n}.jpg" for n in range(9_999))]
    screen.session.open(pictures)
    strip = screen.layout.strip
    for _ in range(3):
        screen.until(lambda: strip.thumbnails_shown)
        cells = strip.canvas.winfo_width() // 90 + 3
        assert strip.thumbnails_shown <= cells
        screen.press("<End>")
        strip.canvas.event_generate("<Button-4>")
    # Each with its name, and one of them in a frame; three strokes make a mark.
    marks = len(strip.canvas.find_withtag("mark"))
    assert marks <= 3 * cells
    assert len(strip.canvas.find_all()) - marks <= 2 * cells + 1


def test_neighbours_are_described_ahead(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    may_go_on = threading.Event()
    captioner = StandIn(
        lambda path: path.stem in ("p1", "p2") or may_go_on.wait(PATIENCE_SECONDS)
    )
    screen = show(captioner)
    screen.controllers.opening.open([picture_folder(9)])
    screen.until(lambda: captioner.asked == ["p1", "p2", "p3"])
    screen.press("<Right>")
    # Without waiting for the model, which is busy.
    assert screen.caption == "A p2."
    may_go_on.set()
    screen.until(lambda: {"p4", "p5", "p6"} <= set(captioner.asked))
    assert len(set(captioner.asked)) == len(captioner.asked)


def test_what_was_opened_is_remembered(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    path = picture()
    screen.controllers.opening.open([path])
    screen.until(lambda: load_settings()[0].recent_files == (str(path),))
    menu = screen.root.nametowidget(".menu.menu0")
    inner = screen.root.nametowidget(menu.entrycget(3, "menu"))
    screen.until(lambda: screen.session.settings.values.recent_files)
    screen.root.tk.eval(inner.cget("postcommand"))
    assert inner.entrycget(0, "label") == f"1  {path}"
    screen.session.open([picture("cat.png")])
    inner.invoke(0)
    screen.until(lambda: screen.caption == "A dog.")


def test_an_empty_folder_and_a_missing_one_are_said(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    screen = show()
    screen.controllers.opening.open([tmp_path])
    screen.until(lambda: screen.status == strings.NO_PICTURES.format(folder=tmp_path))
    screen.controllers.opening.open([tmp_path / "gone"])
    screen.until(lambda: "gone" in screen.caption)


def test_search_goes_through_what_it_finds(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    screen.controllers.opening.open([picture_folder(12)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-f>")
    screen.write("p1")
    found = strings.FOUND.format(count=4, pictures="12 pictures")
    # Those farther away have not been described by now.
    screen.until(lambda: screen.status.startswith(f"{found}. Without a caption yet: "))
    screen.press("<Return>", "<Right>")
    screen.until(lambda: screen.caption == "A p10.")
    screen.press("<Control-f>", "<Escape>")
    screen.press("<End>")
    screen.until(lambda: screen.caption == "A p12.")
    screen.press("<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    screen.press("<Control-f>")
    screen.write("p1")
    # By the words of captions, now that there are some; none is without.
    found = strings.FOUND.format(count=1, pictures="12 pictures")
    screen.until(lambda: screen.status == found)
    screen.press("<Escape>", "<Control-f>")
    screen.write("zebra")
    screen.until(lambda: screen.status == strings.NOT_FOUND.format(text="zebra"))


def test_nothing_found_shows_nothing_and_says_what_has_no_caption_yet(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    described = threading.Event()
    screen = show(StandIn(lambda _: described.wait(PATIENCE_SECONDS)))
    screen.controllers.opening.open([picture_folder(20)])
    screen.until(lambda: screen.layout.strip.thumbnails_shown)
    screen.press("<Control-f>")
    screen.write("zebra")
    screen.until(lambda: "Without a caption yet: 20 pictures" in screen.status)
    assert screen.status.startswith(strings.NOT_FOUND.format(text="zebra"))
    assert screen.layout.strip.thumbnails_shown == 0
    assert texts(screen.layout.picture) == [strings.NOTHING_SHOWN]
    assert not screen.layout.sample_button.winfo_ismapped()
    described.set()
    screen.press("<Return>", "<F5>")
    screen.until(
        lambda: screen.status == strings.FOLDER_DONE.format(pictures="20 pictures")
    )
    screen.press("<Control-f>", "<Escape>")
    screen.until(lambda: screen.caption == "A p1.")


def test_an_unreadable_picture_does_not_invite_to_open_one(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    screen = show()
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    screen.open(tmp_path / "bad.jpg")
    screen.until(lambda: texts(screen.layout.picture) == [strings.CANNOT_BE_SHOWN])
    assert "bad.jpg" in screen.caption
    screen.controllers.opening.accept_drops(screen.layout.body)
    assert texts(screen.layout.picture) == [strings.CANNOT_BE_SHOWN]


def test_a_folder_of_folders_is_opened_and_formats_that_are_not_read_are_named(
    show: Callable[..., Screen], picture: Callable[..., Path], tmp_path: Path
) -> None:
    screen = show()
    below = tmp_path / "top" / "below"
    below.mkdir(parents=True)
    picture().rename(below / "dog.png")
    screen.controllers.opening.open([tmp_path / "top"])
    screen.until(lambda: screen.caption == "A dog.")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "drawing.svg").write_text("<svg/>")
    screen.controllers.opening.open([tmp_path / "odd"])
    screen.until(lambda: "drawing.svg is of a format that is not read" in screen.status)


def test_a_picture_with_other_content_is_described_anew(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    captioner = StandIn()
    screen = show(captioner)
    path = picture()
    screen.open(path)
    screen.open(path)
    assert captioner.asked == ["dog"]
    Image.new("RGB", (30, 30), "red").save(path)
    screen.open(path)
    screen.until(lambda: captioner.asked == ["dog", "dog"])
