"""Captioned pictures read from the folders in which data sets are published."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from imagecap.captions.cells import escape_name
from imagecap.captions.picture_names import PictureNames, pictures_below
from imagecap.captions.problems import CaptionFileError
from imagecap.counted import counted, were
from imagecap.datasets.errors import DatasetError
from imagecap.datasets.gathering import GatheredCaptions, gather_captions
from imagecap.datasets.layouts import (
    Source,
    caption_file_names,
    find_own_source,
    find_sources,
    is_packed,
    leads_up,
    packed_in,
    places,
)
from imagecap.datasets.shards import unpack_pictures
from imagecap.datasets.splits import SPLITS, chance, divide, read_split_lists
from imagecap.files import reason

_REFUSED_SHOWN = 3
ALL = "all"
"""What all splits together are called."""


@dataclass(frozen=True, slots=True)
class Example:
    """A picture with its captions.

    Attributes:
        name: The picture's key among the features: its file name, or its path below
            the data set's folder where another picture has the same file name.
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
            picture in two of them.
        report: What was odd.
        more_dev: The dev examples of the data sets that joined train, by their names.
    """

    name: str
    splits: Mapping[str, tuple[Example, ...]]
    report: Report
    more_dev: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)

    def of(self, split: str) -> tuple[Example, ...]:
        """Give the examples of a split, or of all of them together for "all"."""
        if split != ALL:
            return self.splits[split]
        every = (example for examples in self.splits.values() for example in examples)
        return tuple(sorted(every, key=lambda example: example.name))

    @property
    def train(self) -> tuple[Example, ...]:
        """The examples to learn from."""
        return self.splits["train"]

    @property
    def train_parts(self) -> tuple[tuple[Example, ...], ...]:
        """The examples to learn from, apart for each data set that joined train."""
        parts: dict[str, list[Example]] = {}
        for example in self.train:
            joined, _, _ = example.name.partition("/")
            part = joined if joined in self.more_dev else self.name
            parts.setdefault(part, []).append(example)
        return tuple(tuple(part) for part in parts.values())

    @property
    def dev(self) -> tuple[Example, ...]:
        """The examples that decide when to stop."""
        return self.splits["dev"]

    @property
    def test(self) -> tuple[Example, ...]:
        """The examples that give the score."""
        return self.splits["test"]


def load_dataset(
    path: Path,
    name: str | None = None,
    seed: int = 0,
    dev_fraction: float = 0.1,
    needs_train: bool = True,
) -> Dataset:
    """Read a data set in any layout known here; dataset/README.md shows them all.

    Captions are those of Flickr8k, Flickr30k, MS-COCO, Karpathy's splits, tables, JSON
    of many kinds, Parquet, WebDataset or a text file beside each picture. Their files
    lie in the folder or in one of its folders, the pictures anywhere below it. No
    picture is opened; those that are in a file with their captions are unpacked.

    Captions that say nothing of splits may have lists: `trainImages.txt`,
    `devImages.txt` and `testImages.txt`, with or without `Flickr_8k.` before it.
    Without splits the pictures are divided at random. Where only dev is missing, it is
    taken from train; where only train is missing, it is all that no list names. Where
    the lists leave nothing for train, all pictures are divided at random.

    Args:
        path: The folder, or one caption file; then that file alone gives the captions.
        name: The data set's name; the folder's without one.
        seed: Decides which pictures make up a split that nothing gives. The order of
            the files does not matter.
        dev_fraction: The share of such a dev split, and of such a test split.
        needs_train: Whether there must be something to train on. Without, "train" may
            be empty, and the splits stay as they are given.

    Returns:
        The data set, with everything odd in its report.

    Raises:
        DatasetError: There is no data set, or nothing to train on.
    """
    problems: list[str] = []
    refused: list[str] = []
    try:
        folder, sources = _find(path, problems)
        sources = [_unpacked(source, problems) for source in sources]
        files = PictureNames(pictures_below(folder, problems))
        if not any(True for _ in files):
            both = ", or name a folder with both it and them" if path.is_file() else ""
            place = folder / "Images"
            nothing = f"{folder} holds no pictures; put them into {place}{both}."
            raise DatasetError(" ".join([*problems, nothing, *_packed(folder)]))
        captions = gather_captions(folder, sources, files, problems)
        if not sources and not captions.of_picture:
            sources = find_own_source(folder, files, refused)
            captions = gather_captions(folder, sources, files, problems)
        names = _name_pictures(captions.of_picture)
        splits = {
            split: {names[picture] for picture in pictures if picture in names}
            for split, pictures in captions.splits.items()
        } or _read_lists(folder, names, captions, problems)
    except CaptionFileError as error:
        raise DatasetError(str(error)) from error
    except OSError as error:
        raise DatasetError(
            f"{error.filename or path} cannot be read ({reason(error)}); see that you "
            "may read it, or name another data set."
        ) from error
    if not sources and not names:
        nothing = (
            f"{path} holds no captions; put one of {caption_file_names()} there, or a "
            ".txt file beside each picture."
        )
        others = [*refused[:_REFUSED_SHOWN], *_packed(folder)]
        raise DatasetError(" ".join([*problems, nothing, *others]))
    together = {names[one]: names[other] for one, other in captions.together.items()}
    everything = set(names.values())
    divided = divide(everything, splits, seed, dev_fraction, problems, together)
    if needs_train and not divided["train"] and everything and "train" not in splits:
        problems.append("No picture was left for train, so all were divided at random.")
        divided = divide(everything, {}, seed, dev_fraction, problems, together)
    if not (divided["train"] or (not needs_train and any(divided.values()))):
        reasons = " ".join(problems) or f"{sources[0].file.name} holds no captions."
        raise DatasetError(f"{path} has no picture to train on. {reasons}")
    examples = {
        names[picture]: Example(names[picture], folder / picture, tuple(written))
        for picture, written in captions.of_picture.items()
    }
    return Dataset(
        _short_name(name or folder.resolve().name),
        {split: tuple(examples[name] for name in divided[split]) for split in SPLITS},
        Report(tuple(problems)),
    )


def limit_captions(dataset: Dataset, count: int, seed: int) -> Dataset:
    """Take a part of train: whole pictures, with all their captions.

    A larger number takes the same pictures and more.

    Args:
        dataset: The data set. Its dev and test stay as they are.
        count: Pictures are taken until they have this many captions.
        seed: Decides which pictures; the order of the files does not matter.
    """
    chosen: list[Example] = []
    captions = 0
    for example in sorted(dataset.train, key=lambda item: chance(item.name, seed)):
        if captions >= count:
            break
        chosen.append(example)
        captions += len(example.captions)
    sentence = (
        f"{len(chosen):,} of {counted(len(dataset.train), 'train picture')} "
        f"{were(len(chosen))} chosen, with {counted(captions, 'caption')}."
    )
    train = tuple(sorted(chosen, key=lambda item: item.name))
    return replace(
        dataset,
        splits={**dataset.splits, "train": train},
        report=Report((*dataset.report.problems, sentence)),
    )


def choose_examples(
    examples: Sequence[Example], most: int, seed: int = 0
) -> list[Example]:
    """Choose pictures at random, always the same ones; all where there are no more."""
    order = np.random.default_rng(seed).permutation(len(examples))[:most]
    return [examples[number] for number in sorted(order.tolist())]


def _find(path: Path, problems: list[str]) -> tuple[Path, list[Source]]:
    """Find the folder below which the pictures lie, and the caption files."""
    if path.is_file():
        folder = path.parent
        if is_packed(path):
            raise DatasetError(
                f"{path} is an archive; unpack it, and name what was in it."
            )
        # MS-COCO's pictures lie beside the folder of its captions.
        if (own := folder.resolve()).name == "annotations" or leads_up(path):
            if own.name != "annotations":
                problems.append(f"{path.name} names pictures in {own.parent}.")
            folder = own.parent
            path = own / path.name
        return folder, [Source(path)]
    if path.is_dir():
        return path, find_sources(path, problems)
    raise DatasetError(
        f"There is no folder or file {path}; check where the data set is."
    )


def _packed(folder: Path) -> list[str]:
    packed = packed_in(places(folder))
    names = ", ".join(packed[:_REFUSED_SHOWN])
    return [f"Archives are not read; unpack what is there: {names}."] if packed else []


def _unpacked(source: Source, problems: list[str]) -> Source:
    return replace(source, unpacked=unpack_pictures(source.file, problems))


def _read_lists(
    folder: Path,
    names: Mapping[str, str],
    captions: GatheredCaptions,
    problems: list[str],
) -> dict[str, set[str]]:
    """Read the lists of splits; pictures are named there as anywhere else."""
    pictures = PictureNames(names)

    def name(line: str) -> str:
        if line in captions.pictures:
            return names.get(captions.pictures[line], line)
        found = pictures.find(line)
        return names[found[0]] if len(found) == 1 else line

    return {
        split: set(map(name, lines))
        for split, lines in read_split_lists(places(folder), problems).items()
    }


def _name_pictures(pictures: Iterable[str]) -> dict[str, str]:
    """Give path → file name, or the path where two have the same file name."""
    short = {picture: picture.rpartition("/")[2] for picture in pictures}
    counts = Counter(short.values())
    return {
        picture: escape_name(name if counts[name] == 1 else picture)
        for picture, name in short.items()
    }


def _short_name(name: str) -> str:
    return re.sub(r"\W+", "-", name).strip("-").lower() or "dataset"
