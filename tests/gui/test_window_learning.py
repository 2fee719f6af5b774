"""Learning from a person's captions, in the real window and a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen

from gui import dialog_strings, strings
from gui.services.learning_process import LearningError, LearningProcess
from imagecap.settings import load_settings

DONE = {"done": 0.5, "seconds_left": 30}
NOTE = {"note": "New words: “momo”."}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program in Python's place that prints lines and ends as it is told."""

    def put(*lines: dict[str, object], then: str = "exit 0") -> Path:
        path = tmp_path / "learn"
        said = "".join(f"echo '{json.dumps(line)}'\n" for line in lines)
        path.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n{said}{then}\n')
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))
        return tmp_path / "asked"

    return put


def end(better: bool, model: Path) -> dict[str, object]:
    return {"end": "It ended so.", "better": better, "model": str(model)}


def open_dialog(screen: Screen) -> object:
    screen.press("<Control-l>")
    return screen.controllers.learning.dialog


def test_a_better_model_is_chosen_and_given_up_by_a_click_each(
    screen: Screen, program: Callable[..., Path], tmp_path: Path
) -> None:
    asked = program(DONE, NOTE, end(True, tmp_path / "new"))
    dialog = open_dialog(screen)
    screen.until(lambda: "It ended so." in dialog.text.cget("text"))
    assert "momo" in dialog.text.cget("text")
    assert "--from default --data corrections --json" in asked.read_text()
    assert screen.session.model is None
    assert dialog.first_button.cget("text") == strings.USE_NEW
    dialog.first_button.invoke()
    screen.until(lambda: load_settings()[0].model == str(tmp_path / "new"))
    assert dialog.text.cget("text") == strings.NEW_IN_USE
    assert dialog.first_button.cget("text") == strings.BACK_TO_OLD
    dialog.first_button.invoke()
    screen.until(lambda: load_settings()[0].model is None)
    assert dialog.text.cget("text") == strings.OLD_IN_USE
    screen.root.update()
    assert not dialog.first_button.winfo_ismapped()
    # All of the sentence is seen.
    assert dialog.text.winfo_width() >= dialog.text.winfo_reqwidth()
    told = dialog.text.winfo_rootx() + dialog.text.winfo_reqwidth()
    assert told <= dialog.winfo_rootx() + dialog.winfo_width()
    screen.press("<Escape>")
    assert not dialog.winfo_exists()


def test_what_is_given_up_gives_way_to_the_model_of_the_window(
    screen: Screen, program: Callable[..., Path], tmp_path: Path
) -> None:
    # As after --model, which the settings do not know.
    screen.session.model = "own"
    program(end(True, tmp_path / "new"))
    dialog = open_dialog(screen)
    screen.until(lambda: dialog.first_button.cget("text") == strings.USE_NEW)
    dialog.first_button.invoke()
    assert screen.session.model == str(tmp_path / "new")
    dialog.first_button.invoke()
    assert screen.session.model == "own"
    screen.press("<Escape>")


def test_a_model_that_is_not_better_is_not_offered(
    screen: Screen, program: Callable[..., Path], tmp_path: Path
) -> None:
    program(DONE, end(False, tmp_path / "new"), then="exit 3")
    dialog = open_dialog(screen)
    screen.until(lambda: "It ended so." in dialog.text.cget("text"))
    assert not dialog.first_button.winfo_ismapped()
    assert dialog.second_button.cget("text") == dialog_strings.CLOSE
    dialog.second_button.invoke()
    assert screen.session.model is None
    assert open_dialog(screen).winfo_exists()


def test_it_tells_how_far_it_is_and_can_be_cancelled(
    screen: Screen, program: Callable[..., Path]
) -> None:
    program(DONE, then="exec sleep 60")
    dialog = open_dialog(screen)
    screen.until(lambda: "30 s left" in dialog.text.cget("text"))
    assert float(dialog.bar.cget("value")) == 0.5
    screen.press("<Control-l>")
    assert screen.controllers.learning.dialog is dialog
    dialog.second_button.invoke()
    assert screen.session.note.text == strings.LEARNING_CANCELLED
    assert screen.controllers.learning.dialog is None


def test_what_is_wrong_is_a_sentence(
    screen: Screen, program: Callable[..., Path]
) -> None:
    program(then="echo noise >&2; echo 'Error: It is all wrong.' >&2; exit 1")
    dialog = open_dialog(screen)
    screen.until(lambda: dialog.text.cget("text") == "It is all wrong.")
    assert not dialog.first_button.winfo_ismapped()


def test_a_window_without_what_learning_needs_says_what_to_install(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for name in ("keras", "tensorflow"):
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            monkeypatch.delitem(sys.modules, module)
    assert open_dialog(screen) is None
    assert "pip install" in screen.session.note.text


def test_without_a_caption_of_a_person_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(LearningError, match="no caption that a person wrote"):
        LearningProcess("default").run()
