"""The ways in which pictures come into the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen


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
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    choose: Callable[..., list[dict]],
) -> None:
    screen = show()
    screen.open(picture())
    asked = choose("askopenfilenames")
    screen.click(screen.parts.open_button)
    assert asked
    assert screen.caption == "A dog."
