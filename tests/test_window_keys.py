"""The real window by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen

from gui import strings, theme


@pytest.mark.parametrize("look", ["ttkbootstrap", "plain"])
def test_keys_press_the_focused_button(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    look: str,
) -> None:
    if look == "plain":
        monkeypatch.setattr(theme, "ttkbootstrap", None)
    screen = show()
    screen.open(picture())
    screen.parts.copy_button.focus_set()
    screen.press("<space>")
    screen.until(lambda: screen.status == strings.COPIED)


def test_tab_goes_through_the_controls_in_order(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show()
    screen.open(picture())
    visited = []
    parts = screen.parts
    controls = [
        parts.open_button,
        parts.folder_button,
        parts.paste_button,
        parts.caption.field,
        parts.speak_button,
        parts.edit_button,
        parts.copy_button,
        parts.save_button,
        parts.automatic_button,
        *parts.candidate_buttons,
    ]
    for _ in controls:
        screen.press("<Tab>")
        visited.append(screen.root.focus_get())
    assert visited == controls


def test_menus_have_a_letter_for_each_item(show: Callable[..., Screen]) -> None:
    root = show().root
    menus = [root.nametowidget(root.cget("menu"))]
    seen = 0
    while menus:
        menu = menus.pop()
        menus += menu.winfo_children()
        if command := menu.cget("postcommand"):
            root.tk.eval(command)
        letters = []
        last = menu.index("end")
        for index in range(0 if last is None else last + 1):
            if menu.type(index) not in ("separator", "tearoff"):
                label = menu.entrycget(index, "label")
                letters.append(label[int(menu.entrycget(index, "underline"))].lower())
        assert len(set(letters)) == len(letters), (str(menu), letters)
        seen += len(letters)
    assert seen > 40
