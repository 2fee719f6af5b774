"""Where the real window is on the screen, and that all of it can be seen there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen
from virtual_screen import REPOSITORY, run_on, virtual_screen

from gui import strings
from gui.widgets.placement import Place, put
from imagecap.settings import change_settings, load_settings

# What a panel and the frame of a window take of the height on most desktops.
PANEL, FRAME = 40, 24


def test_the_first_window_fits_on_a_laptop_with_all_that_can_be_in_it(
    picture_folder: Callable[[int], Path],
) -> None:
    code = """
        import sys, time
        from pathlib import Path
        from screen import StandIn
        from gui.widgets import theme
        from gui.window import Window
        root = theme.create_root()
        window = Window(root, lambda _: StandIn(lambda _: time.sleep(0.02)))
        root.deiconify()
        root.update()
        window.load()
        window.controllers.opening.open([Path(sys.argv[1])])
        layout = window.layout
        while not layout.caption.text:
            root.update()
        window.controllers.captioning.start()
        while not layout.candidates.buttons:
            root.update()
        root.update()
        for part in (layout.status, layout.run_bar.pause_button, layout.strip):
            assert part.winfo_ismapped()
            print(part.winfo_rooty() + part.winfo_height())
        window.close()
    """
    with virtual_screen("1366x768x24", 96) as name:
        done = run_on(name, code, picture_folder(90))
    done.check_returncode()
    assert max(map(int, done.stdout.split())) <= 768 - PANEL - FRAME


@pytest.mark.skipif(not shutil.which("openbox"), reason="needs a window manager")
def test_a_window_that_was_never_moved_comes_back_where_the_desktop_put_it() -> None:
    said = run_beside_a_window_manager("""
        for _ in range(3):
            root = theme.create_root()
            window = Window(root, lambda _: StandIn())
            root.deiconify()
            window.load()
            look(root)
            print(root.winfo_rootx(), root.winfo_rooty())
            window.close()
    """)
    first, second, third = (tuple(map(int, line.split())) for line in said)
    # No farther away than the title on the frame is high.
    assert abs(first[0] - second[0]) < FRAME
    assert abs(first[1] - second[1]) < FRAME
    assert second == third
    assert min(first) > 2 * FRAME


def test_size_and_place_come_back(show: Callable[..., Screen]) -> None:
    show(size="700x560+31+47").window.close()
    assert load_settings()[0].window_place
    for _ in range(3):
        screen = show()
        assert screen.root.geometry() == "700x560+31+47"
        screen.window.close()


def test_the_sash_comes_back(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show(size="920x900")
    folder = picture_folder(30)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    layout = screen.layout
    screen.until(layout.strip.winfo_viewable)
    usual, lower = layout.strip.winfo_height(), layout.picture.winfo_height()
    sash = screen.root.nametowidget(".body.sash")
    sash.event_generate("<ButtonPress-1>", x=9, y=3)
    for up in (10, 30):
        sash.event_generate("<B1-Motion>", x=9, y=3 - up)
    screen.root.update()
    assert layout.strip.winfo_height() == usual + 24
    assert layout.picture.winfo_height() == lower - 24
    # Keys do the same, and say so.
    screen.press("<Control-Up>")
    assert screen.status == strings.THUMBNAILS_ARE.format(percent=160)
    screen.press("<Control-Down>")
    screen.until(lambda: layout.strip.thumbnails_shown)
    screen.window.close()
    assert load_settings()[0].thumbnail_height == 84
    screen = show(size="920x900")
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.layout.strip.thumbnail_height == 84)


def test_thumbnails_leave_the_picture_its_room(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show(size="920x700")
    screen.controllers.opening.open([picture_folder(9)])
    screen.until(lambda: screen.caption == "A p1.")
    for _ in range(20):
        screen.press("<Control-Up>")
    layout = screen.layout
    assert layout.picture.winfo_height() >= 0.3 * 700
    largest = layout.strip.thumbnail_height
    assert largest > 60
    screen.root.geometry("920x560")
    screen.until(lambda: layout.strip.thumbnail_height < largest)
    assert layout.strip.winfo_viewable()
    screen.root.geometry("920x700")
    screen.until(lambda: layout.strip.thumbnail_height == largest)


def test_nothing_is_said_where_the_place_cannot_be_kept(
    show: Callable[..., Screen], settings_file: Path
) -> None:
    screen = show()
    settings_file.parent.write_text("no folder")
    screen.window.close()
    assert not screen.is_alive


@pytest.mark.parametrize(
    "kept", [(5000, 4000, 10, 10), (600, 500, 3000, 2500), (600, 500, -900, -700)]
)
def test_a_window_from_a_screen_that_is_gone_is_all_on_this_one(
    show: Callable[..., Screen], kept: tuple[int, int, int, int]
) -> None:
    change_settings(window_place=kept)
    root = show().root
    root.update()
    assert root.winfo_x() >= 0
    assert root.winfo_y() >= 0
    assert root.winfo_rootx() + root.winfo_width() <= root.winfo_screenwidth()
    assert root.winfo_rooty() + root.winfo_height() <= root.winfo_screenheight()


def test_a_window_that_filled_the_screen_does_so_again(
    show: Callable[..., Screen], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = show().root
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(root, "attributes", lambda *how: asked.append(how))
    put(root, Place(600, 500, 5, 5), maximized=True)
    assert asked == [("-zoomed", True)]


@pytest.mark.skipif(not shutil.which("openbox"), reason="needs a window manager")
def test_the_window_comes_back_from_the_whole_screen_as_it_was() -> None:
    said = run_beside_a_window_manager("""
        root = theme.create_root()
        window = Window(root, lambda _: StandIn())
        root.deiconify()
        window.load()

        def size():
            look(root)
            return root.geometry().partition("+")[0]

        print(size())
        for _ in range(2):
            window.controllers.presenting.fill_or_leave_screen()
            assert size() == "1366x768"
            window.controllers.presenting.fill_or_leave_screen()
            print(size())
        window.close()
    """)
    assert len(set(said)) == 1


def run_beside_a_window_manager(code: str) -> list[str]:
    """Run code on a screen of a laptop with a window manager; return what it prints."""
    before = """
        import time
        from screen import StandIn
        from gui.widgets import theme
        from gui.window import Window

        def look(root):
            until = time.monotonic() + 0.4
            while time.monotonic() < until:
                root.update()
                time.sleep(0.01)

    """
    with virtual_screen("1366x768x24", 96) as name:
        environment = {
            **os.environ,
            "DISPLAY": name,
            "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, "tests"))),
        }
        manager = subprocess.Popen(["openbox"], env=environment)
        try:
            done = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(before) + textwrap.dedent(code)],
                cwd=REPOSITORY,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
        finally:
            manager.terminate()
            manager.wait()
    return done.stdout.splitlines()
