"""Flickr8k's and Flickr30k's captions as published: `picture.jpg#0<TAB>caption`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from imagecap.captions.columns import Line
from imagecap.captions.problems import Fault, Report
from imagecap.captions.text_lines import read_lines


def read_token_file(file: Path, report: Report) -> Iterator[Line]:
    """Read a token file.

    Raises:
        OSError: If the file cannot be read.
    """
    for number, line in enumerate(read_lines(file, report), start=1):
        key, tab, caption = line.partition("\t")
        picture, _, index = key.rpartition("#")
        if tab and picture and index.strip().isdigit():
            yield Line(picture, caption, number)
        elif line.strip():
            what = "needs a picture with #0, #1, …, a tab and a caption"
            report(Fault.UNREADABLE, number, what)
