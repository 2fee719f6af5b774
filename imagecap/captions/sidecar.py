"""Captions in files beside their pictures: `dog.txt` beside `dog.jpg`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from imagecap.captions.columns import Line
from imagecap.captions.problems import Fault, note
from imagecap.captions.records import read_fields
from imagecap.captions.text_lines import decode_line, decode_text, to_utf8
from imagecap.files import read_ordinary, write_file
from imagecap.pictures.reading import PICTURE_SUFFIXES
from imagecap.text.tokenizer import whole_characters

ENDINGS = (".txt", ".caption", ".json", ".xmp")
"""How the names of files end that hold a caption, the first one before the others."""

# A text that is longer is no caption but a book; JSON and XMP may hold other things.
_MOST_BYTES = 10_000
_MOST_BYTES_OF_FIELDS = 1_000_000


@dataclass(frozen=True)
class Sidecars:
    """The captions beside the pictures of a data set.

    Attributes:
        lines: The captions.
        shared: Picture → the first of those that have one file of captions together.
    """

    lines: tuple[Line, ...]
    shared: dict[str, str]


def sidecar_path(picture: Path) -> Path:
    """Tell which file beside a picture takes its caption; it need not be there.

    `dog.txt`, or `dog.jpg.txt` where `dog.png` lies beside `dog.jpg`.
    """
    own = picture.with_name(f"{picture.name}.txt")
    others = (picture.with_suffix(suffix) for suffix in PICTURE_SUFFIXES)
    # Unlike the method of paths, it never fails: the name may be too long.
    exists = os.path.exists
    if exists(own) or any(other != picture and exists(other) for other in others):
        return own
    return picture.with_suffix(".txt")


def write_sidecar(file: Path, caption: str) -> None:
    """Write a caption into a text file.

    Raises:
        WriteError: If it cannot be written.
    """
    write_file(file, f"{whole_characters(caption)}\n".encode())


def read_sidecar(file: Path) -> str | None:
    """Read the caption of a file: its first line in which something is written.

    Returns:
        The caption; `None` where there is no such file or it holds none.
    """
    try:
        has_fields = file.suffix.lower() in (".json", ".xmp")
        most = _MOST_BYTES_OF_FIELDS if has_fields else _MOST_BYTES
        if file.stat().st_size > most:
            return None
        lines, _ = _read(file)
    except OSError:
        return None
    captions = (" ".join(line.caption.split()) for line in lines)
    return next(filter(None, captions), None)


def find_sidecars(pictures: Iterable[Path]) -> Iterator[tuple[Path, list[Path]]]:
    """Give each picture with the files beside it that may hold its caption.

    The best comes first: `dog.jpg.txt`, `dog.txt`, then those of the other `ENDINGS`.
    """
    folders: dict[Path, dict[str, str]] = {}
    for picture in pictures:
        folder = picture.parent
        if folder not in folders:
            folders[folder] = _names_in(folder)
        names = folders[folder]
        possible = [
            f"{base}{ending}"
            for ending in ENDINGS
            for base in (picture.name, picture.stem)
        ]
        there = (names.get(name, names.get(name.lower())) for name in possible)
        yield picture, [folder / name for name in dict.fromkeys(there) if name]


def read_sidecars(
    folder: Path, pictures: Iterable[str], problems: list[str]
) -> Sidecars:
    """Read all captions beside pictures, one a line; without a file there are none.

    Args:
        folder: The data set's folder.
        pictures: The pictures, relative to it.
        problems: Takes sentences about what is odd.
    """
    lines: list[Line] = []
    used: dict[str, list[str]] = {}
    faults: dict[Fault, list[str]] = {}
    for picture, found in find_sidecars(folder / picture for picture in pictures):
        name = picture.relative_to(folder).as_posix()
        empty = None
        for file in found:
            text = file.relative_to(folder).as_posix()
            try:
                captions, fault = _read(file)
            except OSError:
                captions, fault = [], Fault.UNREADABLE
            if fault:
                faults.setdefault(fault, []).append(text)
            numbered = [
                line._replace(picture=name, number=f"{text} line {line.number}")
                for line in captions
                if line.caption.strip()
            ]
            if numbered:
                lines += numbered
                used.setdefault(text, []).append(name)
                break
            empty = empty or Line(name, "", text)
        else:
            lines += [empty] if empty else []
    for fault, texts in faults.items():
        note(problems, "text file", dict.fromkeys(texts), _SAID[fault])
    several = {text: names for text, names in used.items() if len(names) > 1}
    shown = [f"{text} ({', '.join(names)})" for text, names in several.items()]
    note(problems, "text file", shown, "served several pictures, kept in one split")
    shared = {name: names[0] for names in several.values() for name in names}
    return Sidecars(tuple(lines), shared)


_SAID = {
    Fault.UTF_16: "read as UTF-16",
    Fault.UTF_32: "read as UTF-32",
    Fault.NUL: "held NUL characters, which were removed",
    Fault.NOT_UTF8: "read as Windows-1252, not UTF-8",
    Fault.NOT_TEXT: "could not be read as text",
    Fault.UNREADABLE: "could not be read",
}


def _names_in(folder: Path) -> dict[str, str]:
    """Give the files of a folder by their names, and by these in small letters."""
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return {}
    return {name.lower(): name for name in names} | {name: name for name in names}


def _read(file: Path) -> tuple[list[Line], Fault | None]:
    """Read the captions of a file, which name no picture, and what is wrong with it."""
    content = read_ordinary(file)
    if file.suffix.lower() == ".xmp":
        return _read_xmp(content)
    if file.suffix.lower() == ".json":
        text, fault = decode_text(content)
        return [] if fault is Fault.NOT_TEXT else _read_json(text), fault
    content, encoding = to_utf8(content)
    decoded = [
        decode_line(raw, number)
        for number, raw in enumerate(content.splitlines(), start=1)
    ]
    faults = {fault for _, fault in decoded if fault} | {encoding}
    if Fault.NOT_TEXT in faults:
        return [], Fault.NOT_TEXT
    lines = [Line("", line, number) for number, (line, _) in enumerate(decoded, 1)]
    return lines, encoding or next(iter(faults - {None}), None)


def _read_json(text: str) -> list[Line]:
    lines = read_fields(text, 1)
    return [line._replace(caption=whole_characters(line.caption)) for line in lines]


def _read_xmp(content: bytes) -> tuple[list[Line], Fault | None]:
    # Not needed for folders of texts, and not for free.
    from imagecap.pictures.metadata.xmp import read_xmp
    from imagecap.pictures.metadata.xmp_packet import XmpError

    try:
        captions = read_xmp(content)
    except XmpError:
        return [], Fault.NOT_TEXT
    caption = captions.get("description") or next(iter(captions.values()), "")
    return [Line("", caption, 1)] if caption else [], None
