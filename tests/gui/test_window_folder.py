"""Whole folders captioned in the real window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from patience import PATIENCE_SECONDS
from screen import Screen, StandIn, texts

from gui import strings
from gui.widgets.run_bar import progress_sentence
from imagecap.library.batch import BatchProgress
from imagecap.library.store import Library, library_path
from imagecap.pictures.folders import pictures_in

REPOSITORY = Path(__file__).parents[2]


def test_all_pictures_get_captions_and_bad_ones_are_listed(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show(StandIn(lambda _: time.sleep(0.005)))
    folder = picture_folder(60)
    (folder / "bad.jpg").write_bytes(b"no picture")
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.session.has_several())
    screen.press("<Right>")
    screen.until(lambda: screen.caption)
    screen.press("<F5>")
    run, captioning = screen.layout.run_bar, screen.controllers.captioning
    screen.until(run.winfo_ismapped)
    screen.until(lambda: strings.PER_SECOND.split()[-1] in run.label.cget("text"))
    screen.until(lambda: not captioning.is_running)
    assert screen.status == (
        strings.FOLDER_DONE.format(pictures="60 pictures")
        + " "
        + strings.FOLDER_FAILED.format(failed=1)
    )
    assert not run.winfo_ismapped()
    screen.press("<F8>")
    dialog = screen.dialog()
    assert f"{folder / 'bad.jpg'} is no picture." in texts(dialog)
    dialog.focus_force()
    screen.press("<Escape>")
    assert not dialog.winfo_exists()
    assert kept(pictures_in(folder)) == 60


def test_held_ended_and_gone_on_with(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    captioner = StandIn(lambda _: time.sleep(0.01))
    screen = show(captioner)
    screen.controllers.opening.open([picture_folder(100)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F5>")
    run, captioning = screen.layout.run_bar, screen.controllers.captioning
    screen.until(lambda: run.bar.cget("value"))
    screen.click(run.pause_button)
    assert strings.PAUSED in run.label.cget("text")
    assert run.pause_button.cget("text") == strings.GO_ON
    screen.until(lambda: _stands_still(screen, captioner))
    screen.press("<F6>")
    asked = len(captioner.asked)
    screen.until(lambda: len(captioner.asked) > asked)
    start = time.monotonic()
    screen.press("<Escape>")
    assert not captioning.is_running
    assert time.monotonic() - start < 1
    assert screen.status.startswith("Stopped after")
    screen.until(lambda: _stands_still(screen, captioner))
    once = len(captioner.asked)
    assert once < 100
    screen.press("<F5>")
    screen.until(lambda: not captioning.is_running)
    assert screen.status == strings.FOLDER_DONE.format(pictures="100 pictures")
    # Only the few around the first picture were asked for twice.
    assert len(captioner.asked) <= 100 + 10


def test_a_run_goes_on_while_other_pictures_are_looked_at(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    may_end = threading.Event()
    screen = show(
        StandIn(lambda path: path.stem < "p3" or may_end.wait(PATIENCE_SECONDS))
    )
    folder = picture_folder(50)
    screen.controllers.opening.open([folder])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F5>")
    screen.until(lambda: screen.controllers.captioning.is_running)
    screen.open(folder / "p2.jpg")
    assert screen.controllers.captioning.is_running
    assert screen.layout.run_bar.winfo_ismapped()
    may_end.set()
    screen.until(lambda: not screen.controllers.captioning.is_running)
    assert screen.status == strings.FOLDER_DONE.format(pictures="50 pictures")
    assert kept(pictures_in(folder)) == 50


def test_f5_captions_what_the_search_shows(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    captioner = StandIn()
    screen = show(captioner)
    screen.controllers.opening.open([picture_folder(30)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<Control-f>")
    screen.write("p2")
    screen.until(lambda: len(screen.session.album.shown) == 11)
    screen.press("<Return>", "<F5>")
    screen.until(
        lambda: screen.status == strings.FOLDER_DONE.format(pictures="11 pictures")
    )
    assert "p30" not in captioner.asked


def test_f8_tells_what_is_so(
    show: Callable[..., Screen], picture_folder: Callable[[int], Path]
) -> None:
    screen = show()
    screen.press("<F8>")
    assert strings.NO_RUN_YET in texts(screen.dialog())
    screen.dialog().destroy()
    screen.controllers.opening.open([picture_folder(3)])
    screen.until(lambda: screen.caption == "A p1.")
    screen.press("<F5>")
    screen.until(lambda: not screen.controllers.captioning.is_running)
    screen.press("<F8>")
    none = strings.NONE_FAILED.format(pictures="3 pictures")
    assert none in texts(screen.dialog())


def test_progress_is_told_in_words() -> None:
    progress = BatchProgress(412, 2000, ((Path("x"), "why"),), 61.0, 0)
    said = progress_sentence(progress, False)
    assert said == "Captioned 412 of 2,000 · 61 per second · 26 s left · 1 failed"
    slow = BatchProgress(0, 10_000, (), 0.5, 0)
    assert "5 h 33 min left" in progress_sentence(slow, False)
    assert progress_sentence(slow, True) == "Captioned 0 of 10,000 · paused"


def test_a_window_killed_in_a_run_loses_nothing(
    display: str, picture_folder: Callable[[int], Path], untrained_bundle: Path
) -> None:
    folder = picture_folder(3000)
    code = """
        import sys
        from gui import app, window

        class Hurried(window.Window):
            def load(self):
                super().load()
                self.begin()

            def begin(self):
                if self.controllers.captioning.can_start():
                    self.root.event_generate("<F5>")
                else:
                    self.root.after(20, self.begin)

        window.Window = Hurried
        sys.exit(app.main(sys.argv[1:]))
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(folder)]
    command += ["--model", str(untrained_bundle)]
    running = subprocess.Popen(command, cwd=REPOSITORY, env=dict(os.environ))
    pictures = pictures_in(folder)
    end = time.monotonic() + PATIENCE_SECONDS
    while kept(pictures) < 50:
        assert time.monotonic() < end
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = kept(pictures)
    assert 50 <= before < 3000
    with closing(Library(library_path())) as library:
        assert library.damaged_copy is None
        known = [entry.machine for entry in library.entries(pictures)]
    assert all(caption is None or caption.endswith(".") for caption in known)


def kept(pictures: list[Path]) -> int:
    if not library_path().exists():
        return 0
    with closing(Library(library_path())) as library:
        return sum(entry.machine is not None for entry in library.entries(pictures))


def _stands_still(screen: Screen, captioner: StandIn) -> bool:
    former = len(captioner.asked)
    end = time.monotonic() + 0.15
    while time.monotonic() < end:
        screen.root.update()
    return len(captioner.asked) == former
