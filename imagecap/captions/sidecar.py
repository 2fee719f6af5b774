"""Captions in text files beside their pictures: `dog.txt` beside `dog.jpg`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from imagecap.captions.columns import Line
from imagecap.captions.text_lines import decode_line
from imagecap.files import write_file

# A text that is longer is no caption but a book.
_MOST_BYTES = 10_000


def sidecar_path(picture: Path) -> Path:
    """Tell which file beside a picture holds its caption; it need not be there."""
    return picture.with_suffix(".txt")


def write_sidecar(file: Path, caption: str) -> None:
    """Write a caption into a text file.

    Raises:
        WriteError: If it cannot be written.
    """
    write_file(file, f"{caption}\n".encode())


def read_sidecar(file: Path) -> str | None:
    """Read the caption of a text file: its first line in which something is written.

    Returns:
        The caption; `None` where there is no such file or it holds none.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError:
        return None
    lines = list(_decoded(content))
    if len(content) > _MOST_BYTES or not all(is_utf8 for _, is_utf8 in lines):
        return None
    return next((" ".join(line.split()) for line, _ in lines if line.strip()), None)


def read_sidecars(folder: Path, pictures: Iterable[str]) -> Iterator[Line]:
    """Read all captions beside pictures, one a line; without a file there are none.

    Args:
        folder: The data set's folder.
        pictures: The pictures, relative to it.

    Raises:
        OSError: If a file cannot be read.
    """
    for picture in pictures:
        text = sidecar_path(Path(picture)).as_posix()
        try:
            content = (folder / text).read_bytes()
        except FileNotFoundError:
            continue
        written = False
        for number, (line, _) in enumerate(_decoded(content), start=1):
            if line.strip():
                yield Line(picture, line, f"{text} line {number}")
                written = True
        if not written:
            yield Line(picture, "", text)


def _decoded(content: bytes) -> Iterator[tuple[str, bool]]:
    for number, raw in enumerate(content.splitlines(), start=1):
        yield decode_line(raw, number)
