"""Files chosen in the dialogs of the desktop, else in those of Tk.

They take what those of `tkinter.filedialog` take, and give the same.
"""

from __future__ import annotations

import os
import subprocess
import time
import tkinter
from collections.abc import Sequence
from pathlib import Path
from tkinter import filedialog
from typing import Any

from ..services.file_programs import Question, command_for, environment
from ..services.narrator import SELF_VOICING

_LOOK_SECONDS = 0.01

_asks = False
"""Whether a dialog of the desktop is open; there is one at a time."""


def askopenfilename(**how: Any) -> str:  # noqa: ANN401 – as Tkinter has it
    """Ask for a file; return "" for none."""
    found = _ask("file", how)
    return filedialog.askopenfilename(**how) if found is None else "".join(found[:1])


def askopenfilenames(**how: Any) -> Sequence[str]:  # noqa: ANN401
    """Ask for files."""
    found = _ask("files", how)
    if found is None:
        return filedialog.askopenfilenames(**how) or ()
    return found


def askdirectory(**how: Any) -> str:  # noqa: ANN401
    """Ask for a folder; return "" for none."""
    found = _ask("folder", how)
    return filedialog.askdirectory(**how) if found is None else "".join(found[:1])


def asksaveasfilename(**how: Any) -> str:  # noqa: ANN401
    """Ask for the place of a new file; return "" for none."""
    found = _ask("save", how)
    if found is None:
        return filedialog.asksaveasfilename(**how)
    path = "".join(found[:1])
    if path and not Path(path).suffix:
        path += how.get("defaultextension", "")
    return path


def _ask(form: Any, how: dict[str, Any]) -> list[str] | None:  # noqa: ANN401
    """Ask in a dialog of the desktop; return `None` where there is none to ask in."""
    root: tkinter.Misc = how["parent"]
    # What is in another program's window cannot be read aloud.
    if root.getboolean(root.getvar(SELF_VOICING)):
        return None
    folder = Path(how.get("initialdir") or Path.home())
    place = folder / how.get("initialfile", "") if form == "save" else folder
    kinds = [
        (name, [pattern] if isinstance(pattern, str) else pattern)
        for name, pattern in how.get("filetypes", ())
    ]
    command = command_for(Question(form, how.get("title", ""), place, kinds))
    return _run(root, command) if command else None


def _run(root: tkinter.Misc, command: list[str]) -> list[str]:
    global _asks
    if _asks:
        return []
    red, green, blue = root.winfo_rgb(root.cget("background"))
    is_dark = red + green + blue < 3 * 2**15
    _asks = True
    running = subprocess.Popen(  # noqa: S603 – the desktop's own program, no shell
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment(is_dark)),
    )
    try:
        # Tk's own way to wait would never end once the window is closed.
        while root.winfo_exists() and running.poll() is None:
            root.update()
            time.sleep(_LOOK_SECONDS)
        printed = running.stdout.read() if running.stdout else b""
    except tkinter.TclError:
        printed = b""
    finally:
        running.kill()
        _asks = False
    return [os.fsdecode(line) for line in printed.split(b"\n") if line]
