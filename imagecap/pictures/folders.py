"""The pictures of folders, known by the endings of their names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from imagecap.pictures.errors import PictureError
from imagecap.pictures.formats import PICTURE_SUFFIXES, UNREAD_SUFFIXES

MOST_PICTURES = 100_000
"""How many pictures are taken from all sub-folders of a folder."""

# macOS puts what it knows of each picture there, under the picture's name.
_NO_PICTURES = frozenset({"__MACOSX"})


@dataclass
class FoundPictures:
    """Pictures that are meant by files and folders.

    Attributes:
        pictures: The files; whether each can be read shows when it is.
        left_out: What is not among them, each as a sentence with its name.
    """

    pictures: list[Path] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def is_picture_name(path: str | os.PathLike[str]) -> bool:
    """Whether a file's name ends like a picture's; the file need not exist."""
    return Path(path).suffix.lower() in PICTURE_SUFFIXES


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is passed over where folders are listed."""
    return name.startswith(".") or name in _NO_PICTURES


def can_be_listed(folder: Path) -> bool:
    """Whether this is a folder, the names in it can be listed and its files reached."""
    try:
        with os.scandir(folder):
            # Not of a path, which would leave out the dot that asks for the right.
            os.stat(os.path.join(folder, "."))  # noqa: PTH116, PTH118
    except OSError:
        return False
    return True


def pictures_in(folder: str | os.PathLike[str]) -> list[Path]:
    """List the pictures of one folder, without its sub-folders and hidden files.

    Args:
        folder: The folder.

    Returns:
        The files as people count: `photo2.jpg` before `photo10.jpg`.

    Raises:
        PictureError: The folder is missing, forbidden or a file.
    """
    return [path for path in _entries(Path(folder))[1] if is_picture_name(path)]


def find_pictures(
    paths: Iterable[str | os.PathLike[str]], subfolders: bool = True
) -> FoundPictures:
    """Find pictures, and the pictures of folders among them.

    Args:
        paths: Files and folders, in any mixture. A file is taken whatever its name.
        subfolders: Whether those of all sub-folders are meant, too; of at most
            `MOST_PICTURES` pictures in one folder.

    Returns:
        The files as they are named, each folder's as `pictures_in` lists them and then
        its sub-folders'; and what is left out.
    """
    found = FoundPictures()
    for path in map(Path, paths):
        if not os.path.isdir(path):
            found.pictures.append(path)
            continue
        most = len(found.pictures) + MOST_PICTURES
        for files in _walk(path, subfolders, found.left_out):
            found.pictures += filter(is_picture_name, files)
            found.left_out += [
                f"{file} is of a format that is not read here; save it as JPEG or PNG."
                for file in files
                if file.suffix.lower() in UNREAD_SUFFIXES
            ]
            found.left_out += [
                f"{file} is a link that leads nowhere or round in a circle; remove it."
                for file in files
                if _is_dead_link(file)
            ]
            if len(found.pictures) > most:
                del found.pictures[most:]
                found.left_out.append(
                    f"{path} has more than {MOST_PICTURES:,} pictures, of which the "
                    "first are taken; name its sub-folders one by one."
                )
                break
    return found


def pictures_of(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """List what `find_pictures` finds.

    Args:
        paths: Files and folders, in any mixture.

    Raises:
        PictureError: There are none.
    """
    meant = [Path(path) for path in paths]
    found = find_pictures(meant)
    if not found.pictures:
        names = ", ".join(map(str, meant))
        nothing = f"There are no pictures in {names}; name a folder that has some."
        raise PictureError(" ".join([*found.left_out[:1], nothing]))
    return found.pictures


def _walk(top: Path, subfolders: bool, left_out: list[str]) -> Iterator[list[Path]]:
    """Give the files of a folder and those below; circles of links end."""
    waiting, seen = [top], set()
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                if folder.is_symlink():
                    left_out.append(
                        f"{folder} is a link to a folder that is listed already."
                    )
                continue
            seen.add((status.st_dev, status.st_ino))
            below, files = _entries(folder)
        except OSError as error:
            left_out.append(str(_not_listed(folder, error)))
            continue
        except PictureError as error:
            left_out.append(str(error))
            continue
        yield files
        if subfolders:
            waiting += reversed(below)


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """List the folders and the files in a folder that are not hidden, in order.

    Raises:
        PictureError: It cannot be listed.
    """
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not is_hidden(entry.name):
                    (folders if _is_folder(entry) else files).append(entry.name)
    except OSError as error:
        raise _not_listed(folder, error) from error
    in_order = [sorted(names, key=_natural_order) for names in (folders, files)]
    return [folder / name for name in in_order[0]], [folder / n for n in in_order[1]]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # A link may lead round in a circle, or to where nobody may look; reading tells.
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_dead_link(file: Path) -> bool:
    """Whether a link leads to nothing that could tell what it was meant to be."""
    if is_picture_name(file) or file.suffix.lower() in UNREAD_SUFFIXES:
        return False
    return file.is_symlink() and not os.path.exists(file)


def _not_listed(folder: Path, error: OSError) -> PictureError:
    return PictureError(f"The folder {folder} cannot be read: {error.strerror}.")


def _natural_order(name: str) -> tuple[list[str | int], str]:
    # Texts and numbers alternate, so that like is only ever compared with like.
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name
