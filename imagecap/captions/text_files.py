"""Text files in which captions are published, each read line by line."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from imagecap.captions.problems import DatasetError, note

# Captions are single sentences; more lines than this mean a quote left open.
_LONGEST_ROW = 10
_PICTURE_FIELDS = ("image", "file_name")
_CAPTION_FIELDS = ("caption", "text")
_FLICKR30K_FIELDS = ["image_name", "comment_number", "comment"]


class Line(NamedTuple):
    """One caption as a file gives it.

    Attributes:
        picture: The picture as it is written there: a file name or a relative path.
        caption: The caption as written.
        number: The number of its line or record; its file too, where there are many.
        split: The split that the file puts the picture into, if it does.
    """

    picture: str
    caption: str
    number: int | str
    split: str | None = None


def read_token_file(file: Path, problems: list[str]) -> Iterator[Line]:
    """Flickr8k and Flickr30k as published: `picture.jpg#0<TAB>caption`."""
    unreadable = []
    for number, line in enumerate(read_lines(file, problems), start=1):
        key, tab, caption = line.partition("\t")
        picture, _, index = key.rpartition("#")
        if tab and picture and index.strip().isdigit():
            yield Line(picture, caption, number)
        elif line.strip():
            unreadable.append(number)
    note(problems, "line", unreadable, f"of {file.name} could not be read")


def read_csv(file: Path, problems: list[str]) -> Iterator[Line]:
    """Kaggle and most others, by the header: `image,caption`, or Flickr30k's with `|`.

    Raises:
        DatasetError: The file begins with another line.
    """
    lines = read_lines(file, problems)
    if lines and _fields(lines[0].split("|")) == _FLICKR30K_FIELDS:
        yield from _read_bars(lines, file, problems)
        return
    header, position = _csv_row(lines, 0)
    fields = _fields(header)
    if (
        len(fields) != 2
        or fields[0] not in _PICTURE_FIELDS
        or fields[1] not in _CAPTION_FIELDS
    ):
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


def _fields(header: Iterable[str]) -> list[str]:
    return [field.strip().lower() for field in header]


def _csv_row(lines: list[str], start: int) -> tuple[list[str], int]:
    """One row and its number of lines; a quote left open must not swallow the rest."""
    for end in range(start + 1, min(start + _LONGEST_ROW, len(lines)) + 1):
        physical = (line + "\n" for line in lines[start:end])
        try:
            return next(csv.reader(physical, strict=True)), end - start
        except csv.Error:
            continue
    return [], 1


def _read_bars(lines: list[str], file: Path, problems: list[str]) -> Iterator[Line]:
    """Flickr30k from Kaggle: `picture.jpg| 0| caption`; a quote means nothing here."""
    unreadable, mended = [], []
    for number, line in enumerate(lines[1:], start=2):
        picture, *rest = line.split("|", 2)
        if len(rest) == 1:
            # Line 20001 of the published file: `2199200615.jpg| 4   A dog runs …`.
            joined = re.fullmatch(r"\s*(\d+)\s+(\S.*)", rest[0])
            rest = list(joined.groups()) if joined else []
            mended += [number] if joined else []
        if len(rest) == 2:
            yield Line(picture.strip(), rest[1], number)
        elif line.strip():
            unreadable.append(number)
    note(problems, "line", unreadable, f"of {file.name} could not be read")
    note(problems, "line", mended, f"of {file.name} lacked a | and was read without it")


def read_json_lines(file: Path, problems: list[str]) -> Iterator[Line]:
    """JSON Lines, as Hugging Face's ImageFolder has it: `{"file_name", "text"}`."""
    unreadable = []
    for number, line in enumerate(read_lines(file, problems), start=1):
        try:
            record = json.loads(line) if line.strip() else {}
        except (ValueError, RecursionError):
            record = None
        picture = _first_text(record, _PICTURE_FIELDS)
        caption = _first_text(record, _CAPTION_FIELDS)
        if picture is not None and caption is not None:
            yield Line(picture, caption, number)
        elif line.strip():
            unreadable.append(number)
    note(problems, "line", unreadable, f"of {file.name} could not be read")


def _first_text(record: object, fields: Iterable[str]) -> str | None:
    found = [record.get(field) for field in fields] if isinstance(record, dict) else []
    return next((value for value in found if isinstance(value, str)), None)


def read_text_beside(folder: Path, pictures: Iterable[str]) -> Iterator[Line]:
    """A `.txt` file beside each picture, of the same stem, a caption on each line.

    Args:
        folder: The data set's folder.
        pictures: The pictures, relative to it.
    """
    for picture in pictures:
        text = Path(picture).with_suffix(".txt").as_posix()
        try:
            content = (folder / text).read_bytes()
        except FileNotFoundError:
            continue
        decoded = [
            _decode(raw, number)[0]
            for number, raw in enumerate(content.splitlines(), start=1)
        ]
        if not any(map(str.strip, decoded)):
            yield Line(picture, "", text)
        for number, line in enumerate(decoded, start=1):
            if line.strip():
                yield Line(picture, line, f"{text} line {number}")


def read_lines(file: Path, problems: list[str]) -> list[str]:
    """Reads a text file as lines; notes the blank ones and those not in UTF-8."""
    lines, blank, foreign = [], [], []
    for number, raw in enumerate(file.read_bytes().splitlines(), start=1):
        line, is_utf8 = _decode(raw, number)
        lines.append(line)
        if not line.strip():
            blank.append(number)
        if not is_utf8:
            foreign.append(number)
    note(problems, "line", blank, f"of {file.name} held nothing")
    note(problems, "line", foreign, f"of {file.name} read as Windows-1252, not UTF-8")
    return lines


def _decode(raw: bytes, number: int) -> tuple[str, bool]:
    """The text of a line, and whether it was in UTF-8."""
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8"), True
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), False
