"""Files chosen in our own dialog, where the desktop has none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tkinter import messagebox

import pytest
from screen import Screen

from gui import dialog_strings
from gui.widgets import file_dialogs
from gui.widgets.file_chooser import FileChooser


@pytest.fixture
def chooser(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Screen, Callable[..., None], Path]:
    """A window with three pictures; presses a key, then others in the dialog."""
    monkeypatch.setattr(file_dialogs, "has_system_dialogs", lambda _: False)
    folder = picture_folder(3)
    (folder / "notes.txt").write_text("no picture")
    (folder / "more").mkdir()
    (folder / "more" / "p9.jpg").write_bytes((folder / "p1.jpg").read_bytes() + b"9")
    screen = show()
    screen.controllers.opening.open([folder / "p2.jpg"])
    screen.until(lambda: screen.caption == "A p2.")

    def ask(key: str, *answers: str | Callable[[FileChooser], object]) -> None:
        def answer() -> None:
            there = screen.root.winfo_children()
            dialog = next((one for one in there if isinstance(one, FileChooser)), None)
            if dialog is None:
                screen.root.after(20, answer)
                return
            try:
                for one in answers:
                    if isinstance(one, str):
                        screen.press(one)
                    else:
                        one(dialog)
            finally:
                # Else what failed would never be told.
                if screen.is_alive and dialog.winfo_exists():
                    dialog.destroy()

        screen.root.after(20, answer)
        screen.press(key)

    return screen, ask, folder


def test_pictures_are_chosen_by_keys_with_a_look_at_them(
    chooser: tuple[Screen, Callable[..., None], Path],
) -> None:
    screen, ask, _ = chooser
    seen: list[object] = []

    def look(dialog: FileChooser) -> None:
        rows = dialog.rows.get_children()
        assert rows == ("more", "p1.jpg", "p2.jpg", "p3.jpg")
        screen.until(lambda: dialog.preview.cget("image"))
        seen.append(dialog.preview.cget("image"))

    # The first of the folder that is marked, then one picture and one more.
    ask("<Control-o>", look, "<Down>", look, "<Shift-Down>", "<Return>")
    screen.until(lambda: screen.caption == "A p1.")
    assert [path.name for path in screen.session.album.pictures] == ["p1.jpg", "p2.jpg"]
    ask("<Control-o>", "<Control-a>", "<Return>")
    screen.until(lambda: len(screen.session.album.pictures) == 3)
    assert len(seen) == 2
    ask("<Control-o>", "<Escape>")
    assert len(screen.session.album.pictures) == 3


def test_a_folder_is_chosen(chooser: tuple[Screen, Callable[..., None], Path]) -> None:
    screen, ask, folder = chooser
    # Into the folder in it and out again, where it is marked; then its letter finds it.
    ask("<Control-O>", "<Down>", "<Return>", "<BackSpace>", "<Return>", "<Return>")
    screen.until(lambda: screen.caption == "A p9.")
    assert screen.session.album.pictures == (folder / "more" / "p9.jpg",)


def test_a_path_is_written(chooser: tuple[Screen, Callable[..., None], Path]) -> None:
    screen, ask, folder = chooser

    def write(path: Path) -> Callable[[FileChooser], None]:
        def into(dialog: FileChooser) -> None:
            dialog.field.focus_force()
            dialog.field.delete(0, "end")
            dialog.field.insert(0, str(path))
            screen.press("<Return>")

        return into

    def told(dialog: FileChooser) -> None:
        said = dialog_strings.NOT_THERE.format(name=folder / "gone.jpg")
        assert dialog.message.cget("text") == said

    ask("<Control-o>", write(folder / "gone.jpg"), told, write(folder / "p3.jpg"))
    screen.until(lambda: screen.caption == "A p3.")
    # A path can be begun where the files are.
    ask("<Control-o>", *(f"<{name}>" for name in _keys(folder / "more" / "p9.jpg")))
    screen.until(lambda: screen.caption == "A p9.")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows")
def test_a_file_that_is_there_is_replaced_only_after_a_question(
    chooser: tuple[Screen, Callable[..., None], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, ask, folder = chooser
    (folder / "captions.csv").write_text("mine")
    asked: list[str] = []
    monkeypatch.setattr(
        messagebox, "askokcancel", lambda **how: asked.append(how["message"])
    )
    ask("<Control-e>", "<Return>", "<Escape>")
    assert asked == [dialog_strings.REPLACE_FILE.format(name="captions.csv")]
    assert (folder / "captions.csv").read_text() == "mine"


def test_it_is_heard_and_the_window_may_be_closed_meanwhile(
    chooser: tuple[Screen, Callable[..., None], Path], said: list[str]
) -> None:
    screen, ask, _ = chooser
    screen.press("<Control-Shift-V>")

    def hear(words: str) -> Callable[[FileChooser], None]:
        return lambda _: screen.until(lambda: any(words in one for one in said))

    heard = (
        f"{dialog_strings.OPEN_TITLE} {dialog_strings.FILES_TO_CHOOSE}",
        "p1.jpg",
        "2 marked",
    )
    ask(
        "<Control-o>",
        hear(heard[0]),
        *("<Down>", hear(heard[1]), "<Shift-Down>", hear(heard[2])),
        lambda _: screen.window.close(),
    )
    assert not screen.is_alive


def _keys(path: Path) -> list[str]:
    names = {"/": "slash", "-": "minus", "_": "underscore", ".": "period"}
    return [f"Key-{names.get(one, one)}" for one in str(path)] + ["Return"]
