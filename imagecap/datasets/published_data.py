"""Published data sets that can be downloaded."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from imagecap.datasets.archives import unpack_archives
from imagecap.datasets.downloads import DownloadError, download_file
from imagecap.files import InUseError, exclusive_lock, reason

_RECORD = "download.json"
_LOCK = ".lock"


@dataclass(frozen=True)
class PublishedArchive:
    """A zip file on the web.

    Attributes:
        url: Its address.
        size: Its bytes.
        algorithm: The name of its checksum, as `hashlib` knows it.
        checksum: The checksum, in hexadecimal digits.
    """

    url: str
    size: int
    algorithm: str
    checksum: str

    @property
    def name(self) -> str:
        """The file's name."""
        return PurePosixPath(self.url).name


_FLICKR8K = "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k"
# The bucket behind images.cocodataset.org, which has no certificate for that name.
_COCO = "https://s3.amazonaws.com/images.cocodataset.org"

# The small archives come first, so that what is wrong shows before hours have passed.
PUBLISHED: dict[str, tuple[PublishedArchive, ...]] = {
    # MD5 is all that others have published of these: torchvision for R
    # (mlverse/torchvision, R/dataset-flickr.R).
    "flickr8k": (
        PublishedArchive(
            f"{_FLICKR8K}/Flickr8k_text.zip",
            2_340_801,
            "md5",
            "bf6c1abcb8e4a833b7f922104de18627",
        ),
        PublishedArchive(
            f"{_FLICKR8K}/Flickr8k_Dataset.zip",
            1_115_419_746,
            "md5",
            "f18a1e2920de5bd84dae7cf08ec78978",
        ),
    ),
    # From torchvision (pytorch/vision, prototype/datasets/_builtin/coco.py).
    "coco2017": (
        PublishedArchive(
            f"{_COCO}/annotations/annotations_trainval2017.zip",
            252_907_541,
            "sha256",
            "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
        ),
        PublishedArchive(
            f"{_COCO}/zips/val2017.zip",
            815_585_330,
            "sha256",
            "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
        ),
        PublishedArchive(
            f"{_COCO}/zips/train2017.zip",
            19_336_861_798,
            "sha256",
            "69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929",
        ),
    ),
}
"""The archives of each data set, by its name."""


def download_dataset(archives: tuple[PublishedArchive, ...], folder: Path) -> bool:
    """Download the archives of a data set and unpack them into one folder.

    It can be broken off at any moment; the next call goes on. The folder appears at
    the end, in one step; until then all lies beside it, in a folder with `.part` at
    the end of its name.

    Args:
        archives: The archives, from `PUBLISHED`.
        folder: Where the data set is to be.

    Returns:
        Whether there was anything to do: not where the data set is there already.

    Raises:
        DownloadError: An archive cannot be downloaded or unpacked, there is too little
            room, or the folder holds something else.
    """
    folder = folder.resolve()
    work = folder.with_name(folder.name + ".part")
    there = _is_there(archives, folder)
    try:
        if not there:
            with exclusive_lock(work / _LOCK):
                # Another program may have done it in the meantime.
                if not _is_there(archives, folder):
                    _make(archives, folder, work)
        _clear(archives, work)
    except InUseError as error:
        raise DownloadError(
            f"Another program is downloading into {work}. Wait for it, or choose "
            "another folder with --to."
        ) from error
    except OSError as error:
        raise DownloadError(
            f"{error.filename or work} cannot be written ({reason(error)}). "
            "What was downloaded is kept; mend that and start again."
        ) from error
    return not there


def _make(archives: tuple[PublishedArchive, ...], folder: Path, work: Path) -> None:
    for archive in archives:
        download_file(
            archive.url,
            archive.size,
            archive.algorithm,
            archive.checksum,
            work / archive.name,
        )
    unpacked = work / "unpacked"
    # What an interrupted call left of it may end in the middle of a file.
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    unpack_archives((work / archive.name for archive in archives), unpacked)
    (unpacked / _RECORD).write_text(_record(archives), encoding="utf-8")
    if folder.exists():
        folder.rmdir()
    unpacked.rename(folder)


def _clear(archives: tuple[PublishedArchive, ...], work: Path) -> None:
    """Delete what is no longer needed, and nothing that is not ours."""
    for name in (*(archive.name for archive in archives), _LOCK):
        (work / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        work.rmdir()


def _is_there(archives: tuple[PublishedArchive, ...], folder: Path) -> bool:
    if _recorded_checksums(folder) == [archive.checksum for archive in archives]:
        return True
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise DownloadError(
            f"{folder} holds something else; choose another folder with --to."
        )
    return False


def _recorded_checksums(folder: Path) -> list[str]:
    # Addresses may change; what lies there is the same as long as the checksums are.
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        return [archive["checksum"] for archive in record]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []


def _record(archives: tuple[PublishedArchive, ...]) -> str:
    return json.dumps([asdict(archive) for archive in archives], indent=2) + "\n"
