"""The formats of caption files, by the end of a file's name and by its content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagecap.captions.columns import Line
from imagecap.captions.csv_files import read_csv, to_csv
from imagecap.captions.json_files import read_json, to_coco_results
from imagecap.captions.json_lines import read_json_lines, to_json_lines
from imagecap.captions.parquet_files import read_parquet
from imagecap.captions.pickle_files import read_pickle, to_pickle
from imagecap.captions.problems import CaptionFileError, Report
from imagecap.captions.text_lines import to_utf8
from imagecap.captions.token_files import read_token_file
from imagecap.captions.webdataset_files import read_webdataset
from imagecap.files import check_ordinary


@dataclass(frozen=True)
class Reader:
    """How a format is read.

    Attributes:
        read: Gives the captions of a file and reports its faults.
        unit: What a file consists of, lines or records.
    """

    read: Callable[[Path, Report], Iterator[Line]]
    unit: str = "line"


@dataclass(frozen=True)
class Writer:
    """How a format is written.

    Attributes:
        write: Gives the content of a file, from captions of pictures.
        content: What is in it, in words.
    """

    write: Callable[[Sequence[Line]], bytes]
    content: str


# Of the bytes at the start of a file; by 4, since a character may have as many.
_LOOKED_AT = 4000


def _read_tar(file: Path, report: Report) -> Iterator[Line]:
    return read_webdataset(file, report, lambda inside: find_reader(inside).read)


_JSON = Reader(read_json, "record")
_PICKLE = Reader(read_pickle, "record")
# The first end of a name that fits counts. A further format is a further line here.
READERS = {
    ".token.txt": Reader(read_token_file),
    ".token": Reader(read_token_file),
    ".txt": Reader(read_csv),
    ".csv": Reader(read_csv),
    ".tsv": Reader(read_csv),
    ".jsonl": Reader(read_json_lines),
    ".ndjson": Reader(read_json_lines),
    ".json": _JSON,
    ".parquet": Reader(read_parquet, "record"),
    ".tar": Reader(_read_tar, "record"),
    ".pkl": _PICKLE,
    ".pickle": _PICKLE,
}
WRITERS = {
    ".csv": Writer(to_csv, "image,caption"),
    ".json": Writer(to_coco_results, "COCO results"),
    ".jsonl": Writer(to_json_lines, "file_name and text"),
    ".pkl": Writer(to_pickle, "a pickled dictionary"),
}


def find_reader(file: Path) -> Reader:
    """Find how a caption file is read, by the end of its name.

    JSON may have any name but that of another format.

    Raises:
        CaptionFileError: If the file is of no format that is read here.
    """
    name = file.name.lower()
    end = next((end for end in READERS if name.endswith(end)), None)
    if end in (None, ".txt") and _beginning(file).startswith(("[", "{")):
        return _JSON
    if end in (".jsonl", ".ndjson") and _has_records_of_lines(_beginning(file)):
        return _JSON
    if end is None:
        raise CaptionFileError(
            f"{file} is no caption file known here; it must end in one of "
            f"{', '.join(READERS)}."
        )
    return READERS[end]


def _beginning(file: Path) -> str:
    try:
        check_ordinary(file)
        with file.open("rb") as opened:
            start, _ = to_utf8(opened.read(_LOOKED_AT))
    except OSError:
        return ""
    return start.decode("utf-8-sig", errors="replace").lstrip()


def _has_records_of_lines(start: str) -> bool:
    """Whether a file of one record a line has records of several lines, or an array."""
    return re.match(r"\[\s*(\{|$)|\{(.*[{\[,:])?\s*\n", start) is not None
