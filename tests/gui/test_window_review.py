"""Many captions looked through in the real window, by keys alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from screen import Screen, StandIn

from gui import strings
from gui.widgets.review_bar import duration
from imagecap.library.review import in_review_order
from imagecap.library.store import Library, library_path

CONFIDENCES = {"p1": 0.9, "p2": 0.5, "p3": 0.2, "p4": 0.7, "p5": 0.3}


class Doubtful(StandIn):
    """A captioner that is more or less sure of each picture."""

    def candidates(self, picture: Path, *asked: object, **how: object) -> tuple:
        first, *others = super().candidates(picture, *asked, **how)
        sure = CONFIDENCES.get(picture.stem, 1.0)
        return (replace(first, confidence=sure, unsure=sure < 0.6), *others)


@pytest.fixture
def reviewed(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> tuple[Screen, Path]:
    """A review of five captions that has begun."""
    screen = show(Doubtful())
    folder = picture_folder(5)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    screen.press("<F7>")
    screen.until(lambda: screen.controllers.reviewing.is_active)
    return screen, folder


def shows(screen: Screen, caption: str) -> None:
    screen.until(lambda: screen.caption == caption, what=caption)
    screen.until(lambda: screen.session.described)


def test_the_unsure_come_first_and_keys_decide(reviewed: tuple[Screen, Path]) -> None:
    screen, folder = reviewed
    bar = screen.layout.review_bar
    assert bar.winfo_ismapped()
    assert screen.status == strings.REVIEW_BEGINS.format(captions="5 captions")
    shows(screen, "Possibly: a p3.")
    screen.press("<Return>")
    shows(screen, "Possibly: a p5.")
    assert screen.status == "Accepted. 4 left."
    assert bar.text.startswith("Review: 4 of 5 left · ")
    assert "s each" in bar.text
    screen.press("<F2>")
    screen.write("x")
    screen.press("<Return>")
    shows(screen, "Possibly: a p2.")
    assert screen.status == "Edited. 3 left."
    screen.press("<Key-2>")
    assert screen.caption == "The p2."
    # What was said of another picture counts others left than the line above.
    assert screen.status == "3 of 5"
    screen.press("<Return>")
    shows(screen, "A p4.")
    screen.press("<s>")
    shows(screen, "A p1.")
    assert screen.status == "Skipped. 1 left."
    screen.press("<Return>")
    assert "3 accepted, 1 edited, 1 skipped" in screen.status
    assert not bar.winfo_ismapped()
    assert not screen.controllers.reviewing.is_active
    assert len(screen.session.album.shown) == 5
    kinds = {one: screen.kept(folder / f"p{one}.jpg") for one in range(1, 6)}
    assert [kinds[one].mark for one in range(1, 6)] == [
        "accepted", "accepted", "accepted", "captioned", "edited",
    ]  # fmt: skip
    with closing(Library(library_path())) as library:
        said = library.captions(folder / "p3.jpg")[0]
    assert (said.text, said.by, said.kind) == ("A p3.", "person", "accepted")
    assert said.made
    screen.press("<F7>")
    screen.until(lambda: strings.REVIEW_BEGINS.format(captions="1 caption"))


def test_undo_takes_a_decision_back_and_shows_it(
    reviewed: tuple[Screen, Path],
) -> None:
    screen, folder = reviewed
    shows(screen, "Possibly: a p3.")
    screen.press("<Return>")
    shows(screen, "Possibly: a p5.")
    screen.press("<Return>")
    shows(screen, "Possibly: a p2.")
    screen.press("<Control-z>")
    shows(screen, "Possibly: a p5.")
    assert screen.layout.review_bar.text.startswith("Review: 4 of 5 left")
    assert screen.kept(folder / "p5.jpg").human is None
    screen.press("<Return>")
    shows(screen, "Possibly: a p2.")
    assert screen.controllers.reviewing.left == 3


def test_the_models_own_caption_is_chosen_like_any_other(
    reviewed: tuple[Screen, Path],
) -> None:
    screen, folder = reviewed
    shows(screen, "Possibly: a p3.")
    screen.press("<Key-1>")
    assert screen.controllers.reviewing.left == 4
    assert screen.kept(folder / "p3.jpg").mark == "accepted"
    screen.press("<Control-z>")
    assert screen.controllers.reviewing.left == 5
    screen.press("<Key-2>", "<Key-1>", "<Return>")
    shows(screen, "Possibly: a p5.")
    assert screen.kept(folder / "p3.jpg").human == "A p3."


def test_what_is_accepted_is_told_apart(reviewed: tuple[Screen, Path]) -> None:
    screen, _ = reviewed
    shows(screen, "Possibly: a p3.")
    screen.press("<Return>")
    shows(screen, "Possibly: a p5.")
    screen.press("<Left>")
    screen.until(lambda: screen.layout.details.cget("text") == strings.ACCEPTED)
    assert screen.caption == "A p3."


def test_thumbnails_are_marked(reviewed: tuple[Screen, Path]) -> None:
    screen, folder = reviewed
    (folder / "p6.jpg").write_bytes(b"no picture")
    shows(screen, "Possibly: a p3.")
    screen.press("<Return>")
    shows(screen, "Possibly: a p5.")
    screen.press("<F2>")
    screen.write("x")
    screen.press("<Return>", "<Escape>")
    strip = screen.layout.strip
    screen.controllers.opening.open([folder])
    screen.until(lambda: len(screen.session.album.shown) == 6)
    screen.until(
        lambda: (
            [strip.marked(place) for place in range(6)]
            == ["captioned", "captioned", "accepted", "captioned", "edited", "failed"]
        )
    )
    assert len(strip.canvas.find_withtag("mark")) >= 2 * 6
    screen.press("<Control-g>")
    grid = screen.layout.grid
    screen.until(lambda: grid.canvas.find_withtag("mark"))


def test_escape_ends_the_review_and_what_is_decided_stays(
    reviewed: tuple[Screen, Path],
) -> None:
    screen, folder = reviewed
    shows(screen, "Possibly: a p3.")
    screen.press("<Return>", "<Escape>")
    assert not screen.controllers.reviewing.is_active
    assert screen.status.startswith("Review of 1 caption in ")
    assert len(screen.session.album.shown) == 5
    assert screen.kept(folder / "p3.jpg").mark == "accepted"
    screen.press("<Return>", "<s>")
    assert screen.kept(folder / "p5.jpg").mark == "captioned"


def test_an_unreadable_picture_is_skipped_and_other_pictures_end_the_review(
    reviewed: tuple[Screen, Path], picture: Callable[..., Path]
) -> None:
    screen, folder = reviewed
    shows(screen, "Possibly: a p3.")
    (folder / "p5.jpg").write_bytes(b"no picture")
    screen.press("<Return>")
    screen.until(lambda: "p5.jpg" in screen.caption)
    screen.press("<Return>")
    shows(screen, "Possibly: a p2.")
    assert screen.status == "Skipped. 3 left."
    screen.open(picture())
    assert not screen.controllers.reviewing.is_active
    assert not screen.layout.review_bar.winfo_ismapped()


def test_where_all_is_seen_it_is_said(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.open(picture())
    screen.press("<Key-2>", "<F7>")
    screen.until(lambda: screen.status == strings.NOTHING_TO_REVIEW)
    assert not screen.controllers.reviewing.is_active


def test_pictures_without_a_caption_come_last(tmp_path: Path) -> None:
    pictures = [tmp_path / f"p{number}.jpg" for number in range(1, 8)]
    with closing(Library(":memory:")) as library:
        for one in pictures[:5]:
            said = Doubtful().candidates(one, 1)
            library.keep_model_captions(one, "m@1", None, said)
        library.keep_human(pictures[3], "Seen.")
        order = [one.stem for one in in_review_order(library, pictures)]
    assert order == ["p3", "p5", "p2", "p1", "p6", "p7"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "5 s"), (65, "1 min 5 s"), (7260, "2 h 1 min")]
)
def test_a_duration_is_told_in_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said
