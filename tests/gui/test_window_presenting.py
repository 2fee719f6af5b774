"""The picture alone, turned, in its true size, and one after another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_pictures import quarters
from PIL import Image
from screen import Screen, StandIn

from gui import strings
from gui.controllers import presenting
from imagecap.model.describer import Described

COLOURS = {(255, 0, 0): "red", (0, 255, 0): "green", (0, 0, 255): "blue"}


class Seeing(StandIn):
    """Names the colour in the upper left corner instead of the file."""

    def describe(
        self,
        picture: Path | Image.Image,
        count: int = 1,
        beam_width: int | None = None,
    ) -> Described:
        if isinstance(picture, Path):
            with Image.open(picture) as opened:
                corner = opened.convert("RGB").getpixel((0, 0))
        else:
            corner = picture.getpixel((0, 0))
        name = COLOURS.get(corner, "yellow")
        return super().describe(Path(f"{name}.png"), count)


def test_a_turned_picture_is_described_as_it_is_seen(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    for name in ("first", "second"):
        quarters(480 + 2 * len(name), 320).save(tmp_path / f"{name}.png")
    content = (tmp_path / "first.png").read_bytes()
    screen = show(Seeing())
    screen.controllers.opening.open([tmp_path])
    screen.until(lambda: screen.caption == "A red.")
    view = screen.layout.picture
    screen.until(lambda: view.shown_size)
    wide = view.shown_size
    assert wide
    assert wide[0] > wide[1]
    screen.press("<r>")
    screen.until(lambda: screen.caption == "A blue.")
    screen.until(lambda: view.shown_size[0] < view.shown_size[1])
    assert screen.kept(tmp_path / "first.png").caption == "A blue."
    # Another picture is as it was, and this one stays turned.
    screen.press("<Right>")
    screen.until(lambda: screen.caption == "A red.")
    screen.press("<Left>")
    screen.until(lambda: screen.caption == "A blue.")
    screen.until(lambda: view.shown_size[0] < view.shown_size[1])
    screen.press("<R>")
    screen.until(lambda: screen.caption == "A red.")
    screen.press("<R>")
    screen.until(lambda: screen.caption == "A green.")
    assert (tmp_path / "first.png").read_bytes() == content


def test_turning_while_it_is_described_shows_no_former_caption(
    show: Callable[..., Screen], tmp_path: Path
) -> None:
    quarters(480, 320).save(tmp_path / "first.png")
    screen = show(Seeing())
    shown: list[str] = []
    screen.session.on("caption", lambda: shown.append(screen.session.text or ""))
    screen.session.open([tmp_path / "first.png"])
    screen.press("<r>", "<r>", "<r>")
    screen.until(lambda: screen.caption == "A green.")
    assert [text for text in shown if text][-1] == "A green."


def test_actual_size_shows_pixel_for_pixel(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    screen = show(size="900x700")
    view = screen.layout.picture
    screen.open(picture("small.png", (300, 200)))
    screen.until(lambda: view.shown_size)
    assert view.shown_size > (300, 200)
    screen.press("<Control-Key-1>")
    screen.until(lambda: view.shown_size == (300, 200))
    screen.press("<Control-Key-0>")
    screen.until(lambda: view.shown_size > (300, 200))
    # One that is larger than the screen is read in all its detail first.
    screen.open(picture("large.png", (3000, 2000)))
    screen.until(lambda: view._shown_view.picture.width > 1000)
    screen.press("<Control-Key-1>")

    def share() -> float:
        left, _, right, _ = view.shown_part
        return (right - left) * 3000 / view.shown_size[0]

    screen.until(lambda: abs(share() - 1) < 0.01)
    # And stays so when the window becomes larger.
    screen.root.geometry("1100x700")
    screen.until(lambda: view.shown_size[0] > 900)
    screen.until(lambda: abs(share() - 1) < 0.01)


def is_mapped(screen: Screen) -> list[bool]:
    layout = screen.layout
    return [
        bool(widget.winfo_ismapped())
        for widget in (layout.open_button, layout.speak_button, layout.picture)
    ]


def test_the_screen_is_filled_and_left(screen: Screen) -> None:
    font = screen.controllers.appearance.look.caption_font
    size = font.actual()["size"]
    screen.press("<F11>")
    screen.root.update()
    assert is_mapped(screen) == [False, False, True]
    assert font.actual()["size"] > size
    assert screen.layout.caption.field.winfo_ismapped()
    assert not str(screen.root.cget("menu"))
    # The colours change without the menu in sight, too.
    screen.press("<Control-d>", "<Control-d>", "<Escape>")
    screen.root.update()
    assert is_mapped(screen) == [True, True, True]
    assert font.actual()["size"] == size
    assert str(screen.root.cget("menu")) == ".menu"
    screen.press("<F11>", "<F11>")
    assert is_mapped(screen) == [True, True, True]


def test_a_slide_show_reads_each_caption_once(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presenting, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(presenting, "_LETTERS_PER_SECOND", 1000)
    monkeypatch.setattr(presenting, "_LOOK_MILLISECONDS", 20)
    folder = picture_folder(3)
    (folder / "p2.jpg").rename(folder / "bad2.jpg")
    screen = show()
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.session.has_several())
    screen.press("<Home>", "<Shift-F11>")
    assert screen.controllers.presenting.is_full
    screen.until(lambda: screen.status == strings.SHOW_IS_OVER)
    # One that cannot be read is passed over.
    assert said == ["A p1.", "A p3."]
    assert not screen.controllers.presenting.is_full
    assert is_mapped(screen) == [True, True, True]


def test_escape_ends_the_slide_show(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    said: list[str],
) -> None:
    screen = show()
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Shift-F11>")
    screen.until(lambda: said == ["A p1."])
    screen.press("<Escape>")
    assert not screen.controllers.presenting.is_showing
    assert not screen.controllers.presenting.is_full
    assert screen.session.album.index == 0


def test_ctrl_w_closes_the_window(screen: Screen) -> None:
    screen.press("<Control-w>")
    assert not screen.is_alive
