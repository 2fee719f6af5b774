"""What other programs hand over, by the clipboard or by a drop."""

from __future__ import annotations

import contextlib
import os
import sys
import tkinter
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

from .. import strings

# As programs for files offer on X11 what was copied in them.
_LISTS_OF_FILES = ("text/uri-list", "x-special/gnome-copied-files")
_TEXTS = ("UTF8_STRING", "STRING", "TEXT")
_MOST_LINES = 10_000
_LONGEST_TOLD = 200


def copied_text(root: tkinter.Tk) -> str:
    """Read the clipboard as text: files as their URLs, else what is written there.

    Args:
        root: The window, through which Tk asks for it.

    Returns:
        The text; empty where the clipboard holds none, as with a picture.
    """
    try:
        if root.tk.call("tk", "windowingsystem") != "x11":
            return str(root.clipboard_get())
        # Programs that are asked for what they have not offered may answer anything.
        offered = str(root.clipboard_get(type="TARGETS")).split()
        for kind in _LISTS_OF_FILES:
            if kind in offered:
                # Some programs send the zero that ends a text in C, too.
                return _decoded(root.clipboard_get(type=kind)).rstrip("\0")
        return str(root.clipboard_get()) if set(_TEXTS) & set(offered) else ""
    except tkinter.TclError:
        return ""


def existing_paths(text: str) -> list[Path]:
    """Read paths as programs copy them: a line each, quoted, or as file URLs.

    Args:
        text: The text. Where there are file URLs in it, all else is about them.

    Returns:
        The paths that are there.
    """
    lines = [line.strip() for line in text.splitlines()[:_MOST_LINES]]
    urls = [line for line in lines if line.startswith("file:")]
    paths = []
    for line in urls or lines:
        name = _path_of(line) if urls else line.strip("\"'")
        # Any text may be no name that a file could have.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            path = Path(name).expanduser()
            if name and path.exists():
                paths.append(path)
    return paths


def dropped_paths(names: Sequence[str]) -> Iterator[Path]:
    """Read what was dropped, of which tkdnd has made names of files.

    Args:
        names: The names, decoded from URLs where they were some.

    Yields:
        Paths; addresses of the internet are left out.
    """
    for name in names:
        if name.startswith(("http:", "https:", "ftp:")):
            continue
        # It knows no URLs but those that begin with file:///.
        place = Path(name.removeprefix("file:"))
        yield place if place.is_absolute() else Path("/", *place.parts[1:])


def grab_picture(text: str, folder: Path) -> list[Path]:
    """Save the picture that the clipboard holds.

    Args:
        text: What else the clipboard holds.
        folder: The folder to save it in.

    Returns:
        The file; or all the pictures, where Windows has copied files.

    Raises:
        PictureError: If there is none, or no program to ask for it.
    """
    from PIL import Image, ImageGrab

    from imagecap.pictures.folders import pictures_of
    from imagecap.pictures.reading import PictureError

    try:
        grabbed = ImageGrab.grabclipboard()
    except NotImplementedError as error:
        raise PictureError(strings.CLIPBOARD_PROGRAM) from error
    except (OSError, ValueError, SyntaxError):
        grabbed = None
    if isinstance(grabbed, list):
        return pictures_of(grabbed)
    if not isinstance(grabbed, Image.Image):
        raise PictureError(not_a_picture(text))
    path = folder / strings.PASTED_NAME
    grabbed.save(path)
    return [path]


def not_a_picture(text: str) -> str:
    """Say that a text names no file that is here."""
    if text.strip() and len(text) < _LONGEST_TOLD:
        return strings.NOT_A_PATH.format(text=text.strip())
    return strings.NOTHING_TO_PASTE


def _decoded(answer: str) -> str:
    # Of what it does not know to be text, Tk gives the bytes in numbers.
    if not answer.startswith("0x"):
        return answer
    return bytes(int(number, 16) for number in answer.split()).decode(errors="replace")


def _path_of(url: str) -> str:
    """Return the path of a file URL, with or without a host, this or any other."""
    place = url.removeprefix("file:")
    if place.startswith("//"):
        place = "/" + place[2:].partition("/")[2]
    path = os.fsdecode(unquote_to_bytes(place))
    return path.lstrip("/") if sys.platform == "win32" else path
