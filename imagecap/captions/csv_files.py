"""CSV with a header, such as `image,caption`: Kaggle's files and most others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from imagecap.captions.columns import CAPTION_COLUMNS, Line, read_columns, read_header
from imagecap.captions.pipe_files import read_pipe_separated
from imagecap.captions.problems import CaptionFileError, Fault, Report
from imagecap.captions.text_lines import read_lines

# Captions are single sentences; in a file with stray quotes, more lines than this
# mean a quote left open.
_LONGEST_ROW = 10
_NEEDED = "needs a picture and a caption; a caption with a comma must stand in quotes"


def read_csv(file: Path, report: Report) -> Iterator[Line]:
    """Read CSV, or Flickr30k's table with `|` in place of commas, by the header.

    Raises:
        CaptionFileError: If the file begins with another line.
        OSError: If the file cannot be read.
    """
    lines = read_lines(file, report, keep_ends=True)
    if lines and (header := read_header(lines[0].split("|"))):
        yield from read_pipe_separated(header, lines, report)
        return
    rows = _rows(lines, report)
    _, first = next(rows, (1, []))
    header = read_header(first)
    if header is None:
        raise CaptionFileError(f"{file} must begin with the line image,caption.")
    ends_in_caption = header[-1] in CAPTION_COLUMNS
    for number, row in rows:
        if len(row) > len(header) and ends_in_caption:
            # Hand-made files often leave commas unquoted.
            last = len(header) - 1
            row = [*row[:last], ",".join(row[last:])]
            report(Fault.UNQUOTED_COMMA, number, _NEEDED)
        line = read_columns(dict(zip(header, row, strict=False)), number)
        if line:
            if line.caption.count("\n") >= _LONGEST_ROW:
                report(Fault.LONG, number, "begins a caption of many lines")
            yield line
        elif lines[number - 1].strip():
            report(Fault.UNREADABLE, number, _NEEDED)


def to_csv(captions: Iterable[tuple[str, str]]) -> bytes:
    """Write pictures with their captions as CSV with the header `image,caption`."""
    return "".join(map(_to_row, [("image", "caption"), *captions])).encode()


def _to_row(cells: tuple[str, str]) -> str:
    # Quotes go round what is part of the line's end: a lone \r must be in them, too.
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _rows(lines: list[str], report: Report) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the number of its first line."""
    if not _is_sound(lines):
        yield from _rows_of_unsound_file(lines, report)
        return
    reader = csv.reader(lines, strict=True)
    start = 1
    for row in reader:
        yield start, row
        start = reader.line_num + 1


def _is_sound(lines: list[str]) -> bool:
    try:
        for _ in csv.reader(lines, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _rows_of_unsound_file(
    lines: list[str], report: Report
) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that can be read; a quote left open must not swallow the rest."""
    start = 0
    while start < len(lines):
        reader = csv.reader(lines[start : start + _LONGEST_ROW], strict=True)
        try:
            row = next(reader)
        except csv.Error as error:
            report(Fault.UNREADABLE, start + 1, f"is not CSV ({error})")
            start += 1
        else:
            yield start + 1, row
            start += reader.line_num
