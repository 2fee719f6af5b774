"""Times the opening of the window, on the screen there is or on one nobody sees."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 0.01

# The real window, which also says when it has been drawn and when its caption has.
# It looks every few milliseconds, so it costs next to nothing.
_WITNESS = """
import sys
import gui.window

class Witness(gui.window.Window):
    def load(self):
        print("drawn", flush=True)
        super().load()
        self.look()

    def look(self):
        text = self.layout.caption.text
        if text:
            self.layout.caption.update_idletasks()
            print(text, flush=True)
        else:
            self.root.after(5, self.look)

gui.window.Window = Witness
from gui.app import main
sys.exit(main(sys.argv[1:]))
"""


def what_is_missing() -> str | None:
    """Name a program that is needed and not there."""
    needed = ["xdotool"] if "DISPLAY" in os.environ else ["xdotool", "Xvfb"]
    return next((name for name in needed if not shutil.which(name)), None)


@contextmanager
def screen() -> Iterator[None]:
    """Have a screen: the one there is, else Xvfb's."""
    if "DISPLAY" in os.environ:
        yield
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            os.environ["DISPLAY"] = f":{numbers.readline().strip()}"
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait()


def seconds_until_visible(image: Path, model: str) -> float:
    """Time from the start of `run_gui.py` until X counts its window as viewable.

    The screen is searched again and again, so the result is late by up to 20 ms.
    """
    before = _visible_windows()
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "run_gui.py", str(image), "--model", model], cwd=_REPOSITORY
    )
    try:
        while not _visible_windows() - before:
            if process.poll() is not None:
                raise RuntimeError(f"The window ended: status {process.returncode}.")
            if time.perf_counter() - start > _PATIENCE_SECONDS:
                raise TimeoutError(f"No window in {_PATIENCE_SECONDS} seconds.")
            time.sleep(_PAUSE_SECONDS)
        return time.perf_counter() - start
    finally:
        _end(process)


def seconds_until_drawn_and_captioned(
    image: Path, model: str
) -> tuple[float, float, str]:
    """Time from the start until the window is drawn, and until its caption is.

    Returns:
        Both times, and what the window then says of the picture.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _WITNESS, str(image), "--model", model],
        cwd=_REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = process.stdout.readline()
        drawn = time.perf_counter() - start
        caption = process.stdout.readline().strip()
        captioned = time.perf_counter() - start
        if said != "drawn\n" or not caption:
            raise RuntimeError("The window ended before it showed a caption.")
        return drawn, captioned, caption
    finally:
        _end(process)


def _visible_windows() -> set[str]:
    search = ["xdotool", "search", "--onlyvisible", "--class", "Imagecap"]
    found = subprocess.run(search, capture_output=True, text=True, check=False)
    return set(found.stdout.split())


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()
    if process.stdout:
        process.stdout.close()
