"""Captioned pictures read from the folders in which data sets are published."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from imagecap.images import is_picture_name
from imagecap.training.layouts import (
    LAYOUTS,
    Line,
    Reader,
    note,
    read_lines,
)
from imagecap.training.layouts import DatasetError as DatasetError

SPLITS = ("train", "dev", "test")

_PICTURE_FOLDERS = frozenset({"flicker8k_dataset", "flickr8k_dataset", "images"})


@dataclass(frozen=True)
class Example:
    """A picture with its captions.

    Attributes:
        name: The picture's file name; its key among the features.
        path: The file.
        captions: The captions as written, at least one.
    """

    name: str
    path: Path
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What was odd about a data set.

    Attributes:
        problems: Sentences with counts and line numbers; empty when all was well.
    """

    problems: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """Captioned pictures, divided.

    Attributes:
        name: A short name, fit to be part of a file name.
        splits: The examples of "train", "dev" and "test", each sorted by name and no
            picture in two of them; "train" is never empty.
        report: What was odd.
    """

    name: str
    splits: Mapping[str, tuple[Example, ...]]
    report: Report

    @property
    def train(self) -> tuple[Example, ...]:
        """The examples to learn from."""
        return self.splits["train"]

    @property
    def dev(self) -> tuple[Example, ...]:
        """The examples that decide when to stop."""
        return self.splits["dev"]

    @property
    def test(self) -> tuple[Example, ...]:
        """The examples that give the score."""
        return self.splits["test"]


def load_dataset(
    path: Path, name: str | None = None, seed: int = 0, dev_fraction: float = 0.1
) -> Dataset:
    """Reads a data set in any layout known here.

    Known are Flickr8k as published (`Flickr8k.token.txt`), Flickr8k from Kaggle
    (`captions.txt`) and any `captions.csv`, the latter two with the header
    `image,caption`; pictures lie in `Images`, `Flickr8k_Dataset` or
    `Flicker8k_Dataset`. Text files and pictures may lie one folder deeper. Split lists
    are named `trainImages.txt`, `devImages.txt` and `testImages.txt`, with or without
    `Flickr_8k.` before it.

    Without lists the pictures are divided at random. Where only the dev list is
    missing, dev is taken from train; where only the train list is missing, train is
    all that no list names.

    Args:
        path: The folder.
        name: The data set's name; the folder's without one.
        seed: Decides which pictures make up a split that no list gives. The order of
            the files does not matter.
        dev_fraction: The share of such a dev split, and of such a test split.

    Returns:
        The data set, with everything odd in its report.

    Raises:
        DatasetError: The folder holds no data set, or nothing to train on.
    """
    if not path.is_dir():
        raise DatasetError(f"There is no folder {path}; check where the data set is.")
    problems: list[str] = []
    try:
        places = _places(path)
        captions, read = _recognise(places)
        pictures = _list_pictures(places)
        examples = _assemble(
            read(captions, problems), captions.name, pictures, problems
        )
        lists = _read_lists(places, problems)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error}.") from error
    names = _divide(examples.keys(), lists, seed, dev_fraction, problems)
    if not names["train"]:
        reasons = " ".join(problems) or f"{captions.name} is empty."
        raise DatasetError(f"{path} has no picture to train on. {reasons}")
    splits = {split: tuple(examples[name] for name in names[split]) for split in SPLITS}
    short_name = re.sub(r"\W+", "-", name or path.resolve().name).strip("-").lower()
    return Dataset(short_name or "dataset", splits, Report(tuple(problems)))


def _places(folder: Path) -> list[Path]:
    """The folder and those in it, because archives unpack now into it, now below."""
    below = (entry for entry in folder.iterdir() if entry.is_dir())
    return [folder, *sorted(entry for entry in below if entry.name[0] not in "._")]


def _recognise(places: list[Path]) -> tuple[Path, Reader]:
    for file_name, reader in LAYOUTS.items():
        for place in places:
            if (place / file_name).is_file():
                return place / file_name, reader
    raise DatasetError(
        f"{places[0]} holds no captions; put one of {', '.join(LAYOUTS)} there."
    )


def _list_pictures(places: list[Path]) -> dict[str, Path]:
    for place in places:
        for candidate in _places(place):
            if candidate.name.lower() in _PICTURE_FOLDERS:
                pictures = {
                    file.name: file
                    for file in candidate.iterdir()
                    if is_picture_name(file.name) and not file.name.startswith(".")
                }
                if pictures:
                    return pictures
    raise DatasetError(
        f"{places[0]} holds no pictures; put them into {places[0] / 'Images'}."
    )


def _assemble(
    lines: Iterable[Line],
    source: str,
    pictures: Mapping[str, Path],
    problems: list[str],
) -> dict[str, Example]:
    captions: dict[str, list[str]] = {}
    empty, repeated = [], []
    missing: dict[str, list[int]] = {}
    for picture, written, number in lines:
        caption = written.strip()
        if picture not in pictures:
            missing.setdefault(picture, []).append(number)
        elif not caption:
            empty.append(number)
        else:
            known = captions.setdefault(picture, [])
            if caption in known:
                repeated.append(number)
            known.append(caption)
    note(problems, "line", empty, f"of {source} had no caption")
    # Two people may well write the same, and every reference counts in a score.
    note(problems, "line", repeated, f"of {source} repeated a caption and stayed")
    places = [f"{name} (line {numbers[0]})" for name, numbers in missing.items()]
    count = sum(map(len, missing.values()))
    note(problems, "picture", places, f"had captions ({count:,} in all) but no file")
    note(problems, "picture", pictures.keys() - captions.keys(), "had no caption")
    return {
        name: Example(name, pictures[name], tuple(captions[name])) for name in captions
    }


def _read_lists(places: list[Path], problems: list[str]) -> dict[str, set[str]]:
    lists = {}
    for split in SPLITS:
        for name in (f"Flickr_8k.{split}Images.txt", f"{split}Images.txt"):
            for file in (place / name for place in places):
                if split not in lists and file.is_file():
                    lists[split] = set(map(str.strip, read_lines(file, problems))) - {
                        ""
                    }
                    note(problems, "list", [] if lists[split] else [name], "was empty")
    return lists


def _divide(
    names: Set[str],
    lists: Mapping[str, set[str]],
    seed: int,
    dev_fraction: float,
    problems: list[str],
) -> dict[str, list[str]]:
    splits: dict[str, list[str]] = {split: [] for split in SPLITS}
    free = set(names)
    for split, listed in lists.items():
        which = f"of the {split} list"
        note(problems, "picture", listed - names, f"{which} had no caption or file")
        # A picture in two splits would be learned by heart and then asked for.
        again = (listed & names) - free
        note(problems, "picture", again, f"{which} stayed in an earlier list")
        splits[split] = sorted(listed & free)
        free -= listed
    if lists:
        fate = "stayed out" if "train" in lists else "became train"
        note(problems, "picture", free, f"stood in no list and {fate}")

    def chance(name: str) -> bytes:
        # By a hash of its name a picture keeps its place however the others change.
        return hashlib.sha256(f"{seed}/{name}".encode()).digest()

    pool = sorted(splits["train"] if "train" in lists else free, key=chance)
    share = max(1, round(len(pool) * dev_fraction))
    for split in ("dev",) if lists else ("dev", "test"):
        if split not in lists:
            count = min(share, max(0, len(pool) - 1))
            splits[split], pool = sorted(pool[:count]), pool[count:]
            if lists:
                note(
                    problems, "picture", splits[split], "became dev for want of a list"
                )
    splits["train"] = sorted(pool)
    return splits
