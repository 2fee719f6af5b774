"""Opens thousands of pictures by keyboard, with captions and speech, in one window.

Watches the memory of the process and the latency of its event loop, and looks for child
processes that are left. Prints a Markdown table; fails where a target is missed.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
import tempfile
import time
import tkinter
from pathlib import Path
from typing import TYPE_CHECKING

from window_opening import screen

if TYPE_CHECKING:
    from gui.window import Window

_WARM_UP = 200
_TICK_MILLISECONDS = 5
_PATIENCE_SECONDS = 30
_RUN_SECONDS = 15
_TARGETS = {"growth": 30.0, "p99": 50.0}
# Stands for a player of sound where there is no sound device; it takes as long.
_PLAYER = """#!{python}
import sys, time, wave
with wave.open(sys.argv[-1]) as sound:
    time.sleep(min(1.0, sound.getnframes() / sound.getframerate()))
"""


class Latency:
    """Measures how late the event loop of a window is.

    Args:
        root: The window.

    Attributes:
        late: By how many milliseconds each tick came late.
    """

    def __init__(self, root: tkinter.Tk) -> None:
        self.late: list[float] = []
        self._root = root
        self._due = 0.0
        self._plan()

    def percentile(self, percent: float) -> float:
        """Give the lateness that so many percent of the ticks stay below."""
        return sorted(self.late)[int(len(self.late) * percent / 100)]

    def _plan(self) -> None:
        self._due = time.perf_counter() + _TICK_MILLISECONDS / 1000
        self._root.after(_TICK_MILLISECONDS, self._tick)

    def _tick(self) -> None:
        self.late.append(1000 * (time.perf_counter() - self._due))
        self._plan()


def main() -> int:
    """Open the pictures and print; the exit status is 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="has more than --count pictures")
    parser.add_argument("--count", type=int, default=2000, help="pictures to open")
    parser.add_argument("--silent", action="store_true", help="without speech")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, screen():
        _live_in(Path(temporary))
        return _soak(options.folder, options.count, not options.silent)


def _live_in(folder: Path) -> None:
    """Keep settings and captions of this run apart, and have a player of sound."""
    os.environ["IMAGECAP_SETTINGS"] = str(folder / "settings.json")
    os.environ["IMAGECAP_LIBRARY"] = str(folder / "captions.db")
    player = folder / "aplay"
    player.write_text(_PLAYER.format(python=sys.executable))
    player.chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


def _soak(folder: Path, count: int, aloud: bool) -> int:
    from gui.widgets import theme
    from gui.window import Window
    from imagecap.model.captioner import Captioner

    root = theme.create_root()
    window = Window(root, Captioner.load)
    raised: list[BaseException] = []
    root.report_callback_exception = lambda kind, error, _: raised.append(error)
    root.deiconify()
    root.update()
    root.focus_force()
    window.load()
    session = window.session
    window.controllers.opening.open([folder])
    if aloud:
        window.controllers.speaking.automatic.set(True)
    _until(root, session.has_caption)
    latency = Latency(root)
    opened, captions = 1, set()
    memory: list[float] = []
    start = time.perf_counter()
    turns_back = False
    while opened < count:
        root.event_generate("<Left>" if turns_back else "<Right>")
        if session.album.index in (0, len(session.album.shown) - 1):
            turns_back = not turns_back
        _until(root, session.has_caption)
        captions.add(session.text)
        opened += 1
        if opened % 50 == 0:
            gc.collect()
            memory.append(_megabytes())
            if opened % 500 == 0:
                print(f"{opened} {memory[-1]:.0f} MB", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - start
    before = memory[_WARM_UP // 50 - 1]
    growth = memory[-1] - before
    p99, median = latency.percentile(99), latency.percentile(50)
    latest, ticks = max(latency.late), len(latency.late)
    latency.late.clear()
    per_second = _caption_folder(root, window, aloud)
    run_p99 = latency.percentile(99)
    window.close()
    time.sleep(0.5)
    left = _children()
    print(
        f"\n{opened:,} pictures by keyboard, {seconds:.0f} s, captions "
        f"{'read aloud' if aloud else 'not read aloud'}; {len(captions):,} different "
        "captions.\n"
    )
    print("| what | found | target |\n|---|---|---|")
    print(f"| memory after the first {_WARM_UP} | {before:.0f} MB | |")
    print(f"| growth after them | {growth:.1f} MB | < {_TARGETS['growth']:g} MB |")
    print(
        f"| event loop late by, median | {median:.1f} ms | |\n"
        f"| 99th percentile | {p99:.1f} ms | < {_TARGETS['p99']:g} ms |\n"
        f"| latest of {ticks:,} ticks | {latest:.0f} ms | |\n"
        f"| 99th percentile while a folder is captioned ({per_second:.0f} pictures a "
        f"second) | {run_p99:.1f} ms | < {_TARGETS['p99']:g} ms |"
    )
    print(f"| processes left | {len(left)} | 0 |")
    print(f"| exceptions in callbacks | {len(raised)} | 0 |")
    missed = growth >= _TARGETS["growth"] or max(p99, run_p99) >= _TARGETS["p99"]
    return int(bool(missed or left or raised))


def _caption_folder(root: tkinter.Tk, window: Window, aloud: bool) -> float:
    """Caption a whole folder for a while, speaking; return the pictures a second."""
    root.event_generate("<F5>")
    end = time.monotonic() + _RUN_SECONDS
    captioning, speaking = window.controllers.captioning, window.controllers.speaking
    while time.monotonic() < end and captioning.is_running:
        if aloud and not speaking.is_speaking:
            root.event_generate("<Control-Return>")
        root.update()
        time.sleep(0.001)
    progress = window.layout.run_bar.text
    captioning.cancel()
    found = re.search(r"(\d+) per second", progress)
    return float(found[1]) if found else 0.0


def _until(root: tkinter.Tk, condition: object) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise TimeoutError("The window has no caption yet.")
        root.update()
        time.sleep(0.001)


def _megabytes() -> float:
    """Tell the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _children() -> list[str]:
    """Name the child processes but the screen."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if int(rest.split()[1]) == os.getpid() and name != "Xvfb":
            found.append(name)
    return found


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(main())
