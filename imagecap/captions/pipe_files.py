"""Flickr30k's table from Kaggle: `picture.jpg| 0| caption`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imagecap.captions.columns import Line, read_columns
from imagecap.captions.problems import Fault, Report

# What programs write that put a cell into quotes where one of its characters asks.
_QUOTED = re.compile(r'(?<![^|\r\n])"[^"]*(?:""[^"]*)*"(?![^|\r\n])')


def has_quoted_cells(lines: Sequence[str]) -> bool:
    """Whether quotes stand round cells, and nowhere else without being doubled.

    In Flickr30k's own table they stand round words, too, and mean nothing.
    """
    text = "".join(lines)
    return '"' in text and '"' not in _QUOTED.sub("", text)


def read_pipe_separated(
    header: Sequence[str], lines: Sequence[str], start: int, report: Report
) -> Iterator[Line]:
    """Read a table of lines with `|` between the cells; a quote means nothing here.

    Args:
        header: The names of the columns; the caption's is the last.
        lines: All lines, the header among them.
        start: The place of the header among them.
        report: Takes the faults.
    """
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        picture, *rest = line.rstrip("\r\n").split("|", len(header) - 1)
        if (
            len(rest) == len(header) - 2 == 1
            # Line 20001 of the published file: `2199200615.jpg| 4   A dog runs …`.
            and (joined := re.fullmatch(r"\s*(\d+)\s+(\S.*)", rest[0]))
        ):
            rest = list(joined.groups())
            report(Fault.MISSING_PIPE, number, "lacks a |")
        cells = (cell.strip() for cell in (picture, *rest))
        captions = read_columns(dict(zip(header, cells, strict=False)), number, report)
        yield from captions
        if not captions and line.strip():
            report(Fault.UNREADABLE, number, "needs a picture and a caption")
