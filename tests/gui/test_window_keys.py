"""The real window by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from screen import Screen, texts

from gui import strings
from gui.widgets import theme
from gui.widgets.actions import Action, Submenu, shortcuts
from imagecap.settings import load_settings


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
    screen.layout.copy_button.focus_set()
    screen.press("<space>")
    screen.until(lambda: screen.status == strings.COPIED)


def test_tab_goes_through_the_controls_in_order(screen: Screen) -> None:
    visited = []
    layout = screen.layout
    controls = [
        layout.open_button,
        layout.folder_button,
        layout.paste_button,
        layout.search,
        layout.everywhere_button,
        layout.caption.field,
        layout.speak_button,
        layout.edit_button,
        layout.copy_button,
        layout.save_button,
        layout.automatic_button,
        *layout.candidates.buttons,
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


def test_every_action_has_a_key_of_its_own_and_f1_lists_it(
    show: Callable[..., Screen],
) -> None:
    screen = show()
    keys: list[str] = []
    for entries in screen.window.menus.values():
        for entry in entries:
            if isinstance(entry, Submenu):
                actions = [] if entry.label == strings.RECENT else entry.entries()
            else:
                actions = [entry] if isinstance(entry, Action) else []
            for action in actions:
                assert action.key, action.label
                keys += [action.key, *action.also]
    assert len(set(keys)) == len(keys)
    screen.press("<F1>")
    dialog = screen.dialog()
    listed = "\n".join(texts(dialog))
    for _, actions in shortcuts(screen.window.menus):
        for key, label in actions:
            assert f"{key}\t{label.strip()}" in listed
    dialog.focus_force()
    screen.press("<Escape>")
    assert not dialog.winfo_exists()
    screen.until(lambda: screen.root.focus_get() is screen.root)


def test_space_speaks_where_no_button_is_focused(
    screen: Screen, install_player: Callable[[str], Path]
) -> None:
    played = install_player("time.sleep(60)")
    screen.press("<space>")
    screen.until(played.read_text)
    screen.press("<space>")
    assert not screen.controllers.speaking.is_speaking


def test_keys_that_write_do_nothing_else(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-f>", "<Right>", "<End>", "<Home>", "<Key-2>", "<space>")
    assert screen.session.album.index == 0
    assert not screen.session.is_human
    assert not screen.controllers.speaking.is_speaking
    assert screen.layout.search.get() == "2 "


def test_keys_zoom_and_move_the_part_shown(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    Image.effect_noise((4000, 3000), 50).save(tmp_path / "large.jpg")
    screen = show()
    screen.open(tmp_path / "large.jpg")
    view = screen.layout.picture
    screen.until(lambda: view.shown_part == (0, 0, 1, 1))
    for _ in range(6):
        screen.press("<Control-plus>")
    share = pytest.approx(1 / view.zoom, rel=0.5)
    screen.until(lambda: (part := view.shown_part) and part[2] - part[0] == share)
    left = view.shown_part[0]
    assert left > 0.2
    screen.press("<Shift-Right>")
    screen.until(lambda: view.shown_part[0] > left)
    for _ in range(40):
        screen.press("<Shift-Down>")
    screen.until(lambda: view.shown_part[3] == pytest.approx(1))
    screen.press("<Control-minus>", "<Control-Key-0>")
    screen.until(lambda: view.shown_part == (0, 0, 1, 1))


def test_the_wheel_zooms_and_the_mouse_moves(screen: Screen) -> None:
    view = screen.layout.picture
    screen.until(lambda: view.shown_part)
    for _ in range(5):
        view.event_generate("<Button-4>", x=10, y=10, rootx=0, rooty=0)
    screen.until(lambda: view.shown_part[2] < 1)
    left = view.shown_part[0]
    view.event_generate("<ButtonPress-1>", x=100, y=100, rootx=300, rooty=300)
    view.event_generate("<B1-Motion>", x=0, y=100, rootx=200, rooty=300)
    screen.until(lambda: view.shown_part[0] > left)


def test_the_window_is_read_aloud_where_wanted(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    said: list[str],
) -> None:
    screen = show()
    screen.press("<Tab>")
    assert said == []
    screen.press("<Control-Shift-V>")
    assert said.pop() == strings.SELF_VOICING_IS.format(state=strings.ON)
    screen.until(lambda: load_settings()[0].self_voicing)
    screen.press("<Tab>")
    assert said.pop() == "Folder…, button"
    screen.layout.automatic_button.focus_force()
    screen.until(lambda: said and said.pop() == "Speak automatically, off")
    screen.press("<space>")
    screen.layout.automatic_button.event_generate("<KeyRelease-space>")
    screen.until(lambda: said and said.pop() == "Speak automatically, on")
    screen.controllers.opening.open([picture_folder(4)])
    screen.until(lambda: said and said[-1] == "A p1. Picture 1 of 4, p1.jpg.")
    screen.press("<Next>")
    screen.until(lambda: said[-1] == "A p2. Picture 2 of 4, p2.jpg.")
    screen.layout.caption.field.focus_force()
    screen.press("<Control-Right>")
    assert said[-1] == "a, 90 percent"
    screen.press("<F5>")
    screen.until(lambda: said[-1] == strings.FOLDER_DONE.format(pictures="4 pictures"))
    menu = screen.root.nametowidget(".menu.menu0")
    menu.post(0, 0)
    screen.root.update()
    screen.root.tk.call(str(menu), "activate", 0)
    screen.root.event_generate("<<MenuSelect>>")
    menu.event_generate("<<MenuSelect>>")
    menu.unpost()
    screen.until(lambda: "Open…, Ctrl+O" in said)
