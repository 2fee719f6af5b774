"""The real window read aloud: whatever a key does is heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tkinter import messagebox

import pytest
from screen import Screen

from gui import dialog_strings, strings

_REAL_BOX = messagebox.askokcancel


@pytest.fixture
def heard(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path], said: list[str]
) -> tuple[Screen, Callable[..., str]]:
    """A window with three pictures that is read aloud; gives what is said of keys."""
    screen = show()
    screen.press("<Control-Shift-V>")
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: said[-1] == "A p1. Picture 1 of 3, p1.jpg.")

    def press(*keys: str) -> str:
        said.clear()
        screen.press(*keys)
        screen.until(lambda: said, what=str(keys))
        return said[-1]

    return screen, press


def test_each_key_is_answered(heard: tuple[Screen, Callable[..., str]]) -> None:
    screen, press = heard
    assert press("<Left>") == strings.FIRST_ONE
    press("<End>")
    screen.until(lambda: screen.caption == "A p3.")
    assert press("<Right>") == strings.LAST_ONE
    assert press("<Control-plus>") == strings.ZOOMED.format(percent=125)
    assert press("<Control-Key-0>") == strings.ZOOMED_OUT
    assert press("<Control-d>") == strings.THEME_IS[True]
    assert press("<Control-Shift-Up>") == strings.TEXT_SIZE_IS.format(percent=125)
    assert press("<Control-Shift-Down>") == strings.TEXT_SIZE_IS.format(percent=100)
    assert strings.EDITING in press("<F2>")
    screen.write("x")
    assert press("<Return>").startswith(strings.WRITTEN)
    assert press("<Control-BackSpace>") == f"{strings.TAKEN_BACK} A p3."
    undone = strings.UNDONE.format(name="p3.jpg")
    assert press("<Control-z>") == f"{undone} A p3.x"


def test_other_views_are_told_and_menus_by_their_names(
    heard: tuple[Screen, Callable[..., str]], said: list[str]
) -> None:
    screen, press = heard
    assert press("<F11>") == strings.SCREEN_FILLED
    assert press("<F11>") == strings.WINDOW_AGAIN
    assert press("<Control-g>") == strings.GRID_SPOKEN
    assert press("<Control-g>") == strings.THUMBNAILS
    assert "#" not in press("<F10>")
    screen.root.tk.call("tk::MenuUnpost", "")


def test_a_message_box_is_read_with_its_question(
    heard: tuple[Screen, Callable[..., str]],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen, _ = heard
    monkeypatch.setattr(messagebox, "askokcancel", _REAL_BOX)
    screen.session.picture.with_suffix(".txt").write_text("Mine.")
    said.clear()

    def answer() -> None:
        if said:
            screen.root.tk.call("event", "generate", ".__tk__messagebox", "<Escape>")
        else:
            screen.root.after(20, answer)

    screen.root.after(20, answer)
    screen.press("<Control-s>")
    question = dialog_strings.REPLACE.format(name="p1.txt")
    screen.until(lambda: said)
    assert said[0].startswith(f"{dialog_strings.REPLACE_TITLE} {question}")
    assert said[0].endswith(strings.BUTTON)


def test_a_dialog_is_named_once(heard: tuple[Screen, Callable[..., str]]) -> None:
    screen, press = heard
    assert press("<F8>").count(dialog_strings.FAILED_TITLE) == 1
    screen.dialog().destroy()
    screen.root.update()
    press("<Control-comma>")
    dialog = screen.dialog()
    dialog.beam.focus_force()
    assert press("<Tab>").startswith(dialog_strings.LEARN_AT_ONCE)
    assert press("<Tab>").startswith(dialog_strings.HEDGING)
    assert press("<Control-Tab>").startswith(
        f"{dialog_strings.LOOK} {dialog_strings.THEME}"
    )


def test_how_far_work_is_is_not_read_with_how_it_ended(
    heard: tuple[Screen, Callable[..., str]], said: list[str]
) -> None:
    screen, _ = heard
    said.clear()
    narrator = screen.controllers.speaking.narrator
    narrator.say_progress("Captioned 0 of 3")
    narrator.say("Captions are kept.")
    screen.until(lambda: said)
    assert said == ["Captions are kept."]
