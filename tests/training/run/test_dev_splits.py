from collections.abc import Sequence
from pathlib import Path

import pytest

from imagecap.datasets.dataset import Dataset, Example, Report
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.run.dev_splits import OWN, tell_single_pictures, tokenize_dev

WORDS = Vocabulary(("dog",))


def examples(count: int, caption: str = "dog") -> tuple[Example, ...]:
    names = (f"{number}.jpg" for number in range(count))
    return tuple(Example(name, Path(name), (caption,)) for name in names)


def dataset(dev: int, **more: Sequence[Example]) -> Dataset:
    splits = {"train": (), "dev": examples(dev), "test": ()}
    return Dataset("own", splits, Report(()), {n: tuple(e) for n, e in more.items()})


def test_of_a_large_dev_of_another_data_set_a_part_is_scored() -> None:
    said: list[str] = []
    both = dataset(1500, large=examples(2500), small=examples(1000))
    splits = tokenize_dev(both, WORDS, 40, said.append)
    assert {name: len(split) for name, split in splits.items()} == {
        OWN: 1500,
        "large": 1000,
        "small": 1000,
    }
    assert said == [
        "1,000 of the 2,500 dev pictures of large help to choose the best epoch."
    ]
    # The same ones whenever the run goes on.
    assert tokenize_dev(both, WORDS, 40, said.append) == splits


def test_a_data_set_without_a_dev_has_no_say() -> None:
    both = dataset(3, without=(), speechless=examples(3, "…"))
    assert tokenize_dev(both, WORDS, 40, pytest.fail).keys() == {OWN}


def test_a_dev_of_one_picture_is_told() -> None:
    said: list[str] = []
    splits = tokenize_dev(dataset(1, more=examples(1)), WORDS, 40, said.append)
    tell_single_pictures(splits, said.append)
    assert [sentence.partition(",")[0] for sentence in said] == [
        "The dev split is one picture",
        "The dev split of more is one picture",
    ]
    tell_single_pictures(tokenize_dev(dataset(2), WORDS, 40, pytest.fail), pytest.fail)
