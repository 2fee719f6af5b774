"""The base of every error that a person may see, and any error as a sentence."""

from __future__ import annotations

import sys
import traceback


class ImagecapError(Exception):
    """Something went wrong that a person can understand and act on.

    The message is one clear sentence: what is wrong, with which file, what to do.
    The command line prints it and the window shows it, never a traceback.
    """


def explain(error: BaseException) -> str:
    """Say in a sentence what went wrong, whatever it is.

    Where Python runs in its development mode (`python -X dev`), the traceback of an
    error that nobody foresaw is printed, too.

    Args:
        error: Any error; one not foreseen is named with its place in the code.
    """
    if isinstance(error, ImagecapError):
        return str(error)
    if sys.flags.dev_mode:
        traceback.print_exception(error)
    message = " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return "There is not enough memory; close other programs and try again."
    if isinstance(error, ModuleNotFoundError):
        return (
            f"A part of the program is missing: {error.name}. "
            "Install what it needs with: pip install ."
        )
    if isinstance(error, ImportError):
        return (
            f"A part of the program cannot be loaded ({message}); close other "
            "programs, or install it again."
        )
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return (
            f"{error.filename} cannot be used ({error.strerror}); check that it is "
            "there, that it may be read or written, and that there is room."
        )
    if isinstance(error, OSError) and error.strerror:
        return (
            f"The system gave up ({error.strerror}); make room on the disk, close "
            "other programs and try again."
        )
    return (
        f"Something went wrong that was not foreseen: {message or 'no reason given'} "
        f"({type(error).__name__}{_place(error)})."
    )


def _place(error: BaseException) -> str:
    """Name the innermost line of this program that an error has passed."""
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] in ("imagecap", "gui"):
            found = f" in {module}, line {line}"
    return found
