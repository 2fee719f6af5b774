"""Goes through the whole window by keyboard alone, with a screenshot at each step.

The keys are those of the X server, as from a real keyboard. Fails where the window ends
badly, says anything on its error stream, or has not saved what it was told to.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from window_opening import screen

_REPOSITORY = Path(__file__).resolve().parent.parent
_PICTURES = 60
_PAUSE_SECONDS = 0.7


@dataclass(frozen=True)
class Step:
    """One step of the tour.

    Attributes:
        name: What it shows; the name of its screenshot.
        keys: The keys pressed, one after the other, as xdotool calls them; what begins
            with "text:" is typed.
        seconds: How long it takes until there is something to see.
    """

    name: str
    keys: Sequence[str]
    seconds: float = _PAUSE_SECONDS


def _steps(folder: Path) -> list[Step]:
    return [
        Step("empty", [], 2.0),
        Step("sample", ["ctrl+shift+p"], 1.5),
        Step("folder-dialog", ["ctrl+shift+o"]),
        Step("folder", ["ctrl+a", f"text:{folder}", "Return", "Return"], 2.0),
        Step("third-picture", ["Right", "Right"]),
        Step("other-candidate", ["2"]),
        Step("editing", ["F2", "text: And it is sunny."]),
        Step("edited", ["Return"]),
        Step("undone", ["ctrl+z"]),
        Step("zoomed", ["ctrl+plus"] * 5 + ["shift+Right"]),
        Step("whole", ["ctrl+0"]),
        Step("word", ["Right", "Right"]),
        Step("next", ["Next"]),
        Step("menu", ["F10", "Right", "Down"]),
        Step("menu-closed", ["Escape", "Escape"]),
        Step("folder-run", ["F5"], 0.4),
        Step("folder-run-paused", ["F6"]),
        Step("folder-done", ["F6"], 30.0),
        Step("failed-list", ["F8"]),
        Step("failed-list-closed", ["Escape"]),
        Step("search", ["ctrl+f", "text:dog"], 1.2),
        Step("found", ["Return", "Right"]),
        Step("search-cleared", ["ctrl+f", "Escape"]),
        Step("text-saved", ["Home", "ctrl+s"]),
        Step("export-dialog", ["ctrl+e"]),
        Step("exported", ["ctrl+a", f"text:{folder}/tour.csv", "Return"], 1.2),
        Step("command-copied", ["ctrl+shift+c"]),
        Step("speaking", ["ctrl+Return"]),
        Step("silent", ["Escape"]),
        Step("preferences", ["ctrl+comma"], 1.5),
        Step("preferences-closed", ["Escape"]),
        Step("keys", ["F1"]),
        Step("keys-closed", ["Escape"]),
        Step("about", ["shift+F1"]),
        Step("about-closed", ["Escape"]),
        Step("larger-text", ["ctrl+shift+Up", "ctrl+shift+Up"]),
        Step("dark", ["ctrl+shift+Down", "ctrl+shift+Down", "ctrl+d"]),
        Step("self-voicing", ["ctrl+shift+v", "Tab"]),
    ]


def main() -> int:
    """Go through; the exit status is 1 where something was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder of photographs")
    parser.add_argument("output", type=Path, help="a folder for the screenshots")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, screen():
        return _go_through(options.folder, options.output, Path(temporary))


def _go_through(source: Path, output: Path, temporary: Path) -> int:
    folder = temporary / "pictures"
    folder.mkdir()
    pictures = sorted(source.glob("*.jpg"))[:_PICTURES]
    if len(pictures) < _PICTURES:
        sys.exit(f"{source} has {len(pictures)} *.jpg; {_PICTURES} are needed.")
    for picture in pictures:
        shutil.copy(picture, folder)
    (folder / "zz-damaged.jpg").write_bytes(b"no picture")
    environment = {
        **os.environ,
        "IMAGECAP_SETTINGS": str(temporary / "settings.json"),
        "IMAGECAP_LIBRARY": str(temporary / "captions.db"),
    }
    with (temporary / "errors.txt").open("w+") as errors:
        window = subprocess.Popen(
            [sys.executable, "run_gui.py"],
            cwd=_REPOSITORY,
            env=environment,
            stderr=errors,
        )
        _focus()
        for number, step in enumerate(_steps(folder)):
            for key in step.keys:
                _press(key)
            time.sleep(step.seconds)
            _take(output / f"{number:02}-{step.name}.png")
            if window.poll() is not None:
                break
            print(f"{number:02} {step.name}: {' '.join(step.keys)}", flush=True)
        _press("ctrl+q")
        status = window.wait(timeout=20)
        errors.seek(0)
        said = errors.read()
    exported = folder / "tour.csv"
    lines = exported.read_text().count("\n") if exported.exists() else 0
    texts = len(list(folder.glob("*.txt")))
    print(
        f"\nexit status {status}; {lines - 1} captions exported of {_PICTURES}; "
        f"{texts} text file; error stream: {said or 'empty'}"
    )
    return int(bool(status or said or lines != _PICTURES + 1 or texts != 1))


def _focus() -> None:
    """Give the window the keyboard, which without a window manager nobody does."""
    found = subprocess.run(
        ["xdotool", "search", "--sync", "--onlyvisible", "--class", "Imagecap"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    subprocess.run(["xdotool", "windowfocus", "--sync", found[-1]], check=True)


def _press(key: str) -> None:
    if key.startswith("text:"):
        subprocess.run(["xdotool", "type", key.removeprefix("text:")], check=True)
    else:
        subprocess.run(["xdotool", "key", key], check=True)
    time.sleep(0.15)


def _take(file: Path) -> None:
    """Take a screenshot."""
    from PIL import ImageGrab

    ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).convert("P").save(file)


if __name__ == "__main__":
    sys.exit(main())
