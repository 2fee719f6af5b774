"""Pictures that lie in the files of a data set themselves, unpacked beside these."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath, PureWindowsPath

from imagecap.captions.parquet_files import pictures_in
from imagecap.captions.webdataset_files import pictures_in_shard
from imagecap.counted import counted, were
from imagecap.datasets.errors import DatasetError
from imagecap.files import reason

_KINDS: dict[str, Callable[[Path], Iterator[tuple[str, bytes]]]] = {
    ".parquet": pictures_in,
    ".tar": pictures_in_shard,
}
ENDINGS = tuple(_KINDS)
"""How the names of files end that may hold pictures."""


def unpack_pictures(file: Path, problems: list[str]) -> Path | None:
    """Unpack the pictures in a file into a folder of its name, whole or not at all.

    A folder that is there already is taken for what was unpacked before.

    Args:
        file: The file.
        problems: Takes a sentence where pictures were unpacked.

    Returns:
        The folder; `None` where the file holds no pictures.

    Raises:
        DatasetError: If the folder cannot be written.
        CaptionFileError: If the file cannot be read as what its name says.
    """
    if file.suffix.lower() not in _KINDS:
        return None
    folder = file.with_suffix("")
    if folder.is_dir():
        return folder
    pictures = _KINDS[file.suffix.lower()](file)
    first = next(pictures, None)
    if first is None:
        return None
    try:
        # Hidden, so that what a killed program leaves is never read.
        with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=file.parent) as place:
            count = _write(chain([first], pictures), Path(place, "pictures"))
            shutil.move(Path(place, "pictures"), folder)
    except OSError as error:
        raise DatasetError(
            f"The pictures in {file} cannot be unpacked into {folder} "
            f"({reason(error)}); make room there, or put the file elsewhere."
        ) from error
    problems.append(
        f"{counted(count, 'picture')} of {file.name} {were(count)} unpacked into "
        f"{folder}."
    )
    return folder


def _write(pictures: Iterator[tuple[str, bytes]], folder: Path) -> int:
    count = 0
    folder.mkdir()
    for name, content in pictures:
        # As Windows reads it, because that knows more ways out than others do.
        if PureWindowsPath(name).anchor or ".." in PureWindowsPath(name).parts:
            continue
        path = folder / PurePosixPath(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        count += 1
    return count
