"""Paths that programs name, held inside the folders of the library."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from imagecap.library.browsing import folder_around, folders
from imagecap.library.store import Library
from imagecap.pictures.folders import find_pictures
from imagecap.web.problems import Problem


def path_inside(library: Library, written: str) -> Path:
    """Return a path that lies in a folder of the library, or below one.

    Args:
        library: The library; its folders are those in which its pictures lie.
        written: The path, from the root.

    Returns:
        The file or folder, without links and `..`.

    Raises:
        Problem: If it lies elsewhere, by itself or by links, or there is nothing.
    """
    lexical = Path(os.path.normpath(written)) if "\0" not in written else Path()
    # Also of names that no file can have.
    with suppress(OSError, RuntimeError, ValueError):
        # By its letters first, so that no other machine is asked for what it has there.
        around = folder_around(library, lexical) if lexical.is_absolute() else None
        if around:
            real = lexical.resolve(strict=True)
            if real.is_relative_to(around.resolve()) or _is_inside(library, real):
                return real
    raise Problem(
        404,
        "The path is in no folder of the library; name a file or folder that lies "
        "where pictures of the library are.",
    )


def pictures_inside(library: Library, folder: Path) -> list[Path]:
    """List the pictures of a folder and below, without those that links lead out to.

    Args:
        library: The library.
        folder: The folder, as `path_inside` gives it.
    """
    known = _resolved(folders(library))
    return [
        one
        for one in find_pictures([folder]).pictures
        if _is_in(Path(os.path.realpath(one)), known)
    ]


def _is_inside(library: Library, real: Path) -> bool:
    if folder_around(library, real):
        return True
    # Perhaps one that the library knows by a link.
    return _is_in(real, _resolved(folders(library)))


def _resolved(known: Iterable[Path]) -> list[Path]:
    return [Path(os.path.realpath(one)) for one in known]


def _is_in(path: Path, known: Iterable[Path]) -> bool:
    return not {path, *path.parents}.isdisjoint(known)
