"""Tables with a header, such as `image,caption`: Kaggle's files and most others."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from imagecap.captions.cells import from_cell, provenance_cells, to_cell
from imagecap.captions.columns import (
    PROVENANCE_COLUMNS,
    Line,
    caption_column,
    has_error_instead,
    is_picture_column,
    read_columns,
    read_header,
)
from imagecap.captions.pipe_files import has_quoted_cells, read_pipe_separated
from imagecap.captions.problems import CaptionFileError, Fault, Report
from imagecap.captions.text_lines import read_lines
from imagecap.captions.token_files import match_token_line, read_token_lines
from imagecap.pictures.folders import is_picture_name

# Captions are single sentences; in a file with stray quotes, more lines than this
# mean a quote left open.
_LONGEST_ROW = 10
_DELIMITERS = ",;\t"
_NEEDED = "needs a picture and a caption; a caption with a comma must stand in quotes"
_NUMBERED = ("image", "number", "caption")
_SHOWN = 100
# Longer cells than 131,072 characters, the least that the system's C can count.
csv.field_size_limit(2**31 - 1)


def read_csv(file: Path, report: Report) -> Iterator[Line]:
    """Read a table with commas, semicolons, tabs or `|` between cells, by its header.

    A file that begins as a token file is read as one. One that begins with a picture, a
    number and a caption needs no header.

    Raises:
        CaptionFileError: If the file begins with another line.
        OSError: If the file cannot be read.
    """
    lines = read_lines(file, report, keep_ends=True)
    start = _first_row(lines)
    first = lines[start] if lines[start:] else ""
    guessed = _delimiter_without_header(first)
    if _header(first, "|") and has_quoted_cells(lines[start:]):
        yield from _read_rows(lines, start, "|", report)
    elif header := read_header(first.split("|")):
        yield from read_pipe_separated(header, lines, start, report)
    elif delimiter := next((d for d in _DELIMITERS if _header(first, d)), None):
        yield from _read_rows(lines, start, delimiter, report)
    elif guessed:
        report(Fault.NO_HEADER, start + 1, "is no header")
        if guessed == "|" and not has_quoted_cells(lines):
            yield from read_pipe_separated(_NUMBERED, lines, start - 1, report)
        else:
            yield from _read_rows(lines, start, guessed, report, _NUMBERED)
    elif match_token_line(first):
        yield from read_token_lines(lines, report)
    else:
        raise CaptionFileError(_no_header(file, first))


def to_csv(lines: Sequence[Line]) -> bytes:
    """Write captions as CSV with the header `image,caption`.

    Columns of `PROVENANCE_COLUMNS` follow where there is something to say.
    """
    cells = [provenance_cells(line.provenance) for line in lines]
    said = [name for name in PROVENANCE_COLUMNS if any(one[name] for one in cells)]
    rows = [("image", "caption", *said)]
    for line, provenance in zip(lines, cells, strict=True):
        others = (provenance[name] for name in said)
        rows.append((to_cell(line.picture), line.caption, *others))
    return "".join(map(_to_row, rows)).encode()


def _to_row(cells: Sequence[str]) -> str:
    # Quotes go round what is part of the line's end: a lone \r must be in them, too.
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _first_row(lines: Sequence[str]) -> int:
    """Find the header: spreadsheets write `sep=;` before it, people blank lines."""
    for number, line in enumerate(lines):
        if line.strip() and not re.fullmatch(r'"?sep=.?"?', line.strip(), re.I):
            return number
    return 0


def _header(line: str, delimiter: str) -> list[str] | None:
    try:
        return read_header(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return None


def _delimiter_without_header(line: str) -> str | None:
    """Tell what parts a picture, a number and a caption, as in `a.jpg<TAB>0<TAB>A dog`.

    Without the number, nothing would tell such a line from a header or from prose.
    """
    for delimiter in f"{_DELIMITERS}|":
        cells = [cell.strip(' "') for cell in line.split(delimiter)]
        if len(cells) > 2 and is_picture_name(cells[0]) and cells[1].isdecimal():
            return delimiter
    return None


def _no_header(file: Path, first: str) -> str:
    needed = f"{file} must begin with the line image,caption"
    first = first.strip()
    if not first:
        return f"{needed}; it is empty."
    shown = first if len(first) <= _SHOWN else f"{first[:_SHOWN]}…"
    cells = re.split(r"[,;\t|]", first)
    if any(is_picture_name(cell.strip(' "')) for cell in cells):
        return f"{needed}; it has no header but begins with “{shown}”."
    return (
        f"{needed} or other names of columns that are known; it begins with “{shown}”."
    )


def _read_rows(
    lines: Sequence[str],
    start: int,
    delimiter: str,
    report: Report,
    header: Sequence[str] | None = None,
) -> Iterator[Line]:
    rows = _rows(lines, start, delimiter, report)
    if header is None:
        _, first = next(rows, (1, []))
        header = read_header(first) or []
    for number, row in rows:
        row = _fit(row, header, delimiter, number, report)
        fields = dict(zip(header, row, strict=False))
        captions = read_columns(fields, number, report)
        for line in captions:
            if line.caption.count("\n") >= _LONGEST_ROW:
                report(Fault.LONG, number, "begins a caption of many lines")
            yield line._replace(picture=from_cell(line.picture))
        if not captions and has_error_instead(fields):
            report(Fault.NOT_CAPTIONED, number, "has no caption but an error")
        elif not captions and lines[number - 1].strip():
            report(Fault.UNREADABLE, number, _NEEDED)


def _fit(
    row: list[str], header: Sequence[str], delimiter: str, number: int, report: Report
) -> list[str]:
    """Join what belongs to one cell; hand-made files often leave commas unquoted."""
    while len(row) > len(header) and not row[-1].strip():
        row = row[:-1]
    more = len(row) - len(header)
    if more <= 0:
        return row
    captions = [place for place, name in enumerate(header) if caption_column(name)]
    before = header[: captions[0]]
    if len(captions) == 1 and any(map(is_picture_column, before)):
        place = captions[0]
        report(Fault.UNQUOTED_COMMA, number, _NEEDED)
        joined = delimiter.join(row[place : place + more + 1])
        return [*row[:place], joined, *row[place + more + 1 :]]
    report(Fault.MORE_CELLS, number, "has more cells than columns")
    return row


def _rows(
    lines: Sequence[str], start: int, delimiter: str, report: Report
) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the number of its first line."""
    lines, skipped = lines[start:], start
    quotes: str | None = '"'
    if not _is_sound(lines, delimiter):
        if delimiter != "\t":
            yield from _rows_of_unsound_file(lines, skipped, delimiter, report)
            return
        # Between tabs, many programs write quotes that mean nothing.
        quotes = None
    reader = csv.reader(lines, strict=True, delimiter=delimiter, quotechar=quotes)
    first = 1
    for row in reader:
        yield skipped + first, row
        first = reader.line_num + 1


def _is_sound(lines: Sequence[str], delimiter: str) -> bool:
    try:
        for _ in csv.reader(lines, strict=True, delimiter=delimiter):
            pass
    except csv.Error:
        return False
    return True


def _rows_of_unsound_file(
    lines: Sequence[str], skipped: int, delimiter: str, report: Report
) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that can be read; a quote left open must not swallow the rest."""
    start = 0
    while start < len(lines):
        some = lines[start : start + _LONGEST_ROW]
        reader = csv.reader(some, strict=True, delimiter=delimiter)
        try:
            row = next(reader)
        except csv.Error as error:
            number = skipped + start + 1
            report(Fault.UNREADABLE, number, f"is not CSV ({error})")
            start += 1
        else:
            yield skipped + start + 1, row
            start += reader.line_num
