"""What can be wrong with caption files, and how it is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from imagecap.counted import counted
from imagecap.errors import ImagecapError

_SHOWN = 10
# What ends a line or parts its columns: control characters and two more.
_ENDS = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]")


class CaptionFileError(ImagecapError):
    """A caption file cannot be read or written."""


class Fault(Enum):
    """What can be wrong with one place in a caption file, in the order of notes.

    The value is what a note says of all such places; of what is empty, none is made.
    """

    NO_HEADER = "has no header and was read as picture, number and caption"
    UTF_16 = "is not UTF-8 and was read as UTF-16"
    UTF_32 = "is not UTF-8 and was read as UTF-32"
    BLANK = "held nothing"
    NOT_UTF8 = "read as Windows-1252, not UTF-8"
    NOT_TEXT = "could hardly be read: not text in UTF-8"
    NUL = "held NUL characters, which were removed"
    IMAGE = "could not be read or came twice"
    UNREADABLE = "could not be read"
    UNQUOTED_COMMA = ""
    MORE_CELLS = "had more cells than columns, and the last stayed out"
    LONG = "began a caption of more than 10 lines"
    MISSING_PIPE = "lacked a | and was read without it"
    UNKNOWN_IMAGE = "named a picture that it does not list"
    UNKNOWN_SPLIT = "had an unknown split"
    NOT_CAPTIONED = "held no caption but the error that was met instead"
    OTHER_SPLIT = "had a split that is none of train, dev and test"
    LANGUAGES = "had captions in several languages, of which English was read"


# What is said of a whole file, once.
_OF_THE_FILE = (Fault.NO_HEADER, Fault.UTF_16, Fault.UTF_32)


Report = Callable[[Fault, int, str], None]
"""Takes a fault, the number of its line or record, and what a sentence says of it."""


@contextmanager
def noting(problems: list[str], file: Path, unit: str = "line") -> Iterator[Report]:
    """Gather the faults of a file; at the end each kind of them becomes a sentence.

    Args:
        problems: Takes the sentences.
        file: The file.
        unit: What it consists of, lines or records.
    """
    numbers: dict[Fault, list[int]] = {fault: [] for fault in Fault if fault.value}
    yield lambda fault, number, _: numbers.get(fault, []).append(number)
    for fault, found in numbers.items():
        if fault in _OF_THE_FILE:
            problems += [f"{file.name} {fault.value}."] if found else []
            continue
        kind = f"image {unit}" if fault is Fault.IMAGE else unit
        note(problems, kind, found, f"of {file.name} {fault.value}")


def refusing(file: Path, unit: str, tolerated: Iterable[Fault]) -> Report:
    """Refuse a file at its first fault.

    Args:
        file: The file.
        unit: What it consists of, lines or records.
        tolerated: The faults that do not count.

    Returns:
        What raises a `CaptionFileError` that names the place.
    """
    tolerated = frozenset(tolerated)
    place = "Entry" if unit == "record" else "Line"

    def refuse(fault: Fault, number: int, what: str) -> None:
        if fault not in tolerated:
            raise CaptionFileError(f"{place} {number:,} of {file} {what}.")

    return refuse


def note(
    problems: list[str], kind: str, things: Iterable[int | str], what: str
) -> None:
    """Add "3 lines could not be read: 17, 20, 31." unless there are no things."""
    names = [printable(str(thing)) for thing in sorted(things, key=_order)]
    if names:
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        shown = ", ".join(names[:_SHOWN]) + more
        problems.append(f"{counted(len(names), kind)} {what}: {shown}.")


def printable(name: str) -> str:
    r"""Write as `\u…` what is in a file's name but is no character of one line."""
    name = name.encode("utf-8", "backslashreplace").decode()
    return _ENDS.sub(lambda found: found[0].encode("unicode_escape").decode(), name)


def _order(thing: int | str) -> tuple[int, str]:
    return (thing if isinstance(thing, int) else 0), str(thing)
