"""The ways in which captions leave the real window, and come back."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

from screen import Screen

from gui import strings


def test_a_key_copies_the_caption(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.press("<Control-c>")
    assert screen.status != strings.COPIED
    screen.open(picture())
    screen.press("<Control-c>")
    assert screen.root.clipboard_get() == "A dog."
    assert screen.status == strings.COPIED


def test_a_key_saves_the_caption_as_speech(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[..., list[dict]],
    tmp_path: Path,
) -> None:
    screen = show()
    screen.open(picture())
    asked = choose("asksaveasfilename", tmp_path / "spoken.wav")
    screen.press("<Control-Shift-W>")
    screen.until(lambda: screen.status == strings.SAVED.format(name="spoken.wav"))
    assert asked[0]["initialfile"] == "dog.wav"
    with wave.open(str(tmp_path / "spoken.wav")) as sound:
        assert sound.getnframes() > sound.getframerate() / 4


def test_speech_that_cannot_be_saved_is_explained(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[..., list[dict]],
    tmp_path: Path,
) -> None:
    screen = show()
    screen.open(picture())
    choose("asksaveasfilename", tmp_path / "spoken.mp3")
    screen.press("<Control-Shift-W>")
    screen.until(lambda: "ends in .wav" in screen.status)
