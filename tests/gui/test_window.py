"""A picture in the real window with what is said of it."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tkinter import font

import pytest
from patience import PATIENCE_SECONDS
from screen import Screen, StandIn, texts

from gui import strings
from gui.widgets import theme
from imagecap.errors import ImagecapError
from imagecap.model.captioner import Captioner


def test_an_empty_window_says_what_to_do(show: Callable[..., Screen]) -> None:
    screen = show()
    assert texts(screen.layout.picture) in ([strings.EMPTY], [strings.EMPTY_WITH_DROP])
    assert screen.layout.speak_button.instate(["disabled"])
    assert screen.layout.copy_button.instate(["disabled"])
    assert screen.layout.open_button.instate(["!disabled"])
    screen.click(screen.layout.sample_button)
    screen.until(lambda: screen.caption == "A sample.")
    assert not screen.layout.sample_button.winfo_ismapped()


def test_a_picture_is_shown_with_its_caption(screen: Screen) -> None:
    assert screen.caption == "A dog."
    assert screen.status == ""
    place = screen.layout.picture
    screen.until(
        lambda: (
            place.shown_size
            and (
                place.shown_size[0] == place.winfo_width()
                or place.shown_size[1] == place.winfo_height()
            )
        )
    )
    width, height = place.shown_size
    assert width / height == pytest.approx(1.5, abs=0.01)
    assert width <= place.winfo_width()
    assert height <= place.winfo_height()
    assert screen.layout.speak_button.instate(["!disabled"])


def test_the_shipped_model_describes_a_photograph(
    show: Callable[..., Screen], photographs: Path
) -> None:
    screen = show(Captioner.load)
    screen.open(photographs / "astronaut.png")
    expected = Captioner.load().caption(photographs / "astronaut.png")
    assert screen.caption == expected.hedged_text


def test_the_caption_is_larger_than_other_text(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    caption = font.Font(screen.root, screen.layout.caption.field.cget("font"))
    usual = font.nametofont("TkDefaultFont", screen.root)
    assert caption.metrics("linespace") > 1.5 * usual.metrics("linespace")


def test_what_goes_on_is_said(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    loaded, described = threading.Event(), threading.Event()

    def load(_: str | None) -> StandIn:
        loaded.wait(PATIENCE_SECONDS)
        return StandIn(lambda _: described.wait(PATIENCE_SECONDS))

    screen = show(load)
    assert screen.status == strings.LOADING
    screen.session.open([picture()])
    screen.until(lambda: screen.layout.picture.shown_size)
    assert screen.status == strings.LOADING
    loaded.set()
    screen.until(lambda: screen.status == strings.DESCRIBING)
    described.set()
    screen.until(lambda: screen.caption == "A dog.")
    assert screen.status == ""


@pytest.mark.parametrize("content", [b"hello", None], ids=["no picture", "missing"])
def test_a_bad_file_is_explained_and_the_next_is_shown(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    tmp_path: Path,
    content: bytes | None,
) -> None:
    bad = tmp_path / "bad.jpg"
    if content:
        bad.write_bytes(content)
    screen = show()
    screen.open(picture("cat.png"))
    screen.open(bad)
    screen.until(lambda: "bad.jpg" in screen.caption)
    assert screen.layout.picture.shown_size is None
    assert screen.layout.speak_button.instate(["disabled"])
    screen.open(picture("dog.png"))
    screen.until(lambda: screen.caption == "A dog.")


def test_a_bad_file_gets_no_caption(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    may_end = threading.Event()
    screen = show(StandIn(lambda _: may_end.wait(PATIENCE_SECONDS)))
    screen.session.open([tmp_path / "missing.jpg"])
    screen.until(lambda: "missing.jpg" in screen.caption)
    may_end.set()
    screen.until(lambda: screen.status == "")
    assert "missing.jpg" in screen.caption
    assert screen.layout.speak_button.instate(["disabled"])


def test_a_model_that_does_not_load_is_explained_and_tried_again(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    loads: list[int] = []

    def load(_: str | None) -> StandIn:
        loads.append(1)
        if len(loads) == 1:
            raise ImagecapError("There is no such model.")
        return StandIn()

    screen = show(load)
    screen.until(lambda: screen.caption == "There is no such model.")
    screen.session.open([picture()])
    screen.until(lambda: screen.caption == "A dog.")


def test_what_no_one_foresaw_is_said_with_its_place(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(_: Path) -> None:
        raise ZeroDivisionError("by zero")

    screen = show(StandIn(fail))
    screen.open(picture())
    assert re.fullmatch(
        r"Something went wrong that was not foreseen: by zero "
        r"\(ZeroDivisionError in gui\.services\.describing, line \d+\)\.",
        screen.caption,
    )
    assert "Traceback" not in capfd.readouterr().err


def test_an_error_of_the_window_itself_is_said(
    show: Callable[..., Screen], capfd: pytest.CaptureFixture[str]
) -> None:
    screen = show()
    screen.root.after(0, lambda: 1 / 0)
    screen.until(lambda: "division by zero (ZeroDivisionError)" in screen.status)
    assert "Traceback" not in capfd.readouterr().err
    assert isinstance(screen.raised.pop(), ZeroDivisionError)


def test_the_newest_picture_wins(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    may_end = threading.Event()
    captioner = StandIn(lambda _: may_end.wait(PATIENCE_SECONDS))
    screen = show(captioner)
    captions = set()
    screen.layout.caption.field.bind(
        "<Expose>", lambda _: captions.add(screen.caption), add="+"
    )
    screen.session.open([picture("first.png")])
    screen.until(lambda: captioner.asked == ["first"])
    for name in ("second.png", "third.png", "fourth.png"):
        screen.session.open([picture(name, (400, 600))])
    may_end.set()
    screen.until(lambda: screen.caption == "A fourth.")
    assert captioner.asked == ["first", "fourth"]
    assert captions <= {"", "A fourth."}
    view = screen.layout.picture
    screen.until(lambda: view.shown_size and view.shown_size[0] < view.shown_size[1])


def test_the_window_answers_while_a_picture_is_described(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show(StandIn(lambda _: time.sleep(2)))
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.perf_counter())
        screen.root.after(5, tick)

    large = picture("large.jpg", (4000, 3000))
    tick()
    screen.session.open([large])
    screen.until(lambda: screen.caption)
    gaps = sorted(b - a for a, b in itertools.pairwise(ticks))
    assert ticks[-1] - ticks[0] > 1.9
    assert gaps[-1] < 0.15
    assert gaps[len(gaps) * 95 // 100] < 0.05


def test_the_picture_follows_the_window(screen: Screen) -> None:
    view = screen.layout.picture
    for size in ("600x500", "1200x900", "520x400"):
        screen.root.geometry(size)
        screen.until(
            lambda: (
                view.shown_size
                and view.shown_size
                in {
                    (view.winfo_width(), round(view.winfo_width() / 1.5)),
                    (round(view.winfo_height() * 1.5), view.winfo_height()),
                }
            )
        )
    assert screen.layout.speak_button.winfo_ismapped()


def test_a_small_picture_stays_small(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.open(picture(size=(30, 20)))
    screen.until(lambda: screen.layout.picture.shown_size)
    width, _ = screen.layout.picture.shown_size
    assert width <= 60 * theme.magnification(screen.root) + 1


def test_a_long_caption_stays_inside_the_smallest_window(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    screen = show()
    screen.layout.caption.show("A man in a blue shirt runs. " * 5)
    screen.root.geometry("1x1")
    screen.root.update()
    screen.root.update()
    width = screen.root.winfo_width()
    layout = screen.layout
    # The menu has it, too.
    assert not layout.automatic_button.winfo_ismapped()
    for widget, needed in (
        (layout.caption.field, layout.caption.field.winfo_reqwidth()),
        (layout.edit_button, layout.edit_button.winfo_reqwidth()),
        # A field may be narrower than it would like to be.
        (layout.search, layout.search.winfo_width()),
    ):
        assert widget.winfo_ismapped()
        assert widget.winfo_rootx() - screen.root.winfo_rootx() + needed <= width
    assert layout.search.winfo_width() > 60
