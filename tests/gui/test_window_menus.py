"""What is clicked with the other button of the mouse, in the real window."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen

from gui import strings
from gui.strings import without_mnemonic


def click_other(screen: Screen, widget: tkinter.Misc, x: int = 30, y: int = 30) -> None:
    """Press the other button on a widget; the menu stays open."""
    screen.root.update()
    place = {"rootx": widget.winfo_rootx() + x, "rooty": widget.winfo_rooty() + y}
    widget.event_generate("<Button-3>", x=x, y=y, **place)
    widget.event_generate("<ButtonRelease-3>", x=x, y=y, **place)
    screen.root.update()


def menu_of(screen: Screen) -> tkinter.Menu:
    menu = screen.window.context_menus.menu
    assert menu
    screen.until(menu.winfo_ismapped)
    return menu


def labels(menu: tkinter.Menu) -> list[str]:
    last = menu.index("end")
    assert last is not None
    return [
        str(menu.entrycget(index, "label"))
        for index in range(last + 1)
        if menu.type(index) != "separator"
    ]


def choose_entry(screen: Screen, label: str) -> None:
    menu = menu_of(screen)
    # As Return does it, after the arrow keys.
    menu.activate(without_mnemonic(label))
    screen.press("<Return>")


def test_an_empty_window_offers_to_open_pictures(show: Callable[..., Screen]) -> None:
    screen = show()
    click_other(screen, screen.layout.picture)
    found = labels(menu_of(screen))
    assert found == [
        without_mnemonic(label)
        for label in (
            strings.OPEN,
            strings.OPEN_FOLDER,
            strings.PASTE,
            strings.SAMPLE,
        )
    ]
    choose_entry(screen, strings.SAMPLE)
    screen.until(lambda: screen.caption)


def test_the_picture_is_copied_turned_and_taken_off(screen: Screen) -> None:
    click_other(screen, screen.layout.picture)
    menu = menu_of(screen)
    assert menu.entrycget(without_mnemonic(strings.COPY), "accelerator") == "Ctrl+C"
    choose_entry(screen, strings.COPY)
    assert screen.root.clipboard_get() == "A dog."
    click_other(screen, screen.layout.picture.surfaces[1])
    choose_entry(screen, strings.TAKE_OFF)
    assert screen.session.picture is None


def test_the_caption_is_edited_and_another_one_chosen(screen: Screen) -> None:
    field = screen.layout.caption.field
    click_other(screen, field, 5, 5)
    menu = menu_of(screen)
    submenu = menu.nametowidget(
        menu.entrycget(without_mnemonic(strings.CHOOSE_OTHER), "menu")
    )
    menu.activate(without_mnemonic(strings.CHOOSE_OTHER))
    screen.press("<Right>")
    screen.until(submenu.winfo_ismapped)
    screen.press("<Down>", "<Return>")
    screen.until(lambda: screen.caption == "The dog.")
    click_other(screen, field, 5, 5)
    choose_entry(screen, strings.EDIT)
    assert screen.layout.caption.is_editing
    # The menu of a text that is written does not end the writing.
    click_other(screen, field, 5, 5)
    assert without_mnemonic(strings.PASTE_TEXT) in labels(menu_of(screen))
    choose_entry(screen, strings.SELECT_TEXT)
    assert screen.layout.caption.is_editing
    assert field.tag_ranges("sel")


def test_what_makes_no_sense_cannot_be_chosen(screen: Screen) -> None:
    click_other(screen, screen.layout.caption.field, 5, 5)
    menu = menu_of(screen)
    back = without_mnemonic(strings.BACK_TO_MODEL)
    assert str(menu.entrycget(back, "state")) == "disabled"
    screen.press("<Escape>")


@pytest.mark.parametrize("place", ["strip", "grid"])
def test_a_thumbnail_is_chosen_before_its_menu_opens(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path], place: str
) -> None:
    screen = show(size="900x700")
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    if place == "grid":
        screen.press("<Control-g>")
    canvas = getattr(screen.layout, place).canvas
    screen.until(lambda: canvas.winfo_ismapped())
    x, y = canvas.coords(canvas.find_withtag("name")[1])
    click_other(screen, canvas, int(x), int(y) - 20)
    assert screen.session.album.index == 1
    choose_entry(screen, strings.TAKE_OFF)
    assert [one.name for one in screen.session.album.shown] == ["p1.jpg", "p3.jpg"]


@pytest.mark.parametrize("key", ["<Shift-F10>", "<Menu>"])
def test_keys_open_the_menu_of_what_has_the_focus(screen: Screen, key: str) -> None:
    screen.press(key)
    assert without_mnemonic(strings.TAKE_OFF) in labels(menu_of(screen))
    screen.press("<Escape>")
    screen.press("<Control-f>", key)
    assert labels(menu_of(screen))[0] == without_mnemonic(strings.CUT_TEXT)
    screen.press("<Escape>")


def test_menus_are_dark_where_the_window_is(screen: Screen) -> None:
    screen.press("<Control-d>")
    click_other(screen, screen.layout.picture)
    menu = menu_of(screen)
    background = screen.controllers.appearance.look.colors.background
    assert str(menu.cget("background")) == background
    screen.press("<Escape>")
