"""Captions in text files beside their pictures: `dog.txt` beside `dog.jpg`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imagecap.files import write_file
from imagecap.library.store import Library

# A text that is longer is no caption but a book.
_MOST_BYTES = 10_000


def text_beside(picture: Path) -> Path:
    """Tell which file beside a picture holds its caption; it need not be there."""
    return picture.with_suffix(".txt")


def write_text(file: Path, caption: str) -> None:
    """Write a caption into a text file.

    Raises:
        WriteError: If it cannot be written.
    """
    write_file(file, f"{caption}\n".encode())


def read_text(file: Path) -> str | None:
    """Read the caption of a text file: its first line in which something is written.

    Returns:
        The caption; `None` where there is no such file or it holds none.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        lines = content.decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return None
    if len(content) > _MOST_BYTES:
        return None
    return next((" ".join(line.split()) for line in lines if line.strip()), None)


def take_texts(library: Library, pictures: Iterable[Path]) -> int:
    """Take the captions in text files beside pictures for what a person says of them.

    What a person says of a picture in the library already stays, and what a model has
    said of it is not a person's because it was saved.

    Args:
        library: Where they are kept.
        pictures: The picture files.

    Returns:
        How many were taken.

    Raises:
        LibraryError: If the library cannot be read or written.
    """
    with_text = [picture for picture in pictures if text_beside(picture).is_file()]
    taken = 0
    for entry in library.entries(with_text):
        caption = read_text(text_beside(entry.picture)) if entry.human is None else None
        if caption and not library.is_machines(entry.picture, caption):
            library.keep_human(entry.picture, caption)
            taken += 1
    return taken
