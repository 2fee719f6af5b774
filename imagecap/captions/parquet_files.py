"""Parquet, in which Hugging Face keeps data sets; with or without the pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from imagecap.captions.columns import Line, read_columns, read_header
from imagecap.captions.problems import CaptionFileError, Report
from imagecap.captions.records import read_record
from imagecap.files import check_ordinary
from imagecap.pictures.folders import is_picture_name

_ROWS_AT_ONCE = 200
# A picture's file name as every system takes it.
_PLAIN = re.compile(r'\w[^\0-\x1f<>:"/\\|?*]{0,80}')


def read_parquet(file: Path, report: Report) -> Iterator[Line]:
    """Read the captions of a Parquet file.

    A picture that is in the file itself is named as `pictures_in` names it.

    Raises:
        CaptionFileError: If pyarrow is not installed, the file is damaged, or no
            column means the picture or none the caption.
        OSError: If the file cannot be read.
    """
    names = _Names(file)
    for number, row in _rows(file):
        named = names.put_into(row, number)
        if number == 1 and not read_columns(named, 1) and read_header(row) is None:
            raise CaptionFileError(
                f"{file} has no column of pictures or none of captions; it has "
                f"{', '.join(row)}."
            )
        yield from read_record(named, number, report)


def pictures_in(
    file: Path | str, source: IO[bytes] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Give the pictures that are in a Parquet file, with their names.

    Args:
        file: The file.
        source: The file, opened, where it does not lie on this machine.

    Raises:
        CaptionFileError: If pyarrow is not installed or the file is damaged.
        OSError: If the file cannot be read.
    """
    names = _Names(file, source)
    for number, row in _rows(file, source):
        for value in row.values():
            if content := _content(value):
                yield names.name(value, number), content


class _Names:
    """The names of the pictures in a file: of their paths, or the number of the row.

    A path may be that of several, of none, or no name that every system takes.
    """

    def __init__(self, file: Path | str, source: IO[bytes] | None = None) -> None:
        paths = (
            _file_name(value)
            for _, row in _rows(file, source, paths_alone=True)
            for value in row.values()
        )
        self._known = Counter(path.casefold() for path in paths)

    def put_into(self, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        """Give a row in which a name stands in place of each picture."""
        return {
            column: self.name(value, number) if _content(value) else value
            for column, value in row.items()
        }

    def name(self, value: object, number: int) -> str:
        """Name the picture in a row of a number, from 1."""
        path = _file_name(value)
        if (
            self._known[path.casefold()] == 1
            and is_picture_name(path)
            and _PLAIN.fullmatch(path)
        ):
            return path
        name = f"{number:06}{PurePosixPath(path).suffix or '.jpg'}"
        while name.casefold() in self._known:
            name = f"0{name}"
        return name


def _file_name(value: object) -> str:
    path = value.get("path") if isinstance(value, dict) else None
    return PurePosixPath(str(path or "").replace("\\", "/")).name


def _rows(
    file: Path | str, source: IO[bytes] | None = None, paths_alone: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from pyarrow import ArrowException, types
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise CaptionFileError(
            f"{file} is Parquet, which needs the package pyarrow: "
            "pip install 'imagecap[parquet]'."
        ) from error
    if source is None:
        check_ordinary(Path(file))
    number = 0
    try:
        with ParquetFile(file if source is None else source) as opened:
            columns = None
            if paths_alone:
                columns = [
                    f"{field.name}.path"
                    for field in opened.schema_arrow
                    if types.is_struct(field.type)
                ]
            for batch in opened.iter_batches(_ROWS_AT_ONCE, columns=columns):
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
