"""How the real window looks: contrast, themes, sizes of text and of screens."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from tkinter import font, ttk

import pytest
from PIL import Image, ImageGrab
from screen import Screen
from virtual_screen import virtual_screen

from gui.widgets import theme
from gui.widgets.colors import DARK, LIGHT
from imagecap.settings import load_settings

REPOSITORY = Path(__file__).parents[2]


def luminance(color: tuple[float, float, float]) -> float:
    """Relative luminance of an sRGB colour, as WCAG 2.2 defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(screen: Screen, one: str, other: str) -> float:
    lighter, darker = sorted(
        (
            luminance(tuple(part / 65535 for part in screen.root.winfo_rgb(color)))
            for color in (one, other)
        ),
        reverse=True,
    )
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("look", ["ttkbootstrap", "plain"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_all_text_has_the_contrast_of_wcag_aa(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
    look: str,
    mode: str,
) -> None:
    if look == "plain":
        monkeypatch.setattr(theme, "ttkbootstrap", None)
    screen = show()
    screen.session.settings.change(theme=mode)
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-comma>")
    screen.dialog()
    style = ttk.Style(screen.root)
    seen: set[str] = set()
    widgets = [screen.root]
    while widgets:
        widget = widgets.pop()
        widgets += widget.winfo_children()
        if not isinstance(widget, ttk.Widget) or "text" not in widget.keys():  # noqa: SIM118
            continue
        kind = str(widget.cget("style")) or widget.winfo_class()
        for states in ([], ["active"], ["focus"], ["pressed"], ["selected"]):
            one, other = (
                style.lookup(kind, option, states)
                for option in ("foreground", "background")
            )
            found = contrast(screen, one, other)
            assert found >= 4.5, (kind, states, one, other, found)
        seen.add(kind)
    assert {"TButton", "TLabel", "TCheckbutton", theme.QUIET, theme.EMPHASIS} <= seen
    for kind in ("TEntry", "TCombobox", "TSpinbox"):
        for states in ([], ["readonly"], ["focus"]):
            one = style.lookup(kind, "foreground", states)
            other = style.lookup(kind, "fieldbackground", states)
            assert contrast(screen, one, other) >= 4.5, (kind, states, one, other)
    menu = screen.root.nametowidget(".menu")
    for one, other in (
        ("foreground", "background"),
        ("activeforeground", "activebackground"),
    ):
        assert contrast(screen, menu.cget(one), menu.cget(other)) >= 4.5
    field = screen.layout.caption.field
    background = field.cget("background")
    assert contrast(screen, field.cget("foreground"), background) >= 4.5
    for tag in ("doubtful", "unlikely"):
        color = field.tag_cget(tag, "underlinefg")
        assert contrast(screen, color, background) >= 3
    assert contrast(screen, field.cget("highlightcolor"), background) >= 3
    pointed = [field.tag_cget("pointed", name) for name in ("foreground", "background")]
    assert contrast(screen, *pointed) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_focus_can_be_seen(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path], mode: str
) -> None:
    screen = show()
    screen.session.settings.change(theme=mode)
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    layout = screen.layout

    def seen(widget: ttk.Widget) -> Image.Image:
        screen.root.update()
        x, y = widget.winfo_rootx(), widget.winfo_rooty()
        box = (x, y, x + widget.winfo_width(), y + widget.winfo_height())
        return ImageGrab.grab(box, xdisplay=screen.root.winfo_screen())

    for widget in (
        layout.open_button,
        layout.search,
        layout.caption.field,
        layout.speak_button,
        layout.automatic_button,
        layout.candidates.buttons[0],
        layout.strip.canvas,
    ):
        screen.root.focus_force()
        before = seen(widget)
        widget.focus_force()
        screen.until(
            lambda widget=widget, before=before: seen(widget) != before,
            what=str(widget),
        )


def test_a_key_changes_light_to_dark_and_it_is_kept(screen: Screen) -> None:
    assert screen.controllers.appearance.look.colors is LIGHT
    screen.press("<Control-d>")
    assert screen.layout.caption.field.cget("background") == DARK.background
    screen.until(lambda: load_settings()[0].theme == "dark")
    screen.press("<Control-d>")
    assert screen.layout.caption.field.cget("background") == LIGHT.background


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these ask otherwise")
@pytest.mark.parametrize(("answer", "colors"), [("dark", "DARK"), ("light", "LIGHT")])
def test_the_window_is_as_the_system_is(
    show: Callable[..., Screen], programs: Path, answer: str, colors: str
) -> None:
    program = programs / "gsettings"
    program.write_text(f"#!/bin/sh\necho \"'prefer-{answer}'\"\n")
    program.chmod(0o755)
    screen = show()
    screen.until(
        lambda: screen.controllers.appearance.look.colors is getattr(theme, colors)
    )


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these ask otherwise")
def test_the_window_does_not_wait_for_a_slow_system(
    show: Callable[..., Screen], programs: Path
) -> None:
    program = programs / "gsettings"
    program.write_text(
        f"#!{sys.executable}\nimport time; time.sleep(1); print('prefer-dark')\n"
    )
    program.chmod(0o755)
    screen = show()
    field = screen.layout.caption.field
    assert field.cget("background") == LIGHT.background
    screen.until(lambda: field.cget("background") == DARK.background)


def test_keys_change_the_size_of_text(screen: Screen) -> None:
    usual = font.nametofont("TkDefaultFont", screen.root).actual()["size"]
    screen.press("<Control-Shift-Up>", "<Control-Shift-Up>")
    larger = font.nametofont("TkDefaultFont", screen.root).actual()["size"]
    assert larger == round(1.5 * usual)
    screen.press("<Control-Shift-Down>", "<Control-Shift-Down>")
    assert font.nametofont("TkDefaultFont", screen.root).actual()["size"] == usual


def test_a_window_of_640_by_480_shows_all_that_matters(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show(size="640x480")
    screen.controllers.opening.open([picture_folder(20)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F5>")
    root, layout = screen.root, screen.layout
    screen.root.update()
    assert layout.picture.winfo_height() > 100
    for widget in (
        layout.open_button,
        layout.search,
        layout.caption.field,
        layout.speak_button,
        layout.automatic_button,
        layout.status,
        layout.details,
    ):
        right = widget.winfo_rootx() - root.winfo_rootx() + widget.winfo_width()
        bottom = widget.winfo_rooty() - root.winfo_rooty() + widget.winfo_height()
        assert widget.winfo_ismapped()
        assert right <= root.winfo_width()
        assert bottom <= root.winfo_height()


@pytest.mark.parametrize("size", [(1, 1), (3, 5000), (6000, 8)])
def test_odd_pictures_are_shown(
    show: Callable[..., Screen], picture: Callable[..., Path], size: tuple[int, int]
) -> None:
    screen = show()
    screen.open(picture(size=size))
    screen.until(lambda: screen.layout.picture.shown_size)


def test_on_a_screen_of_192_dpi_all_is_twice_as_large(tmp_path: Path) -> None:
    code = """
        from gui.widgets import theme
        from gui.window import Window
        root = theme.create_root()
        window = Window(root, lambda _: None)
        root.deiconify()
        root.update()
        layout = window.layout
        print(
            root.winfo_width(),
            layout.open_button.winfo_height(),
            layout.caption.field.winfo_reqheight(),
            layout.strip.canvas.winfo_reqheight(),
        )
        window.close()
    """
    sizes = []
    for dpi in (96, 192):
        with virtual_screen("2560x2048x24", dpi) as name:
            done = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(code)],
                cwd=REPOSITORY,
                env={**os.environ, "DISPLAY": name},
                capture_output=True,
                text=True,
                check=True,
            )
        sizes.append([int(number) for number in done.stdout.split()])
    for small, large in zip(*sizes, strict=True):
        assert 1.6 < large / small < 2.4
