"""What other programs hand to the real window: copied and dropped files, pictures."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tkinter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image
from screen import Screen

from gui import strings
from gui.services.clipboard import existing_paths
from imagecap.settings import load_settings

NAMES = ("my dog.png", "ein {Hünd}chen.png", "100%25 'real' #1.png", "[a] $x \\.png")


@pytest.fixture
def copy(display: str) -> Iterator[Callable[[Screen, str, bytes], None]]:
    """Has another program own the clipboard, and with it content of one kind."""
    if not shutil.which("xclip"):
        pytest.skip("needs xclip")
    owners: list[subprocess.Popen[bytes]] = []

    def offered(screen: Screen) -> list[str]:
        try:
            return str(screen.root.clipboard_get(type="TARGETS")).split()
        except tkinter.TclError:
            return []

    def copy(screen: Screen, kind: str, content: bytes) -> None:
        command = ["xclip", "-quiet", "-selection", "clipboard", "-t", kind, "-i"]
        # What it says while it waits is of no interest.
        owner = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        owners.append(owner)
        owner.stdin.write(content)
        owner.stdin.close()
        screen.until(lambda: kind in offered(screen))

    yield copy
    for owner in owners:
        owner.terminate()
        owner.wait()


@pytest.mark.parametrize("form", ["{path}", '"{path}"', "file://{path}", "{path}\n"])
def test_a_path_is_pasted(
    show: Callable[..., Screen], picture: Callable[..., Path], form: str
) -> None:
    screen = show()
    path = picture("my dog.png")
    text = form.format(path=path)
    if form.startswith("file"):
        text = text.replace(" ", "%20")
    screen.root.clipboard_clear()
    screen.root.clipboard_append(text)
    screen.press("<Control-v>")
    screen.until(lambda: screen.caption == "A my dog.")


def test_a_picture_is_pasted(
    show: Callable[..., Screen],
    programs: Path,
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("XDG_SESSION_TYPE", "x11")
    path = picture()
    program = programs / "xclip"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        f"sys.stdout.buffer.write(open({str(path)!r}, 'rb').read())\n"
    )
    program.chmod(0o755)
    screen = show()
    screen.root.clipboard_clear()
    screen.click(screen.layout.paste_button)
    screen.until(lambda: screen.caption == "A pasted.")
    screen.until(lambda: screen.layout.picture.shown_size)
    pasted = screen.session.picture
    assert pasted.exists()
    screen.window.close()
    assert not pasted.parent.exists()


def test_nothing_to_paste_is_said(
    show: Callable[..., Screen], programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    screen = show()
    screen.root.clipboard_clear()
    screen.root.clipboard_append("no such file")
    screen.press("<Control-v>")
    screen.until(lambda: screen.status == strings.CLIPBOARD_PROGRAM)


def urls(*paths: Path) -> list[str]:
    return [f"file://{quote(str(path))}" for path in paths]


@pytest.mark.parametrize(
    ("kind", "before", "between"),
    [
        ("text/uri-list", "", "\r\n"),
        ("x-special/gnome-copied-files", "copy\n", "\n"),
        ("UTF8_STRING", "x-special/nautilus-clipboard\ncopy\n", "\n"),
    ],
)
def test_files_copied_in_a_file_manager_are_pasted(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    copy: Callable[[Screen, str, bytes], None],
    kind: str,
    before: str,
    between: str,
) -> None:
    pictures = [picture(name) for name in NAMES]
    screen = show()
    copy(screen, kind, (before + between.join(urls(*pictures))).encode())
    screen.press("<Control-v>")
    screen.until(lambda: screen.session.album.pictures == tuple(pictures))
    screen.until(lambda: screen.caption == "A my dog.")


def test_a_copied_folder_is_pasted(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    copy: Callable[[Screen, str, bytes], None],
) -> None:
    screen = show()
    # The zero comes with it from PCManFM.
    copy(screen, "text/uri-list", f"{urls(picture_folder(3))[0]}\r\n\0".encode())
    screen.press("<Control-v>")
    screen.until(lambda: screen.caption == "A p1.")
    assert screen.status == strings.PLACE.format(place=1, count=3)


def test_a_copied_picture_is_pasted_and_its_text_goes_where_it_stays(
    show: Callable[..., Screen],
    copy: Callable[[Screen, str, bytes], None],
    choose: Callable[..., list[dict]],
    tmp_path: Path,
) -> None:
    large = tmp_path / "large.png"
    Image.effect_noise((1500, 1000), 60).convert("RGB").save(large)
    screen = show()
    copy(screen, "image/png", large.read_bytes())
    screen.press("<Control-v>")
    screen.until(lambda: screen.caption == "A pasted.")
    screen.until(lambda: screen.layout.picture.shown_size)
    with Image.open(screen.session.picture) as pasted, Image.open(large) as copied:
        assert pasted.tobytes() == copied.tobytes()
    asked = choose("asksaveasfilename", tmp_path / "kept.txt")
    screen.press("<Control-s>")
    screen.until(lambda: screen.status == strings.SAVED.format(name="kept.txt"))
    assert asked[0]["initialfile"] == "pasted.txt"
    screen.window.close()
    assert (tmp_path / "kept.txt").read_text() == "A pasted.\n"


@pytest.mark.parametrize(
    "text", ["word " * 100, "x" * 5000, "\0", "~nobody/dog.png", "file:%00"]
)
def test_text_that_can_be_no_path_is_none(text: str) -> None:
    assert existing_paths(text) == []


@pytest.mark.parametrize("host", ["", "//", "//localhost", "//elsewhere.example"])
def test_a_url_may_name_a_host_or_none(tmp_path: Path, host: str) -> None:
    assert existing_paths(f"file:{host}{tmp_path}") == [tmp_path]


def test_a_name_that_is_no_utf_8_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "h\udce4.png"
    path.touch()
    assert existing_paths(f"file://{tmp_path}/h%E4.png") == [path]
    assert load_settings()[0].recent_files == ()


def drop(screen: Screen, *names: str) -> None:
    """Do what tkdnd does once it has made names of what the other program gave."""
    body = screen.layout.body
    command, *fields = screen.root.tk.splitlist(
        str(screen.root.tk.call("bind", body, "<<Drop>>"))
    )
    data = screen.root.tk.call("list", *names)
    dropped = {"%D": data, "%A": "copy", "%W": str(body)}
    screen.root.tk.call(command, *(dropped.get(field, "0") for field in fields))


def test_pictures_and_folders_can_be_dropped(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    picture_folder: Callable[[int], Path],
) -> None:
    pytest.importorskip("tkinterdnd2")
    screen = show()
    pictures = [picture(name) for name in NAMES]
    folder = picture_folder(2)
    drop(screen, *map(str, pictures), str(folder))
    expected = (*pictures, folder / "p1.jpg", folder / "p2.jpg")
    screen.until(lambda: screen.session.album.pictures == expected)


@pytest.mark.parametrize("form", ["localhost{path}", "file:{path}"])
def test_urls_that_tkdnd_does_not_know_are_dropped(
    show: Callable[..., Screen], picture: Callable[..., Path], form: str
) -> None:
    pytest.importorskip("tkinterdnd2")
    screen = show()
    drop(screen, form.format(path=picture("a dog.png")))
    screen.until(lambda: screen.caption == "A a dog.")


def test_what_tkdnd_makes_of_a_list_of_urls_is_understood(
    show: Callable[..., Screen], picture: Callable[..., Path]
) -> None:
    pytest.importorskip("tkinterdnd2")
    screen = show()
    pictures = [picture(name) for name in NAMES]
    # As it came from the other program: a number for each byte.
    content = "".join(f"{url}\r\n" for url in urls(*pictures)).encode()
    numbers = " ".join(map(hex, content))
    names = screen.root.tk.call(
        "::tkdnd::xdnd::normalise_data", "text/uri-list", numbers
    )
    drop(screen, *screen.root.tk.splitlist(names))
    screen.until(lambda: screen.session.album.pictures == tuple(pictures))


def test_an_address_of_the_internet_that_is_dropped_is_told(
    show: Callable[..., Screen],
) -> None:
    pytest.importorskip("tkinterdnd2")
    screen = show()
    address = "https://example.org/dog.jpg"
    drop(screen, address)
    told = strings.NOT_A_PATH.format(text=address)
    screen.until(lambda: screen.status == told)
