"""The layouts in which data sets are published: which files hold their captions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from imagecap.captions.json_files import SPLIT_NAMES, read_json
from imagecap.captions.problems import DatasetError, note
from imagecap.captions.text_files import (
    Line,
    read_csv,
    read_json_lines,
    read_token_file,
)

Reader = Callable[[Path, list[str]], Iterator[Line]]

# By the end of a file's name. A further kind of file is a further line here.
_READERS: dict[str, Reader] = {
    ".token.txt": read_token_file,
    ".token": read_token_file,
    ".txt": read_csv,
    ".csv": read_csv,
    ".jsonl": read_json_lines,
    ".json": read_json,
}
# Where several of Karpathy's lie in a folder, nothing says which one is meant.
_KARPATHY = ("dataset_coco.json", "dataset_flickr8k.json", "dataset_flickr30k.json")
_COCO_YEARS = ("2017", "2014")
# Hugging Face's ImageFolder, whose paths start from the file's own folder.
_IMAGE_FOLDER = ("metadata.jsonl", "metadata.csv")
# The first of these that is there is read. A further layout is a further name here.
_CAPTION_FILES = (
    "Flickr8k.token.txt",
    "results_20130124.token",
    "results.csv",
    "captions.txt",
    "captions.csv",
    "captions.jsonl",
    *_IMAGE_FOLDER,
)


@dataclass(frozen=True)
class Source:
    """A file with captions.

    Attributes:
        file: The file.
        split: The split of all its pictures, if its name or place says one.
    """

    file: Path
    split: str | None = None

    @property
    def unit(self) -> str:
        """What the file consists of, as reports call it."""
        return "record" if self.file.suffix == ".json" else "line"

    @property
    def names_pictures_beside(self) -> bool:
        """Whether its paths start from its own folder and from no other."""
        return self.file.name in _IMAGE_FOLDER

    def read(self, problems: list[str]) -> Iterator[Line]:
        """Gives the captions and notes what is odd.

        Raises:
            DatasetError: The file is damaged, or of a kind not known here.
            OSError: It cannot be read.
        """
        for end, reader in _READERS.items():
            if self.file.name.lower().endswith(end):
                return reader(self.file, problems)
        raise DatasetError(
            f"{self.file} is no caption file known here; it must end in one of "
            f"{', '.join(_READERS)}."
        )


def places(folder: Path) -> list[Path]:
    """The folder and those in it, because archives unpack now into it, now below."""
    below = (entry for entry in folder.iterdir() if entry.is_dir())
    return [folder, *sorted(entry for entry in below if entry.name[0] not in "._")]


def find_sources(folder: Path, problems: list[str]) -> list[Source]:
    """Finds the caption files of a folder in one of the layouts known here.

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
    return []


def _is_file(place: Path, name: str) -> bool:
    return (place / name).is_file()


def _coco_sources(around: list[Path], problems: list[str]) -> list[Source]:
    """MS-COCO's captions of one year; those of 2014 and 2017 share photographs."""
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
    """ImageFolder with a folder for each split, each with a metadata file in it."""
    for root in (folder, folder / "data"):
        sources = [
            Source(root / below / name, split)
            for below, split in SPLIT_NAMES.items()
            for name in _IMAGE_FOLDER
            if _is_file(root / below, name)
        ]
        if sources:
            return sources
    return []


def caption_file_names() -> str:
    """The names of the caption files that are looked for, for an error message."""
    return ", ".join((*_CAPTION_FILES, "captions_train2017.json", *_KARPATHY))
