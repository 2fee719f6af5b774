"""Caption files of every format: read with notes or strictly, and written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from imagecap.captions.columns import Line, read_header
from imagecap.captions.formats import READERS, WRITERS, Reader, find_reader
from imagecap.captions.picture_names import PictureNames
from imagecap.captions.problems import (
    CaptionFileError,
    Fault,
    Report,
    note,
    noting,
    refusing,
)
from imagecap.captions.text_lines import to_utf8
from imagecap.files import read_ordinary, reason, write_file
from imagecap.provenance import Provenance
from imagecap.text.tokenizer import whole_characters

_TOLD = (
    Fault.NO_HEADER,
    Fault.UTF_16,
    Fault.UTF_32,
    Fault.NOT_UTF8,
    Fault.NUL,
    Fault.LANGUAGES,
    Fault.OTHER_SPLIT,
    Fault.MORE_CELLS,
    Fault.NOT_CAPTIONED,
)
_HARMLESS = (Fault.BLANK, Fault.LONG, *_TOLD)


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
        yield from _read(reader, file, report)


def read_strictly(
    file: Path, problems: list[str], tolerated: Iterable[Fault] = ()
) -> Iterator[Line]:
    """Read all captions of a file in which nothing is wrong.

    Args:
        file: The file; the end of its name decides the format.
        problems: Takes sentences about what is odd but does no harm: in which encoding
            the file is, splits that are not known.
        tolerated: Faults that may be there; blank lines and long captions always may.

    Raises:
        CaptionFileError: At the first fault, or if the file cannot be read.
    """
    try:
        reader = find_reader(file)
        refuse = refusing(file, reader.unit, (*tolerated, *_HARMLESS))
        with noting(problems, file, reader.unit) as tell:
            report = _both(refuse, tell)
            for line in _read(reader, file, report):
                yield line._replace(caption=whole_characters(line.caption))
    except OSError as error:
        raise CaptionFileError(f"{file} cannot be read ({reason(error)}).") from error


def read_captions(file: Path, problems: list[str] | None = None) -> dict[str, str]:
    """Read one caption for each picture; commas need no quotes.

    Args:
        file: The file.
        problems: Takes sentences about what is odd.

    Returns:
        Picture as named there → its first caption.

    Raises:
        CaptionFileError: If the file cannot be read or something in it is wrong.
    """
    problems = [] if problems is None else problems
    captions: dict[str, str] = {}
    for line in read_strictly(file, problems, [Fault.UNQUOTED_COMMA]):
        captions.setdefault(line.picture, line.caption)
    return captions


def read_texts(files: Iterable[Path], problems: list[str]) -> list[str]:
    """Read all captions of files, whatever the pictures.

    Args:
        files: The files; the end of its name decides the format of each. `.txt` and
            `.tsv` without a header have a caption a line; what stands before a tab is
            left out.
        problems: Takes sentences about what is odd.

    Raises:
        CaptionFileError: If a file cannot be read, or has no captions.
    """
    texts: list[str] = []
    for file in files:
        before = len(texts)
        try:
            plain = _plain_lines(file)
            texts += plain or (one.caption for one in read_with_notes(file, problems))
        except OSError as error:
            raise CaptionFileError(
                f"{file} cannot be read ({reason(error)})."
            ) from error
        if len(texts) == before:
            raise CaptionFileError(f"{file} has no captions; name another file.")
    return texts


def _plain_lines(file: Path) -> list[str]:
    """Read a file that has one caption a line; nothing of a file of another format."""
    name = file.name.lower()
    reader = find_reader(file)
    if not name.endswith((".txt", ".tsv")) or reader is not READERS[name[-4:]]:
        return []
    content, fault = to_utf8(read_ordinary(file))
    if fault is Fault.NOT_TEXT:
        return []
    lines = content.decode(errors="replace").splitlines()
    if not lines or read_header(re.split(r"[\t,|]", lines[0])):
        return []
    plain = (line.rpartition("\t")[2].strip(" \t\0") for line in lines)
    return [text.replace("\0", "") for text in plain if text]


def read_captions_of(
    pictures: Sequence[Path], file: Path, problems: list[str]
) -> dict[Path, Line]:
    """Read the first caption that a file has for each of some pictures.

    Args:
        pictures: The picture files.
        file: The file. Its paths may start anywhere; what could mean several of the
            pictures is left out.
        problems: Takes sentences about what is odd or left out.

    Returns:
        Picture → the caption, for those that have one.

    Raises:
        CaptionFileError: If the file cannot be read or something in it is wrong.
    """
    paths = {_from_root(picture): picture for picture in pictures}
    lines: dict[str, Line] = {}
    for line in read_strictly(file, problems, [Fault.UNQUOTED_COMMA]):
        lines.setdefault(line.picture, line)
    beside = f"{_from_root(file.parent)}/"
    found, unclear = PictureNames(paths).locate(lines, file.name, beside)
    note(problems, "name", unclear, f"of {file.name} could mean several pictures")
    captions: dict[Path, Line] = {}
    for written, line in lines.items():
        if written in found:
            captions.setdefault(paths[found[written]], line)
    return captions


def write_captions(
    captions: Sequence[tuple[Path, str]],
    file: Path,
    provenance: Mapping[Path, Provenance] | None = None,
    among: Iterable[Path] = (),
) -> None:
    """Write captions into one file, whole or not at all.

    The ending decides the format: `.csv` has the header `image,caption`; `.json` is
    COCO results, `[{"image_id": …, "caption": …}]` with file names; `.jsonl` is Hugging
    Face's ImageFolder, `{"file_name": …, "text": …}` a line; `.pkl` is a pickle of a
    dictionary, name to list of captions, that needs nothing but Python to be loaded.
    What is known of a caption's provenance is in further columns of the CSV, and in
    JSON Lines.

    Args:
        captions: Each picture with its caption. Pictures are named by their path from
            the folder they share; one that comes twice is written once.
        file: The file; it is replaced if it is there.
        provenance: Where captions come from, for pictures of which that is known.
        among: Other pictures from which those of the file must be told by their names.

    Raises:
        CaptionFileError: If the ending is another one.
        WriteError: If the file cannot be written.
    """
    check_export_name(file)
    provenance = provenance or {}
    names = name_pictures([*among, *(picture for picture, _ in captions)])
    lines: dict[str, Line] = {}
    for picture, caption in captions:
        name = names[picture]
        text, said = whole_characters(caption), provenance.get(picture, Provenance())
        lines.setdefault(name, Line(name, text, provenance=said))
    write_file(file, WRITERS[file.suffix.lower()].write(list(lines.values())))


def check_export_name(file: Path) -> None:
    """Make sure that a file's ending is one that `write_captions` knows.

    Raises:
        CaptionFileError: If it is not.
    """
    if file.suffix.lower() not in WRITERS:
        endings = ", ".join(WRITERS)
        raise CaptionFileError(f"{file.name} must end in one of {endings}.")


def name_pictures(pictures: Iterable[Path]) -> dict[Path, str]:
    """Give the names by which pictures are written: their paths from a shared folder.

    Two have the same name only where they are the same file of the same folder.
    """
    places = {picture: _place(picture) for picture in pictures}
    shared = shared_folder(places)
    return {
        picture: (place.relative_to(shared) if shared else place).as_posix()
        for picture, place in places.items()
    }


def shared_folder(pictures: Iterable[Path]) -> Path | None:
    """Give the folder that pictures share; `None` if there are none, or no folder."""
    folders = {str(_place(picture).parent) for picture in pictures}
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # none, or on different drives
        return None


def _place(picture: Path) -> Path:
    picture = picture.absolute()
    # A link may lie before the dots, so that only the system knows where they lead.
    if ".." in picture.parts:
        picture = picture.parent.resolve() / picture.name
    return picture


def _from_root(path: Path) -> str:
    return _place(path).as_posix().lstrip("/")


def _read(reader: Reader, file: Path, report: Report) -> Iterator[Line]:
    try:
        for line in reader.read(file, report):
            if "\0" in line.caption:
                report(Fault.NUL, int(line.number), "holds a NUL character")
                line = line._replace(caption=line.caption.replace("\0", ""))
            yield line
    except RecursionError as error:
        raise CaptionFileError(
            f"{file} holds too many records within records; write one for each picture."
        ) from error


def _both(refuse: Report, tell: Report) -> Report:
    def report(fault: Fault, number: int, what: str) -> None:
        refuse(fault, number, what)
        if fault in _TOLD:
            tell(fault, number, what)

    return report
