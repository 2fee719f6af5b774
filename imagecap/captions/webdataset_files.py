"""WebDataset shards: a tar with `a.jpg` and beside it `a.txt` or `a.json`."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from imagecap.captions.columns import Line
from imagecap.captions.picture_names import PictureNames
from imagecap.captions.problems import CaptionFileError, Fault, Report
from imagecap.captions.records import read_fields
from imagecap.captions.text_lines import decode_text
from imagecap.captions.token_files import match_token_line
from imagecap.files import check_ordinary
from imagecap.pictures.folders import is_picture_name

# What img2dataset and others call a caption, the first one before the others.
_TEXTS = (".txt", ".caption", ".cap", ".text", ".token", ".token.txt")
# Captions are short; what is longer is something else.
_MOST_BYTES = 1_000_000


FindReader = Callable[[Path], Callable[[Path, Report], Iterator[Line]]]
_Sample = dict[str, tarfile.TarInfo]


def read_webdataset(
    file: Path, report: Report, find_reader: FindReader
) -> Iterator[Line]:
    """Read the captions of a shard; a text has one on each line.

    Where no picture has one beside it, the first caption file counts that is in the
    shard and names some of its pictures.

    Source: https://github.com/webdataset/webdataset. What stands before the first dot
    of a name is common to a picture and its caption.

    Args:
        file: The shard.
        report: Takes the faults.
        find_reader: Gives what reads a caption file, and raises a `CaptionFileError`
            where a file is none.

    Raises:
        CaptionFileError: If the file is damaged.
        OSError: If the file cannot be read.
    """
    samples: dict[str, _Sample] = {}
    with _open(file) as shard:
        for member in _members(shard, file):
            path = PurePosixPath(member.name)
            base, dot, ending = path.name.partition(".")
            sample = samples.setdefault(str(path.parent / base), {})
            sample[f"{dot}{ending}".lower()] = member
        pictures: list[str] = []
        others: list[tarfile.TarInfo] = []
        without: list[int] = []
        for number, (base, sample) in enumerate(samples.items(), start=1):
            name = _picture_of(sample)
            if name is None:
                others += sample.values()
                continue
            pictures.append(name)
            captions = _captions(shard, base, sample, number, report)
            yield from (line._replace(picture=name) for line in captions)
            if not captions:
                without.append(number)
        if len(without) == len(pictures):
            lines = _of_one_file(shard, others, pictures, report, find_reader)
            yield from lines
            without = [] if lines else without
    for number in without:
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


def _picture_of(sample: _Sample) -> str | None:
    pictures = [ending for ending in sample if is_picture_name(f"a{ending}")]
    # `a.jpg` is the picture, and `a.mask.png` something that was made of it.
    picture = min(pictures, key=lambda ending: ending.count("."), default=None)
    return None if picture is None else sample[picture].name.removeprefix("./")


def _of_one_file(
    shard: tarfile.TarFile,
    members: Iterable[tarfile.TarInfo],
    pictures: Sequence[str],
    report: Report,
    find_reader: FindReader,
) -> list[Line]:
    """Read the first caption file in a shard that names some of its pictures."""
    names = PictureNames(pictures)
    for member in members:
        path = PurePosixPath(member.name.removeprefix("./"))
        if path.name.startswith("."):
            continue
        with tempfile.TemporaryDirectory() as place:
            file = Path(place, path.name)
            file.write_bytes(_content(shard, member))
            try:
                lines = list(find_reader(file)(file, report))
            except CaptionFileError:
                continue
        beside = "" if path.parent == PurePosixPath() else f"{path.parent}/"
        found, _ = names.locate((line.picture for line in lines), path.name, beside)
        if found:
            return [
                line._replace(picture=found.get(line.picture, line.picture))
                for line in lines
            ]
    return []


def _captions(
    shard: tarfile.TarFile, base: str, sample: _Sample, number: int, report: Report
) -> list[Line]:
    for ending in (*_TEXTS, ".json"):
        member = sample.get(ending)
        if member is None or member.size > _MOST_BYTES:
            continue
        text, fault = decode_text(_content(shard, member))
        if fault:
            report(fault, number, "is not text in UTF-8")
        if fault is Fault.NOT_TEXT:
            return []
        if ending == ".json":
            return read_fields(text, number, report)
        lines = [line for line in text.splitlines() if line.strip()]
        return [Line("", _without_key(line, base), number) for line in lines]
    return []


def _without_key(line: str, base: str) -> str:
    """Give the caption of a line that may name its picture, as token files do."""
    match = match_token_line(line)
    named = match and match["picture"].partition(".")[0] == PurePosixPath(base).name
    return match["caption"] if match and named else line


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
