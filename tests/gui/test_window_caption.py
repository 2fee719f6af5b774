"""The caption of the real window: chosen, looked at word by word, written anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from patience import PATIENCE_SECONDS
from PIL import ImageGrab
from screen import Screen, StandIn

from gui import strings
from imagecap.library.store import Library, library_path


def test_a_digit_chooses_another_caption(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    path = picture()
    screen.open(path)
    buttons = screen.layout.candidates.buttons
    assert [button.cget("text") for button in buttons] == [
        "2   The dog.",
        "3   One dog.",
    ]
    screen.press("<Key-2>")
    assert screen.caption == "The dog."
    assert screen.layout.details.cget("text") == strings.BY_YOU
    texts = [button.cget("text") for button in screen.layout.candidates.buttons]
    assert texts == ["1   A dog.", "3   One dog."]
    assert screen.kept(path).human == "The dog."
    screen.press("<Key-9>")
    assert screen.caption == "The dog."
    screen.click(screen.layout.candidates.buttons[1])
    assert screen.caption == "One dog."
    screen.press("<Key-1>")
    assert screen.kept(path).human is None


def test_unsure_words_are_marked_and_told(screen: Screen) -> None:
    field = screen.layout.caption.field
    assert [str(place) for place in field.tag_ranges("doubtful")] == ["1.2", "1.5"]
    x, y, width, height = field.bbox("1.3")
    field.event_generate("<Motion>", x=x + width // 2, y=y + height // 2)
    assert screen.status == strings.WORD.format(word="dog", percent=15)
    field.event_generate("<Leave>")
    assert screen.status == ""
    field.focus_force()
    screen.press("<Control-Right>")
    assert screen.status == strings.WORD.format(word="a", percent=90)
    screen.press("<Control-Right>", "<Control-Right>")
    assert screen.status == strings.WORD.format(word="dog", percent=15)
    screen.press("<Control-Left>")
    assert screen.status == strings.WORD.format(word="a", percent=90)


def test_attention_lights_the_picture_word_by_word(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    left, right = np.zeros((2, 2, 2), np.float32)
    left[:, 0] = right[:, 1] = 0.5
    screen = show(StandIn(attention=np.stack([left, right])))
    screen.open(picture())
    view = screen.layout.picture
    screen.until(lambda: view.shown_size)

    def brighter_side() -> str:
        x, y = view.winfo_rootx(), view.winfo_rooty()
        width, height = view.winfo_width(), view.winfo_height()
        seen = ImageGrab.grab(
            (x, y, x + width, y + height), xdisplay=screen.root.winfo_screen()
        )
        gray = np.asarray(seen.convert("L"), float)[height // 2]
        inside = gray[width // 2 - 200 : width // 2 + 200]
        return "left" if inside[:150].mean() > inside[-150:].mean() else "right"

    field = screen.layout.caption.field
    field.focus_force()
    screen.press("<Control-Right>")
    screen.until(lambda: view.shows_attention and brighter_side() == "left")
    screen.press("<Control-Right>")
    screen.until(lambda: view.shows_attention and brighter_side() == "right")
    screen.press("<Control-t>")
    screen.until(lambda: not view.shows_attention)
    screen.press("<Control-t>")
    screen.until(lambda: view.shows_attention)


def test_a_model_without_attention_says_so(screen: Screen) -> None:
    screen.press("<Control-t>", "<Control-t>")
    assert screen.status == strings.NO_ATTENTION


def test_a_real_attention_model_shows_where_it_looked(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    untrained_attention_bundle: Path,
) -> None:
    from imagecap.model.captioner import Captioner

    screen = show(lambda _: Captioner.load(untrained_attention_bundle))
    screen.open(picture())
    screen.layout.caption.field.focus_force()
    screen.press("<Control-Right>")
    screen.until(lambda: screen.layout.picture.shows_attention)


def test_a_written_caption_is_kept_apart_from_the_models(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    path = picture()
    screen.open(path)
    screen.press("<F2>", "<Control-a>", "<Delete>")
    screen.write("Rex runs.")
    screen.press("<Key-3>", "<Return>")
    assert screen.caption == "Rex runs.3"
    assert screen.status == strings.WRITTEN
    entry = screen.kept(path)
    assert (entry.machine, entry.human) == ("A dog.", "Rex runs.3")
    screen.open(picture("cat.png"))
    screen.open(path)
    assert screen.caption == "Rex runs.3"
    screen.window.close()
    with closing(Library(library_path())) as library:
        assert library.human(path) == "Rex runs.3"


def test_undo_and_redo(screen: Screen) -> None:
    screen.press("<Control-z>")
    screen.press("<F2>")
    screen.write("1")
    screen.write("2")
    screen.press("<Control-z>")
    assert "2" not in screen.caption
    screen.press("<Return>")
    screen.press("<Key-2>")
    assert screen.caption == "The dog."
    screen.press("<Control-z>")
    assert screen.status == strings.UNDONE.format(name="dog.png")
    screen.press("<Control-z>")
    assert screen.caption == "A dog."
    screen.press("<Control-y>", "<Control-y>")
    assert screen.caption == "The dog."
    screen.press("<Control-BackSpace>")
    assert screen.caption == "A dog."
    assert screen.layout.details.cget("text") != strings.BY_YOU


def test_escape_leaves_the_caption_as_it_was(screen: Screen) -> None:
    screen.press("<F2>")
    assert screen.status == strings.EDITING
    screen.write(" and more")
    screen.press("<Escape>")
    assert screen.caption == "A dog."
    assert screen.status == ""
    screen.press("<F2>", "<Return>")
    assert screen.status == ""
    assert not screen.session.is_human


def test_what_is_being_written_is_kept_when_going_on(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    folder = picture_folder(3)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F2>")
    screen.write("!".replace("!", "x"))
    screen.click(screen.layout.strip.canvas, x=96 + 20)
    screen.until(lambda: screen.caption == "A p2.")
    assert screen.status == strings.PLACE.format(place=2, count=3)
    assert screen.kept(folder / "p1.jpg").human == "A p1.x"


def test_a_models_late_caption_never_replaces_what_is_written(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    path = picture()
    with closing(Library(library_path())) as library:
        library.keep_human(path, "Rex.")
    described = threading.Event()
    screen = show(StandIn(lambda _: described.wait(PATIENCE_SECONDS)))
    screen.session.open([path])
    screen.until(lambda: screen.caption == "Rex.")
    screen.press("<F2>")
    screen.write("y")
    described.set()
    screen.until(lambda: screen.session.described)
    assert screen.layout.caption.is_editing
    assert screen.caption == "Rex.y"
    screen.press("<Return>")
    assert screen.kept(path).human == "Rex.y"


class Unsure(StandIn):
    def candidates(self, *asked: object, **how: object) -> tuple:
        first, *others = super().candidates(*asked, **how)
        return (replace(first, unsure=True), *others)


def test_a_doubtful_caption_is_told_as_a_guess(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show(Unsure())
    path = picture()
    screen.open(path)
    assert screen.caption == "Possibly: a dog."
    screen.press("<Control-c>")
    assert screen.root.clipboard_get() == "Possibly: a dog."
    assert screen.kept(path).caption == "A dog."
    screen.press("<F2>")
    assert screen.caption == "A dog."
    screen.press("<Escape>")
    assert screen.caption == "Possibly: a dog."
    screen.session.settings.change(hedging=False)
    assert screen.caption == "A dog."


@pytest.mark.parametrize("words", [20, 200])
def test_a_long_caption_leaves_room_for_the_picture(
    show: Callable[..., Screen], picture: Callable[..., Path], words: int
) -> None:
    screen = show(size="640x480")
    path = picture()
    with closing(Library(library_path())) as library:
        library.keep_human(path, "word " * words)
    screen.open(path)
    screen.until(lambda: screen.layout.picture.shown_size)
    assert screen.layout.picture.winfo_height() > 60
    assert screen.layout.speak_button.winfo_ismapped()


@pytest.mark.parametrize("percent", [200, 300])
def test_a_long_caption_in_large_text_leaves_room_for_the_picture(
    show: Callable[..., Screen], picture: Callable[..., Path], percent: int
) -> None:
    screen = show(size="920x680")
    path = picture()
    with closing(Library(library_path())) as library:
        library.keep_human(path, "word " * 200)
    screen.session.settings.change(text_size=percent)
    screen.open(path)
    layout = screen.layout

    def share() -> float:
        return layout.picture.winfo_height() / screen.root.winfo_height()

    screen.until(lambda: share() > 0.25)
    layout.run_bar.grid()
    screen.root.update()
    screen.until(lambda: share() > 0.15)


def test_a_caption_that_was_written_is_seen_from_its_beginning(screen: Screen) -> None:
    field = screen.layout.caption.field
    for keys in (("<Return>",), ("<Escape>",)):
        screen.press("<F2>")
        field.insert("end", " and more" * 100)
        field.see("end")
        screen.until(lambda: field.yview()[0] > 0)
        screen.press(*keys)
        screen.until(lambda: field.yview()[0] == 0)


def test_what_is_captioned_alone_is_found_by_likeness(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show(StandIn())
    path = picture()
    screen.open(path)
    screen.until(lambda: screen.session.described)
    with closing(Library.open()) as library:
        assert library.without_vector(StandIn.bundle.identity, [path]) == []
