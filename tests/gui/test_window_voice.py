"""The voice of the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen, is_running

from gui import strings
from gui.strings import without_mnemonic


@pytest.fixture
def played(screen: Screen, install_player: Callable[[str], Path]) -> Path:
    """What the player notes, which goes on with the caption that was to be read."""
    played = install_player("time.sleep(60)")
    screen.press("<Control-Return>")
    screen.until(played.read_text)
    return played


def test_the_button_speaks_and_stops(
    screen: Screen, install_player: Callable[[str], Path]
) -> None:
    played = install_player("time.sleep(60)")
    button = screen.layout.speak_button
    assert button.cget("text") == without_mnemonic(strings.SPEAK)
    screen.click(button)
    assert button.cget("text") == without_mnemonic(strings.STOP)
    screen.until(played.read_text)
    screen.click(button)
    assert button.cget("text") == without_mnemonic(strings.SPEAK)
    screen.until(lambda: not is_running(played), seconds=30)


def test_escape_stops_the_voice(screen: Screen, played: Path) -> None:
    screen.press("<Escape>")
    screen.until(lambda: not is_running(played), seconds=30)
    assert screen.layout.speak_button.cget("text") == without_mnemonic(strings.SPEAK)


def test_the_button_returns_to_speak_after_the_last_word(
    screen: Screen, install_player: Callable[[str], Path]
) -> None:
    played = install_player("")
    screen.click(screen.layout.speak_button)
    button = screen.layout.speak_button
    screen.until(lambda: button.cget("text") == without_mnemonic(strings.SPEAK))
    assert len(played.read_text().splitlines()) == 1
    assert screen.status == ""


def test_captions_are_spoken_automatically_when_wanted(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    install_player: Callable[[str], Path],
) -> None:
    played = install_player("")
    screen = show()
    screen.open(picture("cat.png"))
    screen.click(screen.layout.automatic_button)
    screen.open(picture("dog.png"))
    button = screen.layout.speak_button
    screen.until(lambda: button.cget("text") == without_mnemonic(strings.SPEAK))
    assert len(played.read_text().splitlines()) == 1


def test_another_picture_silences_the_former_caption(
    screen: Screen, played: Path, picture: Callable[..., Path]
) -> None:
    screen.session.open([picture("cat.png")])
    screen.until(lambda: not is_running(played), seconds=30)
    assert screen.caption == ""


def test_escape_closes_a_dialog_and_silences_what_is_read_of_it(
    screen: Screen, install_player: Callable[[str], Path]
) -> None:
    played = install_player("time.sleep(60)")
    screen.press("<Control-Shift-V>", "<F1>")
    dialog = screen.dialog()
    dialog.focus_force()
    dialog.text.focus_force()
    screen.press("<Down>")
    screen.until(played.read_text)
    screen.press("<Escape>")
    assert not dialog.winfo_exists()
    assert not screen.controllers.speaking.is_speaking
    screen.until(lambda: not is_running(played), seconds=30)


def test_a_silent_machine_is_explained(
    screen: Screen, install_player: Callable[[str], Path]
) -> None:
    install_player("sys.exit(1)")
    screen.click(screen.layout.speak_button)
    screen.until(lambda: "no sound device" in screen.status)
    assert screen.caption == "A dog."


def test_closing_ends_the_voice(screen: Screen, played: Path) -> None:
    screen.press("<Tab>")
    screen.root.event_generate("<Control-q>")
    assert not screen.is_alive
    assert not is_running(played)
