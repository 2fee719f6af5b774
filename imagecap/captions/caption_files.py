"""Captions in the files that other programs of the field read and write."""

from __future__ import annotations

import csv
import io
import json
import os
import pickle
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from imagecap.errors import ImagecapError
from imagecap.files import reason, write_file

Captions = Sequence[tuple[Path, str]]

EXPORT_SUFFIXES = (".csv", ".json", ".jsonl", ".pkl")
"""The endings of files of captions that are written."""
IMPORT_SUFFIXES = (".csv", ".json", ".jsonl")
"""The endings of files of captions that are read; reading a pickle runs its code."""


class CaptionFileError(ImagecapError):
    """A file of captions cannot be read or written."""


def write_captions(captions: Captions, file: Path) -> None:
    """Write captions into one file, whole or not at all.

    The ending decides the form: `.csv` has the header `image,caption`; `.json` is COCO
    results, `[{"image_id": …, "caption": …}]` with file names; `.jsonl` is Hugging
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
    write_file(file, _WRITERS[file.suffix.lower()](_named(captions)))


def check_export_name(file: Path) -> None:
    """Make sure that a file's ending is one that `write_captions` knows.

    Raises:
        CaptionFileError: If it is not.
    """
    if file.suffix.lower() not in _WRITERS:
        endings = ", ".join(EXPORT_SUFFIXES)
        raise CaptionFileError(f"{file.name} must end in one of {endings}.")


def read_captions(file: Path) -> dict[str, str]:
    """Read captions from one file, in the forms of `write_captions` but the pickle.

    Returns:
        Picture as named there → its first caption.

    Raises:
        CaptionFileError: If the file cannot be read or is of no such form.
    """
    read = _READERS.get(file.suffix.lower())
    if read is None:
        endings = ", ".join(IMPORT_SUFFIXES)
        raise CaptionFileError(
            f"Captions are read from files ending in {endings}, not from {file.name}."
        )
    try:
        text = file.read_text(encoding="utf-8-sig")
        captions: dict[str, str] = {}
        for picture, caption in read(text):
            captions.setdefault(picture, caption)
    except OSError as error:
        raise CaptionFileError(f"{file} cannot be read ({reason(error)}).") from error
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        raise CaptionFileError(
            f"{file} holds no captions that can be read: a {file.suffix.lower()} file "
            f"needs {_FORMS[file.suffix.lower()]}."
        ) from error
    return captions


def _named(captions: Captions) -> list[tuple[str, str]]:
    folders = [str(picture.absolute().parent) for picture, _ in captions]
    try:
        shared = Path(os.path.commonpath(folders))
    except ValueError:  # none, or on different drives
        return [(str(picture), caption) for picture, caption in captions]
    return [
        (_printable(picture.absolute().relative_to(shared).as_posix()), caption)
        for picture, caption in captions
    ]


def _printable(name: str) -> str:
    # A file name that is not text cannot be told in a file of text.
    return name.encode("utf-8", "replace").decode()


def _csv(captions: Iterable[tuple[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["image", "caption"])
    rows.writerows(captions)
    return text.getvalue().encode()


def _json(captions: Iterable[tuple[str, str]]) -> bytes:
    results = [{"image_id": name, "caption": caption} for name, caption in captions]
    return (json.dumps(results, indent=1, ensure_ascii=False) + "\n").encode()


def _json_lines(captions: Iterable[tuple[str, str]]) -> bytes:
    lines = [
        json.dumps({"file_name": name, "text": caption}, ensure_ascii=False)
        for name, caption in captions
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _pickle(captions: Iterable[tuple[str, str]]) -> bytes:
    return pickle.dumps({name: [caption] for name, caption in captions}, protocol=4)


def _from_csv(text: str) -> Iterable[tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    for row in rows:
        yield row["image"], _text(row["caption"])


def _from_json(text: str) -> Iterable[tuple[str, str]]:
    for result in json.loads(text):
        yield str(result["image_id"]), _text(result["caption"])


def _from_json_lines(text: str) -> Iterable[tuple[str, str]]:
    for line in filter(str.strip, text.splitlines()):
        record = json.loads(line)
        yield _text(record["file_name"]), _text(record["text"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


_WRITERS: dict[str, Callable[[Iterable[tuple[str, str]]], bytes]] = {
    ".csv": _csv,
    ".json": _json,
    ".jsonl": _json_lines,
    ".pkl": _pickle,
}
_READERS: dict[str, Callable[[str], Iterable[tuple[str, str]]]] = {
    ".csv": _from_csv,
    ".json": _from_json,
    ".jsonl": _from_json_lines,
}
_FORMS = {
    ".csv": "the header image,caption",
    ".json": 'a list of {"image_id": …, "caption": …}',
    ".jsonl": 'lines of {"file_name": …, "text": …}',
}
