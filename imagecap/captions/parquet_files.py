"""Parquet, in which Hugging Face keeps data sets; with or without the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from imagecap.captions.columns import Line, read_columns
from imagecap.captions.problems import CaptionFileError, Report
from imagecap.captions.records import read_record
from imagecap.files import check_ordinary

_ROWS_AT_ONCE = 200


def read_parquet(file: Path, report: Report) -> Iterator[Line]:
    """Read the captions of a Parquet file.

    A picture that is in the file itself is named as `pictures_in` names it.

    Raises:
        CaptionFileError: If pyarrow is not installed, the file is damaged, or no
            column means the picture or none the caption.
        OSError: If the file cannot be read.
    """
    for number, row in _rows(file):
        if number == 1 and not read_columns(_named(row, 1), 1):
            raise CaptionFileError(
                f"{file} has no column of pictures or none of captions; it has "
                f"{', '.join(row)}."
            )
        yield from read_record(_named(row, number), number, report)


def pictures_in(file: Path) -> Iterator[tuple[str, bytes]]:
    """Give the pictures that are in a Parquet file, with their names.

    Raises:
        CaptionFileError: If pyarrow is not installed or the file is damaged.
        OSError: If the file cannot be read.
    """
    for number, row in _rows(file):
        for value in row.values():
            if content := _content(value):
                yield _name(value, number), content


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise CaptionFileError(
            f"{file} is Parquet, which needs the package pyarrow: "
            "pip install 'imagecap[parquet]'."
        ) from error
    check_ordinary(file)
    number = 0
    try:
        with ParquetFile(file) as opened:
            for batch in opened.iter_batches(_ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except (ArrowException, UnicodeDecodeError) as error:
        first = str(error).partition("\n")[0]
        raise CaptionFileError(
            f"{file} is damaged, it is not Parquet ({first}); download it again."
        ) from error


def _content(value: object) -> bytes | None:
    if isinstance(value, dict) and isinstance(content := value.get("bytes"), bytes):
        return content
    return value if isinstance(value, bytes) else None


def _named(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Give a row in which a name stands in place of each picture."""
    return {
        column: _name(value, number) if _content(value) else value
        for column, value in row.items()
    }


def _name(value: object, number: int) -> str:
    path = value.get("path") if isinstance(value, dict) else None
    ending = PurePosixPath(str(path or "")).suffix or ".jpg"
    # By the number of its row, since two may have the same path, or none has one.
    return f"{number:06}{ending}"
