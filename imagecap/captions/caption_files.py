"""Caption files of every format: read with notes or strictly, and written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from imagecap.captions.columns import Line
from imagecap.captions.formats import WRITERS, find_reader
from imagecap.captions.problems import CaptionFileError, Fault, noting, refusing
from imagecap.files import reason, write_file
from imagecap.text.tokenizer import whole_characters

_HARMLESS = (Fault.BLANK, Fault.LONG)


def read_with_notes(file: Path, problems: list[str]) -> Iterator[Line]:
    """Read all captions of a file that can be read.

    Args:
        file: The file; the end of its name decides the format.
        problems: Takes sentences about what is odd.

    Raises:
        CaptionFileError: If the file as a whole is damaged or of no known format.
        OSError: If the file cannot be read.
    """
    reader = find_reader(file)
    with noting(problems, file, reader.unit) as report:
        yield from reader.read(file, report)


def read_strictly(file: Path, tolerated: Iterable[Fault] = ()) -> Iterator[Line]:
    """Read all captions of a file in which nothing is wrong.

    Args:
        file: The file; the end of its name decides the format.
        tolerated: Faults that may be there; blank lines and long captions always may.

    Raises:
        CaptionFileError: At the first fault, or if the file cannot be read.
    """
    try:
        reader = find_reader(file)
        refuse = refusing(file, reader.unit, (*tolerated, *_HARMLESS))
        for line in reader.read(file, refuse):
            yield line._replace(caption=whole_characters(line.caption))
    except OSError as error:
        raise CaptionFileError(f"{file} cannot be read ({reason(error)}).") from error


def read_captions(file: Path) -> dict[str, str]:
    """Read one caption for each picture; commas need no quotes.

    Returns:
        Picture as named there → its first caption.

    Raises:
        CaptionFileError: If the file cannot be read or something in it is wrong.
    """
    captions: dict[str, str] = {}
    for line in read_strictly(file, [Fault.UNQUOTED_COMMA]):
        captions.setdefault(line.picture, line.caption)
    return captions


def write_captions(captions: Sequence[tuple[Path, str]], file: Path) -> None:
    """Write captions into one file, whole or not at all.

    The ending decides the format: `.csv` has the header `image,caption`; `.json` is
    COCO results, `[{"image_id": …, "caption": …}]` with file names; `.jsonl` is Hugging
    Face's ImageFolder, `{"file_name": …, "text": …}` a line; `.pkl` is a pickle of a
    dictionary, name to list of captions, that needs nothing but Python to be loaded.

    Args:
        captions: Each picture with its caption. Pictures are named by their path from
            the folder they share.
        file: The file; it is replaced if it is there.

    Raises:
        CaptionFileError: If the ending is another one.
        WriteError: If the file cannot be written.
    """
    check_export_name(file)
    write_file(file, WRITERS[file.suffix.lower()](_named(captions)))


def check_export_name(file: Path) -> None:
    """Make sure that a file's ending is one that `write_captions` knows.

    Raises:
        CaptionFileError: If it is not.
    """
    if file.suffix.lower() not in WRITERS:
        endings = ", ".join(WRITERS)
        raise CaptionFileError(f"{file.name} must end in one of {endings}.")


def _named(captions: Sequence[tuple[Path, str]]) -> list[tuple[str, str]]:
    folders = [str(picture.absolute().parent) for picture, _ in captions]
    try:
        shared: Path | None = Path(os.path.commonpath(folders))
    except ValueError:  # none, or on different drives
        shared = None
    return [
        (_printable(_name(picture, shared)), whole_characters(caption))
        for picture, caption in captions
    ]


def _name(picture: Path, shared: Path | None) -> str:
    if shared is None:
        return str(picture)
    return picture.absolute().relative_to(shared).as_posix()


def _printable(name: str) -> str:
    # A file name that is not text cannot be told in a file of text.
    return name.encode("utf-8", "replace").decode()
