"""The files in which captions are published, each read line by line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from imagecap.errors import ImagecapError

# Captions are single sentences; more lines than this mean a quote left open.
_LONGEST_ROW = 10
_SHOWN = 10


class DatasetError(ImagecapError):
    """A data set cannot be read or written."""


class Line(NamedTuple):
    """One caption, the name of its picture, and the number of its line."""

    picture: str
    caption: str
    number: int


Reader = Callable[[Path, list[str]], Iterator[Line]]


def _read_token_file(file: Path, problems: list[str]) -> Iterator[Line]:
    """Flickr8k as published: `picture.jpg#0<TAB>caption`."""
    unreadable = []
    for number, line in enumerate(read_lines(file, problems), start=1):
        key, tab, caption = line.partition("\t")
        picture, _, index = key.rpartition("#")
        if tab and picture and index.strip().isdigit():
            yield Line(picture, caption, number)
        elif line.strip():
            unreadable.append(number)
    note(problems, "line", unreadable, f"of {file.name} could not be read")


def _read_csv(file: Path, problems: list[str]) -> Iterator[Line]:
    """Kaggle and most others: comma-separated, with the header `image,caption`."""
    lines = read_lines(file, problems)
    header, position = _csv_row(lines, 0)
    if [field.strip().lower() for field in header] != ["image", "caption"]:
        raise DatasetError(f"{file} must begin with the line image,caption.")
    unreadable = []
    while position < len(lines):
        row, length = _csv_row(lines, position)
        if len(row) > 1:
            # Hand-made files often leave commas unquoted.
            yield Line(row[0].strip(), ",".join(row[1:]), position + 1)
        elif lines[position].strip():
            unreadable.append(position + 1)
        position += length
    note(problems, "line", unreadable, f"of {file.name} could not be read")


def _csv_row(lines: list[str], start: int) -> tuple[list[str], int]:
    """One row and its number of lines; a quote left open must not swallow the rest."""
    for end in range(start + 1, min(start + _LONGEST_ROW, len(lines)) + 1):
        physical = (line + "\n" for line in lines[start:end])
        try:
            return next(csv.reader(physical, strict=True)), end - start
        except csv.Error:
            continue
    return [], 1


# A further layout is a further line here, with the reader it needs.
LAYOUTS: dict[str, Reader] = {
    "Flickr8k.token.txt": _read_token_file,
    "captions.txt": _read_csv,
    "captions.csv": _read_csv,
}


def read_lines(file: Path, problems: list[str]) -> list[str]:
    """Reads a text file as lines; notes the blank ones and those not in UTF-8."""
    lines, foreign = [], []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            lines.append(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
            foreign.append(number)
    blank = [number for number, line in enumerate(lines, start=1) if not line.strip()]
    note(problems, "line", blank, f"of {file.name} held nothing")
    note(problems, "line", foreign, f"of {file.name} read as Windows-1252, not UTF-8")
    return lines


def note(
    problems: list[str], kind: str, things: Iterable[int] | Iterable[str], what: str
) -> None:
    """Adds "3 lines could not be read: 17, 20, 31." unless there are no things."""
    names = [str(thing) for thing in sorted(things)]
    if names:
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        plural = "s" if len(names) > 1 else ""
        shown = ", ".join(names[:_SHOWN]) + more
        problems.append(f"{len(names):,} {kind}{plural} {what}: {shown}.")
