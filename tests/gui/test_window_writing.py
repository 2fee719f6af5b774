"""A caption written in the real window, and what its keys do before and after."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from screen import Screen

from gui import strings
from imagecap.library.store import Library, library_path


def open_folder(screen: Screen, folder: Path) -> None:
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")


def test_enter_keeps_says_so_and_gives_the_keys_back(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    open_folder(screen, picture_folder(3))
    screen.layout.strip.canvas.focus_set()
    screen.press("<F2>")
    screen.write("x")
    screen.press("<Return>")
    assert screen.status == strings.WRITTEN == "Kept."
    assert screen.root.focus_get() is screen.layout.strip.canvas
    screen.press("<Right>")
    screen.until(lambda: screen.caption == "A p2.")
    screen.press("<F2>", "<Escape>", "<Right>")
    screen.until(lambda: screen.caption == "A p3.")
    screen.press("<F2>", "<Return>", "<Left>")
    screen.until(lambda: screen.caption == "A p2.")


def test_a_caption_clicked_or_focused_leaves_the_arrow_keys_to_the_pictures(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    open_folder(screen, picture_folder(3))
    screen.click(screen.layout.caption.field)
    screen.press("<Right>")
    screen.until(lambda: screen.caption == "A p2.")
    screen.layout.caption.field.focus_force()
    screen.press("<Right>")
    screen.until(lambda: screen.caption == "A p3.")
    screen.press("<F2>", "<Left>")
    assert screen.caption == "A p3."


def test_a_double_click_writes_the_caption(screen: Screen) -> None:
    field = screen.layout.caption.field
    screen.root.update()
    for event in ["<Button-1>", "<ButtonRelease-1>"] * 2:
        field.event_generate(event, x=20, y=10)
    assert screen.layout.caption.is_editing
    assert screen.status == strings.EDITING
    screen.write("x")
    screen.press("<Return>")
    assert screen.caption == "A dog.x"


def test_what_is_pasted_takes_the_place_of_what_is_selected(screen: Screen) -> None:
    screen.root.clipboard_clear()
    screen.root.clipboard_append("cat")
    screen.press("<F2>", "<Home>", "<Control-Right>")
    screen.press("<Right>", *["<Shift-Right>"] * 3, "<Control-v>")
    assert screen.caption == "A cat."
    screen.press("<Control-z>")
    assert screen.caption == "A dog."
    screen.press("<End>", "<Control-v>", "<Return>")
    assert screen.caption == "A dog.cat"


def test_pasting_in_the_search_field_replaces_what_is_selected(screen: Screen) -> None:
    screen.root.clipboard_clear()
    screen.root.clipboard_append("cat")
    screen.press("<Control-f>")
    screen.write("dog")
    screen.press("<Control-f>", "<Control-v>")
    assert screen.layout.search.get() == "cat"


def test_a_caption_of_many_lines_shows_that_it_scrolls(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    path = picture()
    with closing(Library(library_path())) as library:
        library.keep_human(path, "word " * 400)
    screen = show(size="640x600")
    screen.session.open([path])
    caption = screen.layout.caption
    screen.until(caption.bar.winfo_ismapped)
    screen.until(lambda: caption.bar.get()[1] < 0.5)
    caption.field.event_generate("<Button-5>", x=20, y=10)
    screen.until(lambda: caption.bar.get()[0] > 0)
    # As when the model's captions come while a person is reading.
    caption.show(caption.text)
    screen.root.update()
    assert caption.bar.get()[0] > 0
    screen.press("<Control-BackSpace>")
    screen.until(lambda: screen.caption == "A dog.")
    screen.until(lambda: not caption.bar.winfo_ismapped())
