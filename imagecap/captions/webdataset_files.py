"""WebDataset shards: a tar with `a.jpg` and beside it `a.txt` or `a.json`."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from imagecap.captions.columns import Line, read_columns
from imagecap.captions.problems import CaptionFileError, Fault, Report
from imagecap.captions.text_lines import decode_text
from imagecap.files import check_ordinary
from imagecap.pictures.folders import is_picture_name

# What img2dataset and others call a caption, the first one before the others.
_TEXTS = (".txt", ".caption", ".cap", ".text")
# Captions are short; what is longer is something else.
_MOST_BYTES = 1_000_000


def read_webdataset(file: Path, report: Report) -> Iterator[Line]:
    """Read the captions of a shard; a text has one on each line.

    Source: https://github.com/webdataset/webdataset. What stands before the first dot
    of a name is common to a picture and its caption.

    Raises:
        CaptionFileError: If the file is damaged.
        OSError: If the file cannot be read.
    """
    samples: dict[str, dict[str, tarfile.TarInfo]] = {}
    with _open(file) as shard:
        for member in _members(shard, file):
            path = PurePosixPath(member.name)
            base, dot, ending = path.name.partition(".")
            sample = samples.setdefault(str(path.parent / base), {})
            sample[f"{dot}{ending}".lower()] = member
        for number, sample in enumerate(samples.values(), start=1):
            pictures = [ending for ending in sample if is_picture_name(f"a{ending}")]
            # `a.jpg` is the picture, and `a.mask.png` something that was made of it.
            picture = min(pictures, key=lambda ending: ending.count("."), default=None)
            if picture is None:
                continue
            captions = _captions(shard, sample, number, report)
            name = sample[picture].name.removeprefix("./")
            yield from (line._replace(picture=name) for line in captions)
            if not captions:
                report(Fault.UNREADABLE, number, "has no caption beside the picture")


def pictures_in_shard(file: Path) -> Iterator[tuple[str, bytes]]:
    """Give the pictures in a shard, with their names.

    Raises:
        CaptionFileError: If the file is damaged.
        OSError: If the file cannot be read.
    """
    with _open(file) as shard:
        for member in _members(shard, file):
            if is_picture_name(member.name):
                yield member.name.removeprefix("./"), _content(shard, member)


def _open(file: Path) -> tarfile.TarFile:
    check_ordinary(file)
    try:
        return tarfile.open(file)
    except tarfile.TarError as error:
        raise _damaged(file, error) from error


def _members(shard: tarfile.TarFile, file: Path) -> Iterator[tarfile.TarInfo]:
    try:
        for member in shard:
            if member.isreg():
                yield member
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(file, error) from error


def _captions(
    shard: tarfile.TarFile,
    sample: dict[str, tarfile.TarInfo],
    number: int,
    report: Report,
) -> list[Line]:
    for ending in (*_TEXTS, ".json"):
        member = sample.get(ending)
        if member is None or member.size > _MOST_BYTES:
            continue
        text, fault = decode_text(_content(shard, member))
        if fault:
            report(fault, number, "is not text in UTF-8")
        if ending != ".json":
            lines = [line for line in text.splitlines() if line.strip()]
            return [Line("", line, number) for line in lines]
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            return []
        if isinstance(record, dict):
            return read_columns({**record, "image": "?"}, number, report)
    return []


def _content(shard: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = shard.extractfile(member)
    try:
        return opened.read() if opened else b""
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(Path(str(shard.name)), error) from error


def _damaged(file: Path, error: Exception) -> CaptionFileError:
    return CaptionFileError(
        f"{file} is damaged, it is no whole tar file ({error}); download it again."
    )
