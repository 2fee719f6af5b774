"""Many pictures at a glance in the real window: the grid and the strip."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen

from gui import strings
from gui.widgets.thumbnails import shortened


@pytest.fixture
def grid(show: Callable[..., Screen], picture_folder: Callable[[int], Path]) -> Screen:
    """A window with forty pictures in the grid."""
    screen = show(size="900x700")
    screen.controllers.opening.open([picture_folder(40)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-g>")
    screen.until(screen.layout.grid.winfo_ismapped)
    return screen


def place(screen: Screen) -> int:
    return screen.session.album.index


def middle_of(screen: Screen, name: str) -> tuple[int, int]:
    """Where a picture is on the canvas of the grid."""
    canvas = screen.layout.grid.canvas
    (item,) = (
        item
        for item in canvas.find_withtag("name")
        if canvas.itemcget(item, "text") == name
    )
    x, y = canvas.coords(item)
    return int(x), int(y) - 20


def press_mouse(screen: Screen, *events: str, x: int, y: int) -> None:
    for event in events:
        screen.layout.grid.canvas.event_generate(event, x=x, y=y)
    screen.root.update()


def test_a_row_is_seen_in_a_low_window(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show(size="400x270")
    screen.controllers.opening.open([picture_folder(9)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-g>")
    grid = screen.layout.grid
    screen.until(lambda: grid.canvas.winfo_height() > 0.45 * 270)
    screen.press("<Control-g>")
    screen.until(screen.layout.speak_button.winfo_ismapped)


def test_the_grid_stands_where_the_picture_was(grid: Screen) -> None:
    layout = grid.layout
    assert not layout.picture.winfo_ismapped()
    assert not layout.strip.winfo_ismapped()
    grid.until(lambda: layout.grid.thumbnails_shown > 8)
    assert layout.grid.names[:3] == ["p1.jpg", "p2.jpg", "p3.jpg"]
    # The caption below is that of the marked picture.
    grid.press("<Right>")
    grid.until(lambda: grid.caption == "A p2.")
    grid.press("<Return>")
    grid.until(layout.picture.winfo_ismapped)
    assert not layout.grid.winfo_ismapped()
    assert place(grid) == 1


def test_keys_go_through_rows_and_pages(grid: Screen) -> None:
    columns = grid.layout.grid.columns
    assert columns > 2
    grid.press("<Down>", "<Down>", "<Up>")
    assert place(grid) == columns
    grid.press("<Up>", "<Up>")
    assert place(grid) == 0
    grid.press("<Next>")
    assert place(grid) % columns == 0
    assert place(grid) > 0
    grid.press("<End>", "<Down>")
    assert place(grid) == 39
    assert "p40.jpg" in grid.layout.grid.names
    grid.press("<Home>")
    assert "p40.jpg" not in grid.layout.grid.names
    assert grid.layout.grid.names[0] == "p1.jpg"


def test_the_mouse_chooses_opens_and_draws(grid: Screen) -> None:
    x, y = middle_of(grid, "p3.jpg")
    press_mouse(grid, "<ButtonPress-1>", "<ButtonRelease-1>", x=x, y=y)
    assert place(grid) == 2
    # Drawn up, it is scrolled and nothing chosen.
    canvas = grid.layout.grid.canvas
    canvas.event_generate("<ButtonPress-1>", x=x, y=300)
    for height in (200, 100, 0):
        canvas.event_generate("<B1-Motion>", x=x, y=height)
    canvas.event_generate("<ButtonRelease-1>", x=x, y=0)
    grid.root.update()
    assert grid.layout.grid.names[0] != "p1.jpg"
    assert place(grid) == 2
    for _ in range(20):
        canvas.event_generate("<Button-4>")
    x, y = middle_of(grid, "p2.jpg")
    press_mouse(grid, "<ButtonPress-1>", "<ButtonRelease-1>", x=x, y=y)
    press_mouse(grid, "<ButtonPress-1>", "<ButtonRelease-1>", x=x, y=y)
    grid.until(grid.layout.picture.winfo_ismapped)
    assert place(grid) == 1


def test_escape_leaves_the_grid(grid: Screen) -> None:
    grid.press("<Escape>")
    assert grid.layout.picture.winfo_ismapped()
    assert not grid.controllers.browsing.as_grid.get()


def test_found_pictures_are_shown_in_the_grid(grid: Screen) -> None:
    grid.press("<Control-f>")
    grid.write("p12")
    found = strings.FOUND.format(count=1, pictures="40 pictures")
    # Few of the others have been described by now.
    grid.until(lambda: grid.status.startswith(f"{found}. Without a caption yet: "))
    assert grid.layout.grid.names == ["p12.jpg"]
    grid.press("<Escape>")
    grid.until(lambda: len(grid.layout.grid.names) > 8)
    assert grid.root.focus_get() is grid.layout.grid.canvas


def test_a_hundred_thousand_pictures_are_scrolled_through(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show(size="900x700")
    first = picture("p0.png")
    # Those that are not there have an empty frame, as an unplugged disk's would.
    pictures = [
        first,
        *(first.with_name(f"p{number}.png") for number in range(1, 10**5)),
    ]
    screen.session.open(pictures)
    screen.until(lambda: screen.caption == "A p0.")
    screen.press("<Control-g>")
    screen.until(lambda: screen.layout.grid.names)
    times = []
    for share in range(1, 21):
        start = time.perf_counter()
        screen.layout.grid._scroll("moveto", str(share / 20))
        screen.root.update_idletasks()
        times.append(time.perf_counter() - start)
    assert screen.layout.grid.names[-1] == "p99999.png"
    assert screen.layout.grid.thumbnails_shown < 60
    assert min(times) < 0.05
    screen.press("<Home>")
    assert screen.layout.grid.names[0] == "p0.png"


def test_the_strip_names_its_pictures_and_is_drawn_along(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show(size="700x700")
    screen.controllers.opening.open([picture_folder(40)])
    screen.until(lambda: screen.caption == "A p1.")
    strip = screen.layout.strip
    canvas = strip.canvas
    screen.until(strip.winfo_ismapped)

    def names() -> list[str]:
        return [canvas.itemcget(item, "text") for item in canvas.find_withtag("name")]

    assert names()[:2] == ["p1.jpg", "p2.jpg"]
    canvas.event_generate("<ButtonPress-1>", x=400, y=30)
    for x in (300, 100, 0):
        canvas.event_generate("<B1-Motion>", x=x, y=30)
    canvas.event_generate("<ButtonRelease-1>", x=0, y=30)
    screen.root.update()
    assert names()[0] not in ("p1.jpg", "p2.jpg")
    assert screen.session.album.index == 0
    canvas.event_generate("<ButtonPress-1>", x=200, y=30)
    canvas.event_generate("<ButtonRelease-1>", x=200, y=30)
    screen.root.update()
    assert screen.session.album.index > 3


def test_long_names_keep_their_beginning_and_end(screen: Screen) -> None:
    font = screen.layout.strip._font
    name = "IMG_20240713_a_very_long_name_of_a_photograph.jpeg"
    short = shortened(name, 90, font)
    assert font.measure(short) <= 90
    beginning, end = short.split("…")
    assert name.startswith(beginning)
    assert name.endswith(end)
    assert shortened("a.jpg", 90, font) == "a.jpg"
    assert shortened("a\nb.jpg", 90, font) == "a b.jpg"
    assert shortened(name, 0, font) == "…"
