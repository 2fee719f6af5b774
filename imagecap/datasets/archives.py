"""Zip archives unpacked safely: into a folder, and nothing outside it."""

from __future__ import annotations

import errno
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

from imagecap.datasets.downloads import DownloadError, require_space
from imagecap.progress import progress_bar

# Entries whose names no file can have, or two of which would be at one place; what
# cannot be decompressed has no number at all.
_OF_THE_ARCHIVE = (
    *(None, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    *(errno.EINVAL, errno.EILSEQ),
)


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
            with _opened(path) as archive:
                for member in _members(archive):
                    archive.extract(member, folder)
                    progress.update(member.file_size)


def _declared_size(path: Path) -> int:
    """Return what an archive takes when it is unpacked, in bytes, if it is harmless."""
    with _opened(path) as archive:
        members = _members(archive)
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


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; whatever is wrong with it inside is damage.

    No list of exceptions is complete: a name without a letter alone is an `IndexError`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (DownloadError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in _OF_THE_ARCHIVE:
            raise
        path.unlink()
        why = " ".join(str(error).split()) or type(error).__name__
        raise DownloadError(
            f"{path.name} is damaged ({why}). It was deleted; start again to download "
            "it anew."
        ) from error
