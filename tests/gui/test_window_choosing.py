"""Files chosen in the dialogs of the desktop, which are programs of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen

from gui import dialog_strings
from gui.services.file_programs import Question, command_for
from gui.widgets import file_dialogs


@pytest.fixture
def answer(
    programs: Path, show: Callable[..., Screen], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """Makes the desktop's program, which answers; returns what it notes."""
    monkeypatch.setattr(file_dialogs, "command_for", command_for)

    def make(*paths: Path, name: str = "zenity", waits: bool = False) -> Path:
        asked, answers = programs / "asked", programs / "answers"
        answers.write_bytes(b"".join(os.fsencode(path) + b"\n" for path in paths))
        program = programs / name
        program.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$GTK_THEME" "$@" > {asked}\n'
            + ("exec /bin/sleep 60\n" if waits else f"exec /bin/cat {answers}\n")
        )
        program.chmod(0o755)
        return asked

    return make


@pytest.mark.skipif(os.name == "nt", reason="Windows has dialogs of its own")
def test_pictures_are_chosen_in_the_desktops_dialog(
    show: Callable[..., Screen], picture: Callable[..., Path], answer: Callable
) -> None:
    chosen = [picture("a b.png"), picture("ä.png")]
    asked = answer(*chosen)
    screen = show()
    screen.press("<Control-o>")
    screen.until(lambda: screen.caption == "A a b.")
    assert list(screen.session.album.pictures) == chosen
    words = asked.read_text().splitlines()
    assert words[0] == ""
    assert f"--title={dialog_strings.OPEN_TITLE}" in words
    assert any("*.jpg " in word and "*.JPG" in word for word in words)


@pytest.mark.skipif(os.name == "nt", reason="Windows has dialogs of its own")
def test_a_dark_window_has_a_dark_dialog_and_nothing_may_be_chosen(
    screen: Screen, answer: Callable
) -> None:
    asked = answer()
    screen.press("<Control-d>", "<Control-O>")
    assert asked.read_text().splitlines()[0] == "Adwaita:dark"
    assert screen.caption == "A dog."


@pytest.mark.skipif(os.name == "nt", reason="Windows has dialogs of its own")
def test_captions_are_saved_where_it_says(
    screen: Screen, answer: Callable, tmp_path: Path
) -> None:
    # The ending that is missing is added.
    asked = answer(tmp_path / "all")
    screen.press("<Control-e>")
    screen.until((tmp_path / "all.csv").exists)
    assert "--save" in asked.read_text().splitlines()


@pytest.mark.skipif(os.name == "nt", reason="Windows has dialogs of its own")
def test_the_window_goes_on_and_may_be_closed_meanwhile(
    screen: Screen, answer: Callable
) -> None:
    asked = answer(waits=True)
    screen.root.after(300, screen.window.close)
    screen.root.after(0, screen.controllers.opening.choose_pictures)
    screen.until(lambda: not screen.is_alive)
    assert asked.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has dialogs of its own")
def test_kde_has_a_program_of_its_own(
    programs: Path, answer: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer(name="zenity")
    answer(name="kdialog")
    question = Question("file", "Which?", tmp_path, [("Pictures", [".png", "*.jpg"])])
    zenity = command_for(question)
    assert zenity
    assert zenity[0] == str(programs / "zenity")
    assert f"--filename={tmp_path}/" in zenity
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    assert command_for(question) == [
        *(str(programs / "kdialog"), "--title", "Which?", "--getopenfilename"),
        *(str(tmp_path), "*.png *.jpg|Pictures"),
    ]
    for program in ("zenity", "kdialog"):
        (programs / program).unlink()
    assert command_for(question) is None
