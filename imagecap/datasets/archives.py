"""Zip archives unpacked safely: into a folder, and nothing outside it."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath

from imagecap.datasets.downloads import DownloadError, require_space
from imagecap.progress import progress_bar

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)


def unpack_archives(paths: Iterable[Path], folder: Path) -> None:
    """Unpacks archives into one folder, with progress and the time left.

    Nothing is written before every entry of every archive was looked at. The library
    writes no more of an entry than the archive declares, and checks its CRC.

    Args:
        paths: The archives. A damaged one is deleted.
        folder: The folder, which must exist.

    Raises:
        DownloadError: An archive is damaged, or has an entry that leads out of the
            folder, or there is too little room.
        OSError: The disk refuses to take the files.
    """
    paths = list(paths)
    total = sum(_declared_size(path) for path in paths)
    require_space(folder, total, f"to unpack {', '.join(p.name for p in paths)}")
    with progress_bar("unpacking", total, "B") as progress:
        for path in paths:
            try:
                with zipfile.ZipFile(path) as archive:
                    for member in _members(archive):
                        archive.extract(member, folder)
                        progress.update(member.file_size)
            except _DAMAGE as error:
                raise _damaged(path, error) from error


def _declared_size(path: Path) -> int:
    """Return what an archive takes when it is unpacked, in bytes, if it is harmless."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    for member in members:
        # As Windows reads it, because that knows more ways out than others do.
        name = PureWindowsPath(member.filename)
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        if name.anchor or ".." in name.parts or is_link:
            raise DownloadError(
                f"{path.name} was not unpacked: its entry “{member.filename}” leads "
                "out of the folder."
            )
    return sum(member.file_size for member in members)


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """All entries but those that macOS adds to the archives made on it."""
    return [
        member
        for member in archive.infolist()
        if not member.filename.startswith("__MACOSX/")
    ]


def _damaged(path: Path, error: Exception) -> DownloadError:
    path.unlink()
    return DownloadError(
        f"{path.name} is damaged ({error}). It was deleted; start again to download it "
        "anew."
    )
