"""Pictures found in the library by the real window, by words and by likeness."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from screen import Screen, StandIn

from gui import strings
from imagecap.library.store import Library


@pytest.fixture
def elsewhere(tmp_path: Path) -> list[Path]:
    """Make pictures that the library knows, in a folder that is not open."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    paths = [folder / f"{name}.png" for name in ("beach", "bear", "tree")]
    with closing(Library.open()) as library:
        for shade, path in enumerate(paths):
            Image.new("RGB", (30, 20), (shade, 0, 0)).save(path)
            said = StandIn().candidates(path, 1)
            library.keep_model_captions(path, StandIn.bundle.identity, None, said)
    return paths


def search(screen: Screen, words: str) -> None:
    screen.press("<Control-f>")
    screen.write(words)


def shown(screen: Screen) -> list[Path]:
    return list(screen.session.album.shown)


def test_an_empty_window_finds_what_the_library_has(
    show: Callable[..., Screen], elsewhere: list[Path]
) -> None:
    screen = show()
    screen.until(lambda: screen.session.kept.library)
    assert not screen.layout.strip.winfo_ismapped()
    search(screen, "be")
    found = strings.FOUND_EVERYWHERE.format(pictures="2 pictures")
    screen.until(lambda: screen.status == found)
    assert sorted(shown(screen)) == elsewhere[:2]
    screen.until(lambda: screen.layout.strip.thumbnails_shown == 2)
    screen.until(lambda: screen.caption in ("A beach.", "A bear."))
    screen.press("<Escape>")
    screen.until(lambda: shown(screen) == [])
    assert screen.session.picture is None


def test_the_open_folder_or_the_whole_library_is_searched(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    elsewhere: list[Path],
) -> None:
    screen = show()
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    opened = shown(screen)
    screen.press("<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    search(screen, "bear")
    screen.until(lambda: screen.status == strings.NOT_FOUND.format(text="bear"))
    screen.layout.everywhere_button.invoke()
    screen.until(lambda: shown(screen) == [elsewhere[1]])
    screen.until(lambda: screen.caption == "A bear.")
    screen.press("<Control-f>", "<Escape>")
    screen.until(lambda: shown(screen) == opened)
    screen.controllers.opening.open([elsewhere[0].parent])
    screen.until(lambda: screen.caption == "A beach.")
    assert not screen.controllers.searching.everywhere.get()


def test_more_like_this_compares_what_was_not_compared_yet(
    show: Callable[..., Screen], picture: Callable[..., Path], elsewhere: list[Path]
) -> None:
    screen = show()
    path = picture()
    screen.open(path)
    screen.until(lambda: screen.session.described)
    screen.press("<Control-m>")
    screen.until(lambda: len(shown(screen)) == 4)
    assert shown(screen)[0] == screen.session.picture == path
    assert sorted(shown(screen)[1:]) == elsewhere
    with closing(Library.open()) as library:
        assert library.pictures_without_vector(StandIn.bundle.identity) == []
    screen.press("<Control-f>", "<Escape>")
    screen.until(lambda: shown(screen) == [path])
