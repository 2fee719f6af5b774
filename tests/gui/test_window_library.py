"""The library behind the real window: never waited for, and nothing lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import wraps
from pathlib import Path
from tkinter import messagebox

import pytest
from screen import Screen

from gui import strings
from imagecap.library import store
from imagecap.library.store import Library, LibraryError, library_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls of a library that fails where it is called on Tk's thread."""
    window_thread = threading.current_thread()
    calls: list[str] = []

    def watched(name: str, method: Callable[..., object]) -> Callable[..., object]:
        @wraps(method)
        def call(*arguments: object, **named: object) -> object:
            assert threading.current_thread() is not window_thread, name
            calls.append(name)
            return method(*arguments, **named)

        return call

    methods = {
        name: watched(name, method)
        for layer in reversed(Library.__mro__[:-1])
        for name, method in vars(layer).items()
        if callable(method)
    }
    monkeypatch.setattr(store, "Library", type("Watched", (Library,), methods))
    return calls


def test_no_call_of_the_library_is_made_by_the_windows_thread(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    choose: Callable[..., list[dict]],
    calls: list[str],
    tmp_path: Path,
) -> None:
    folder = picture_folder(12)
    (folder / "p3.txt").write_text("Rex.\n")
    screen = show()
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Key-2>")
    assert screen.caption == "The p1."
    screen.press("<F2>")
    screen.write("x")
    screen.press("<Return>", "<Control-z>", "<Control-y>", "<Control-BackSpace>")
    assert screen.caption == "A p1."
    screen.press("<Next>", "<Next>")
    screen.until(lambda: screen.caption == "Rex.")
    screen.press("<Control-f>")
    screen.write("rex")
    found = strings.FOUND.format(count=1, pictures="12 pictures")
    # Those farther away have not been described by now.
    screen.until(lambda: screen.status.startswith(f"{found}. Without a caption yet: "))
    screen.press("<Escape>", "<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    choose("asksaveasfilename", tmp_path / "captions.csv")
    screen.press("<Control-e>")
    screen.until(lambda: "12 captions" in screen.status)
    choose("askopenfilename", tmp_path / "captions.csv")
    screen.press("<Control-i>")
    done = strings.IMPORTED.format(captions="11 captions", kept=1)
    screen.until(lambda: screen.status == done)
    screen.press("<Control-s>")
    screen.until(lambda: screen.status == strings.SAVED.format(name="p3.txt"))
    screen.window.close()
    assert set(calls) >= {
        "__init__",
        "keep_model_captions",
        "keep_human",
        "model_caption",
        "is_model_caption",
        "entries",
        "search",
        "close",
    }


def slowly(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    keep = Library.keep_human

    def keep_slowly(*kept: object) -> None:
        time.sleep(seconds)
        keep(*kept)

    monkeypatch.setattr(Library, "keep_human", keep_slowly)


def test_what_is_written_is_shown_at_once_and_kept_before_the_window_closes(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch, 0.4)
    path = screen.session.picture
    start = time.monotonic()
    for key in ("<Key-2>", "<Key-1>", "<Key-3>"):
        screen.press(key)
    assert screen.caption == "One dog."
    assert screen.layout.details.cget("text") == strings.BY_YOU
    assert time.monotonic() - start < 0.4
    screen.window.close()
    with closing(Library(library_path())) as library:
        assert library.human(path) == "One dog."


def fail(*_: object) -> None:
    raise LibraryError("The disk is full.")


def test_what_cannot_be_kept_is_said_and_goes_on_to_be_shown(
    show: Callable[..., Screen],
    picture: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = show()
    path = picture()
    screen.open(path)
    monkeypatch.setattr(Library, "keep_human", fail)
    screen.press("<Key-2>")
    screen.until(lambda: screen.status == "The disk is full.")
    assert screen.caption == "The dog."
    screen.open(picture("cat.png"))
    screen.open(path)
    assert screen.caption == "The dog."


def test_what_cannot_be_kept_at_the_end_is_said_before_the_window_is_gone(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        messagebox, "showerror", lambda **how: told.append(how["message"])
    )
    monkeypatch.setattr(Library, "keep_human", fail)
    screen.press("<F2>")
    screen.write("x")
    screen.window.close()
    assert told == ["The disk is full."]


def test_a_library_that_cannot_be_opened_is_said_and_the_model_goes_on(
    show: Callable[..., Screen], picture: Callable[..., Path], library_file: Path
) -> None:
    library_file.mkdir(parents=True)
    screen = show()
    screen.until(lambda: f"{library_file} is a folder" in screen.status)
    screen.open(picture())
    assert screen.caption == "A dog."
    screen.press("<F2>", "<Key-2>")
    assert screen.caption == "A dog."


def test_the_kept_caption_of_a_neighbour_is_the_first_that_is_shown(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = picture_folder(5)
    with closing(Library(library_path())) as library:
        library.keep_human(folder / "p2.jpg", "Rex.")
    screen = show()
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    shown: list[str] = []
    show_caption = screen.layout.caption.show
    monkeypatch.setattr(
        screen.layout.caption,
        "show",
        lambda *caption: (show_caption(*caption), shown.append(screen.caption)),
    )
    screen.press("<Right>")
    assert set(shown) == {"Rex."}
    screen.until(lambda: screen.session.described)
    assert set(shown) == {"Rex."}
