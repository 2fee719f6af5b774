"""The programs by which desktops of Linux let files be chosen, with previews."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Kind = tuple[str, Sequence[str]]
"""What files of a kind are called, and the patterns of their names."""


@dataclass(frozen=True)
class Question:
    """What a person is asked.

    Attributes:
        form: What is chosen.
        title: The title of the dialog.
        place: Where to begin: a folder, or a file that is proposed.
        kinds: The kinds of files that may be chosen.
    """

    form: Literal["file", "files", "folder", "save"]
    title: str
    place: Path
    kinds: Sequence[Kind] = field(default=())


def command_for(question: Question) -> list[str] | None:
    """Return the command that asks; `None` where the desktop has none.

    It prints a path a line, and nothing where nothing was chosen.
    """
    if sys.platform != "linux":
        # Tk shows the system's own dialogs there.
        return None
    if "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":"):
        program = shutil.which("kdialog")
        if program:
            return [program, *_of_kdialog(question)]
    program = shutil.which("zenity")
    return [program, *_of_zenity(question)] if program else None


def environment(is_dark: bool) -> Mapping[str, str]:
    """Return what the program is told: to be dark, where the window is."""
    theme = {"GTK_THEME": "Adwaita:dark"} if is_dark else {}
    return theme | os.environ


def _of_zenity(question: Question) -> list[str]:
    words = ["--file-selection", f"--title={question.title}"]
    place = str(question.place)
    words.append(f"--filename={place if question.form == 'save' else place + os.sep}")
    words += {
        "file": [],
        "files": ["--multiple", "--separator=\n"],
        "folder": ["--directory"],
        "save": ["--save", "--confirm-overwrite"],
    }[question.form]
    return words + [
        f"--file-filter={name} | {' '.join(globs(patterns))}"
        for name, patterns in question.kinds
    ]


def _of_kdialog(question: Question) -> list[str]:
    kinds = "\n".join(
        f"{' '.join(globs(patterns))}|{name}" for name, patterns in question.kinds
    )
    form = {
        "file": ["--getopenfilename"],
        "files": ["--multiple", "--separate-output", "--getopenfilename"],
        "folder": ["--getexistingdirectory"],
        "save": ["--getsavefilename"],
    }[question.form]
    filters = [kinds] if kinds and question.form != "folder" else []
    return ["--title", question.title, *form, str(question.place), *filters]


def globs(patterns: Sequence[str]) -> list[str]:
    """Return patterns of names, where Tk takes mere endings, too."""
    return [f"*{one}" if one.startswith(".") else one for one in patterns]
