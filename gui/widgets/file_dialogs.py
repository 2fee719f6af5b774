"""Files chosen in the dialogs of the desktop, of the system, or else in our own.

They take what those of `tkinter.filedialog` take, and give the same.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import tkinter
from collections.abc import Callable, Sequence
from pathlib import Path
from tkinter import filedialog
from typing import Any

from ..services.file_programs import Question, command_for, environment
from ..services.narrator import SELF_VOICING
from ..services.portal import ask_portal

_LOOK_SECONDS = 0.01

_asks = False
"""Whether a dialog is open; there is one at a time."""


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


def has_system_dialogs(root: tkinter.Misc) -> bool:
    """Tell whether Tk shows dialogs of the system, not such that it draws itself."""
    return bool(root.tk.call("tk", "windowingsystem") != "x11")


def _ask(form: Any, how: dict[str, Any]) -> list[str] | None:  # noqa: ANN401
    """Ask in a dialog of the desktop or ours; `None` where the system has one."""
    root: tkinter.Misc = how["parent"]
    folder = Path(how.get("initialdir") or Path.home())
    place = folder / how.get("initialfile", "") if form == "save" else folder
    kinds = [
        (name, [pattern] if isinstance(pattern, str) else pattern)
        for name, pattern in how.get("filetypes", ())
    ]
    question = Question(form, how.get("title", ""), place, kinds)
    return _once(lambda: _ask_somewhere(root, question))


def _ask_somewhere(root: tkinter.Misc, question: Question) -> list[str] | None:
    # What is in another program's window cannot be read aloud.
    if not root.getboolean(root.getvar(SELF_VOICING)):
        found = _ask_portal(root, question)
        if found is not None:
            return found
        command = command_for(question)
        if command:
            return _run(root, command)
    return None if has_system_dialogs(root) else _choose(root, question)


def _once(ask: Callable[[], list[str] | None]) -> list[str] | None:
    """Ask, unless something is being asked already."""
    global _asks
    if _asks:
        return []
    _asks = True
    try:
        return ask()
    finally:
        _asks = False


def _choose(root: tkinter.Misc, question: Question) -> list[str]:
    from .file_chooser import FileChooser

    chooser = FileChooser(root, question)
    # The first window may be closed meanwhile.
    with contextlib.suppress(tkinter.TclError):
        chooser.wait_window()
    return [str(path) for path in chooser.chosen]


def _ask_portal(root: tkinter.Misc, question: Question) -> list[str] | None:
    # The first window may be closed meanwhile.
    with contextlib.suppress(tkinter.TclError):
        return ask_portal(question, lambda: _goes_on(root))
    return []


def _goes_on(root: tkinter.Misc) -> bool:
    """Do what there is to do in the window; tell whether it is still there."""
    root.update()
    return bool(root.winfo_exists())


def _run(root: tkinter.Misc, command: list[str]) -> list[str]:
    red, green, blue = root.winfo_rgb(root.cget("background"))
    is_dark = red + green + blue < 3 * 2**15
    running = subprocess.Popen(  # noqa: S603 – the desktop's own program, no shell
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment(is_dark)),
    )
    try:
        # Tk's own way to wait would never end once the window is closed.
        while _goes_on(root) and running.poll() is None:
            time.sleep(_LOOK_SECONDS)
        printed = running.stdout.read() if running.stdout else b""
    except tkinter.TclError:
        printed = b""
    finally:
        running.kill()
    return [os.fsdecode(line) for line in printed.split(b"\n") if line]
