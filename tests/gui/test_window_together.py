"""What happens around an open window: another window, the disk, the system."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from screen import Screen
from training_runs import full_disk

from gui import strings
from imagecap.library.store import Library, LibraryError, library_path
from imagecap.settings import Settings, change_settings, load_settings

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def other() -> Iterator[Library]:
    """The library as another window has it."""
    with closing(Library(library_path())) as library:
        yield library


def begin_to_write(screen: Screen, text: str) -> None:
    screen.press("<F2>")
    screen.layout.caption.field.delete("1.0", "end")
    screen.write(text)


def write(screen: Screen, text: str) -> None:
    begin_to_write(screen, text)
    screen.press("<Return>")


def test_a_window_shows_what_another_one_writes(screen: Screen, other: Library) -> None:
    picture = screen.session.picture
    other.keep_human(picture, "Rex.")
    screen.until(lambda: screen.caption == "Rex.")
    assert screen.layout.details.cget("text") == strings.BY_YOU
    write(screen, "Max.")
    screen.until(lambda: other.human(picture) == "Max.")
    other.keep_human(picture, None)
    screen.until(lambda: screen.caption == "A dog.")


def test_what_another_window_wrote_is_not_replaced_unseen(
    screen: Screen, other: Library
) -> None:
    picture = screen.session.picture
    begin_to_write(screen, "Max.")
    other.keep_human(picture, "Rex.")
    screen.until(lambda: screen.session.kept.human(picture) == "Rex.")
    assert screen.caption == "Max."
    screen.press("<Return>")
    screen.until(lambda: strings.REDO_REPLACES in screen.status)
    assert "written “Rex.”, which stays; “Max.” was not kept" in screen.status
    assert (screen.caption, other.human(picture)) == ("Rex.", "Rex.")
    screen.press("<Control-y>")
    screen.until(lambda: other.human(picture) == "Max.")
    assert screen.caption == "Max."


def test_a_choice_does_not_replace_what_is_not_shown_yet(
    screen: Screen, other: Library
) -> None:
    picture = screen.session.picture
    other.keep_human(picture, "Rex.")
    # The second one before the window has heard of what became of the first.
    focused = screen.root.tk.call("focus")
    for key in ("<Key-2>", "<Key-3>"):
        screen.root.tk.call("event", "generate", focused, key)
    screen.until(lambda: screen.caption == "Rex.")
    assert "“One dog.” was not kept" in screen.status
    assert other.human(picture) == "Rex."


def test_undo_leaves_what_another_window_wrote(screen: Screen, other: Library) -> None:
    picture = screen.session.picture
    write(screen, "Rex.")
    screen.until(lambda: other.human(picture) == "Rex.")
    other.keep_human(picture, "Max.")
    screen.until(lambda: screen.caption == "Max.")
    screen.press("<Control-z>")
    screen.until(lambda: strings.REDO_REPLACES in screen.status)
    assert (screen.caption, other.human(picture)) == ("Max.", "Max.")


def test_leaving_the_caption_as_it_was_shows_what_was_written_meanwhile(
    screen: Screen, other: Library
) -> None:
    screen.press("<F2>")
    other.keep_human(screen.session.picture, "Rex.")
    screen.until(lambda: screen.session.text == "Rex.")
    screen.press("<Escape>")
    assert screen.caption == "Rex."


def test_what_could_not_be_kept_is_in_nobodys_way(
    screen: Screen, other: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LibraryError("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(Library, "keep_human", fail)
        screen.press("<Key-2>")
        screen.until(lambda: screen.status == "The disk is full.")
    screen.press("<Key-3>")
    screen.until(lambda: other.human(screen.session.picture) == "One dog.")
    assert screen.caption == "One dog."


def test_settings_damaged_meanwhile_are_what_the_window_has(
    show: Callable[..., Screen], settings_file: Path
) -> None:
    change_settings(rate=200, theme="dark")
    screen = show()
    settings_file.write_text('{"theme": "dark", "rate')
    screen.session.settings.change(hedging=False)
    screen.until(lambda: f"{settings_file} are damaged" in screen.status)
    assert "What was in force stays" in screen.status
    assert load_settings() == (Settings(rate=200, theme="dark", hedging=False), "")


def test_a_disk_that_fills_up_during_a_run_loses_nothing(
    show: Callable[..., Screen],
    picture_folder: Callable[[int], Path],
    library_file: Path,
    other: Library,
) -> None:
    screen = show()
    folder = picture_folder(60)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    write(screen, "Rex.")
    screen.until(lambda: other.human(folder / "p1.jpg") == "Rex.")
    with full_disk(library_file.with_name("captions.db-wal").stat().st_size + 30_000):
        screen.press("<F5>")
        screen.until(lambda: not screen.controllers.captioning.is_running)
    assert f"could not be kept in {library_file}" in screen.status
    screen.press("<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    assert screen.status == strings.FOLDER_DONE.format(pictures="60 pictures")
    assert other.human(folder / "p1.jpg") == "Rex."


def test_pictures_that_vanish_are_said_one_by_one(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path], tmp_path: Path
) -> None:
    screen = show()
    folder = picture_folder(8)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    for picture in folder.iterdir():
        picture.unlink()
    folder.rmdir()
    keys = ("<Key-2>", "<Control-plus>", "<Control-t>", "<F5>", "<Control-z>")
    screen.press(*keys, "<Control-0>", "<Next>")
    screen.until(lambda: screen.session.problem or screen.session.described)
    screen.press("<End>")
    screen.until(lambda: "p8.jpg" in screen.caption)
    assert screen.caption == f"There is no file {folder / 'p8.jpg'}."
    screen.until(lambda: not screen.controllers.captioning.is_running)
    assert screen.raised == []


@pytest.fixture
def window(display: str, picture: Callable[..., Path]) -> Iterator[subprocess.Popen]:
    """A window of its own process, in which a caption is being written."""
    code = """
        import signal, sys
        from pathlib import Path
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        sys.path.insert(0, "tests")
        from screen import StandIn
        from imagecap.start import start
        from gui import app

        app._load_captioner = lambda _: StandIn()

        def begin(window):
            if window.session.has_caption() and window.session.kept.library:
                window.controllers.captions.edit()
                window.layout.caption.field.insert("end", " Rex.")
                print("ready", flush=True)
            else:
                window.root.after(10, begin, window)

        from gui import window as module
        load = module.Window.load
        module.Window.load = lambda self: (load(self), begin(self))
        start(lambda: app.main([sys.argv[1]]))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(picture())],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    assert process.stdout and process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_window_that_the_system_ends_keeps_what_is_being_written(
    window: subprocess.Popen, number: signal.Signals, tmp_path: Path, other: Library
) -> None:
    window.send_signal(number)
    _, errors = window.communicate(timeout=PATIENCE_SECONDS)
    assert errors == ""
    assert window.returncode == 128 + number
    assert other.human(tmp_path / "dog.png") == "A dog. Rex."
