"""The pictures of folders, known by the endings of their names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from imagecap.pictures.reading import PICTURE_SUFFIXES, PictureError


def is_picture_name(path: str | os.PathLike[str]) -> bool:
    """Whether a file's name ends like a picture's; the file need not exist."""
    return Path(path).suffix.lower() in PICTURE_SUFFIXES


def pictures_in(folder: str | os.PathLike[str]) -> list[Path]:
    """List the pictures of one folder, without its sub-folders and hidden files.

    Args:
        folder: The folder.

    Returns:
        The files as people count: `photo2.jpg` before `photo10.jpg`.

    Raises:
        PictureError: The folder is missing, forbidden or a file.
    """
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if is_picture_name(entry.name)
                and not entry.name.startswith(".")
                and entry.is_file()
            ]
    except OSError as error:
        raise PictureError(
            f"The folder {os.fspath(folder)} cannot be read: {error.strerror}."
        ) from error
    return [Path(folder) / name for name in sorted(names, key=_natural_order)]


def pictures_of(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """List pictures, and the pictures of folders among them.

    Args:
        paths: Files and folders, in any mixture.

    Returns:
        The files as they are named, each folder's as `pictures_in` lists them.

    Raises:
        PictureError: If a folder cannot be read.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        found += pictures_in(path) if path.is_dir() else [path]
    return found


def _natural_order(name: str) -> tuple[list[str | int], str]:
    # Texts and numbers alternate, so that like is only ever compared with like.
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name
