"""The layouts in which data sets are published: which files hold their captions."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imagecap.captions.caption_files import read_with_notes
from imagecap.captions.columns import SPLIT_NAMES
from imagecap.captions.formats import READERS
from imagecap.captions.picture_names import PictureNames
from imagecap.captions.problems import CaptionFileError, note
from imagecap.datasets.errors import DatasetError
from imagecap.datasets.shards import ENDINGS
from imagecap.pictures.folders import can_be_listed, is_picture_name

# Where several of Karpathy's lie in a folder, nothing says which one is meant.
_KARPATHY = ("dataset_coco.json", "dataset_flickr8k.json", "dataset_flickr30k.json")
_COCO_YEARS = ("2017", "2014")
# Hugging Face's ImageFolder, whose paths start from the file's own folder.
_IMAGE_FOLDER = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
# The first of these that is there is read. A further layout is a further name here.
_CAPTION_FILES = (
    "Flickr8k.token.txt",
    "results_20130124.token",
    "results.csv",
    "captions.txt",
    "captions.csv",
    "captions.tsv",
    "captions.jsonl",
    "captions.ndjson",
    "captions.json",
    "captions.token",
    "captions.pkl",
    "captions.pickle",
    *_IMAGE_FOLDER,
)
_LOOKED_AT = 20
_PACKED = (".zip", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".7z", ".rar")


@dataclass(frozen=True)
class Source:
    """A file with captions.

    Attributes:
        file: The file.
        split: The split of all its pictures, if its name or place says one.
        unpacked: The folder with the pictures that were in the file, if any were.
    """

    file: Path
    split: str | None = None
    unpacked: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder from which its paths start."""
        return self.unpacked or self.file.parent

    @property
    def names_pictures_there(self) -> bool:
        """Whether its paths start from that folder and from no other."""
        return self.file.name in _IMAGE_FOLDER or self.unpacked is not None


def places(folder: Path) -> list[Path]:
    """List the folder and those in it that may be read.

    Archives unpack now into it, now below.
    """
    below = (entry for entry in folder.iterdir() if entry.name[0] not in "._")
    return [folder, *sorted(filter(can_be_listed, below))]


def find_sources(folder: Path, problems: list[str]) -> list[Source]:
    """Find the caption files of a folder in one of the layouts known here.

    Args:
        folder: The folder.
        problems: Takes a sentence about files that could have been meant as well.

    Returns:
        The files that give the captions together; none if there are none.

    Raises:
        DatasetError: Several files could be meant and only a person can tell which.
        OSError: The folder cannot be listed.
    """
    around = places(folder)
    karpathy = [
        place / name for name in _KARPATHY for place in around if _is_file(place, name)
    ]
    if len(karpathy) > 1:
        names = ", ".join(file.name for file in karpathy)
        raise DatasetError(
            f"{folder} holds {names}; name the one that is meant: --data {karpathy[0]}."
        )
    if karpathy:
        return [Source(karpathy[0])]
    sources = _coco_sources(around, problems) or _split_folders(folder)
    if sources:
        return sources
    for name in _CAPTION_FILES:
        for place in around:
            if _is_file(place, name):
                return [Source(place / name)]
    return _shards(around)


def find_own_source(
    folder: Path, pictures: PictureNames, refused: list[str]
) -> list[Source]:
    """Find the one caption file of a folder that has a name of its own.

    Args:
        folder: The folder.
        pictures: The pictures below it; a file that names none of them is no such file.
        refused: Takes a sentence about each file that may have been meant but cannot
            be read.

    Raises:
        DatasetError: There are several, and only a person can tell which is meant.
        OSError: The folder cannot be listed.
    """
    files = [
        file
        for place in places(folder)
        for file in sorted(place.iterdir())
        if file.name.lower().endswith(tuple(READERS))
        and _names_any(file, pictures, refused)
    ]
    if len(files) > 1:
        names = ", ".join(str(file.relative_to(folder)) for file in files)
        raise DatasetError(
            f"{folder} holds {names}; name the one that is meant: --data {files[0]}."
        )
    return [Source(file) for file in files]


def _names_any(file: Path, pictures: PictureNames, refused: list[str]) -> bool:
    try:
        lines = islice(read_with_notes(file, []), _LOOKED_AT)
        return any(pictures.find(line.picture) for line in lines)
    except CaptionFileError as error:
        # Texts may be anything, and what lies beside a picture is of that alone.
        if not (file.name.lower().endswith(".txt") or pictures.find(file.stem)):
            refused.append(str(error))
        return False
    except OSError:
        return False


def leads_up(file: Path) -> bool:
    """Whether a caption file names pictures beside its folder, `../a.jpg`.

    Only one folder up, and only where such a picture is there: what a file says must
    not open the whole disk.
    """
    if file.suffix.lower() in ENDINGS:
        return False
    folder = file.resolve().parent
    try:
        for line in islice(read_with_notes(file, []), _LOOKED_AT):
            written = line.picture.replace("\\", "/")
            below = posixpath.normpath(written.removeprefix("../"))
            if (
                written.startswith("../")
                and not below.startswith(("../", "/"))
                and is_picture_name(below)
                and (folder.parent / below).is_file()
            ):
                return True
    except (CaptionFileError, OSError, ValueError):
        return False
    return False


def packed_in(around: list[Path]) -> list[str]:
    """List the archives in folders, which are to be unpacked by hand."""
    return [
        entry.name
        for place in around
        for entry in sorted(place.iterdir())
        if is_packed(entry)
    ]


def is_packed(file: Path) -> bool:
    """Whether a file is an archive that is not read, by its name."""
    return file.name.lower().endswith(_PACKED) and file.is_file()


def _shards(around: list[Path]) -> list[Source]:
    """Find files that hold pictures with their captions, split by their names.

    `train-00000.tar`, or `00000.tar` in a folder `train`.
    """
    files = [
        file
        for place in around
        for file in sorted(place.iterdir())
        if file.suffix.lower() in ENDINGS and file.is_file()
    ]
    # img2dataset writes a table beside each shard that says the same again.
    tars = {file.with_suffix("") for file in files if file.suffix.lower() == ".tar"}
    return [
        Source(file, _split_of(file))
        for file in files
        if file.suffix.lower() == ".tar" or file.with_suffix("") not in tars
    ]


def _split_of(file: Path) -> str | None:
    first = re.split(r"[-_.\d]", file.name.lower(), maxsplit=1)[0]
    return SPLIT_NAMES.get(first) or SPLIT_NAMES.get(file.parent.name.lower())


def _is_file(place: Path, name: str) -> bool:
    return (place / name).is_file()


def _coco_sources(around: list[Path], problems: list[str]) -> list[Source]:
    """Find MS-COCO's captions of one year; those of 2014 and 2017 share photographs."""
    years: dict[str, list[Source]] = {}
    for year in _COCO_YEARS:
        for split in ("train", "val"):
            for place in around:
                file = place / f"captions_{split}{year}.json"
                if file.is_file():
                    years.setdefault(year, []).append(Source(file, SPLIT_NAMES[split]))
                    break
    if not years:
        return []

    def has_pictures(year: str) -> bool:
        return any((place / f"train{year}").is_dir() for place in around)

    best = max(years, key=lambda year: (has_pictures(year), year))
    unused = [
        source.file.name
        for year, sources in years.items()
        if year != best
        for source in sources
    ]
    note(problems, "file", unused, f"stayed out, for those of {best} are used")
    return years[best]


def _split_folders(folder: Path) -> list[Source]:
    """Find a folder for each split, each with a metadata file of ImageFolder in it."""
    for root in (folder, folder / "data"):
        sources = [
            Source(root / below / name, split)
            for below, split in SPLIT_NAMES.items()
            for name in _IMAGE_FOLDER
            if can_be_listed(root / below) and _is_file(root / below, name)
        ]
        if sources:
            return sources
    return []


def caption_file_names() -> str:
    """List the names of the caption files that are looked for, for an error message."""
    return ", ".join((*_CAPTION_FILES, "captions_train2017.json", *_KARPATHY))
