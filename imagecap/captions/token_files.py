"""Flickr8k's and Flickr30k's captions as published: `picture.jpg#0<TAB>caption`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from imagecap.captions.columns import Line
from imagecap.captions.problems import Fault, Report
from imagecap.captions.text_lines import read_lines

# `#zhb#0` is how Flickr8k's Chinese captions (Li et al. 2016) name the language.
_KEY = r"(?P<picture>.+?)(?:#[a-z]{2,3})?#\s*\d+\s*"
_WITH_TAB = re.compile(rf"{_KEY}\t(?P<caption>.*)", re.DOTALL)
_WITH_SPACE = re.compile(rf"{_KEY}\s(?P<caption>.*)", re.DOTALL)


def read_token_file(file: Path, report: Report) -> Iterator[Line]:
    """Read a token file.

    Raises:
        OSError: If the file cannot be read.
    """
    yield from read_token_lines(read_lines(file, report), report)


def read_token_lines(lines: Sequence[str], report: Report) -> Iterator[Line]:
    """Read the lines of a token file; a tab or a space parts picture and caption."""
    for number, line in enumerate(lines, start=1):
        if match := match_token_line(line):
            yield Line(match["picture"], match["caption"], number)
        elif line.strip():
            what = "needs a picture with #0, #1, …, a tab and a caption"
            report(Fault.UNREADABLE, number, what)


def match_token_line(line: str) -> re.Match[str] | None:
    """Match a line of a token file: its picture and its caption."""
    line = line.rstrip("\r\n")
    return _WITH_TAB.fullmatch(line) or _WITH_SPACE.fullmatch(line)
