"""Several data sets as one: all are learned from, and each keeps its own dev."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from imagecap.counted import counted, were
from imagecap.datasets.dataset import Dataset, Example, Report, load_dataset


def load_more(dataset: Dataset, more: Sequence[Path]) -> Dataset:
    """Read other data sets, and join them to one; see `join_train`.

    Raises:
        DatasetError: See `load_dataset`.
    """
    names: set[str] = set()
    for number, path in enumerate(more, start=1):
        other = load_dataset(path)
        if other.name in names:
            # Pictures of the same name would be taken for one.
            other = replace(other, name=f"{other.name}-{number}")
        names.add(other.name)
        dataset = join_train(dataset, other)
    return dataset


def join_train(dataset: Dataset, other: Dataset) -> Dataset:
    """Add the train pictures of another data set to train.

    Args:
        dataset: The data set. Its dev and test stay as they are.
        other: Another one. Its dev becomes one of `more_dev`; its test stays out, so
            that it can be scored, too.
    """
    train = (*dataset.train, *_prefixed(other.name, other.train))
    sentence = (
        f"{counted(len(other.train), 'picture')} of {other.name} "
        f"{were(len(other.train))} added to train."
    )
    return Dataset(
        f"{dataset.name}-{other.name}",
        {
            **dataset.splits,
            "train": tuple(sorted(train, key=lambda example: example.name)),
        },
        Report((*dataset.report.problems, *other.report.problems, sentence)),
        {**dataset.more_dev, other.name: _prefixed(other.name, other.dev)},
    )


def _prefixed(name: str, examples: Sequence[Example]) -> tuple[Example, ...]:
    return tuple(
        replace(example, name=f"{name}/{example.name}") for example in examples
    )
