"""Pictures that are there twice are held out together."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from imagecap.datasets.dataset import Example
from imagecap.datasets.scenes import write_scenes
from imagecap.training.adaptation.folds import divide_into_folds, find_firsts

Change = Callable[[Image.Image], Image.Image]


@pytest.fixture
def different(tmp_path: Path) -> list[Example]:
    """Thirty pictures in which nothing is alike."""
    chance = random.Random(0)
    examples = []
    for number in range(30):
        path = tmp_path / f"{number}.png"
        Image.frombytes("RGB", (12, 9), chance.randbytes(324)).resize(
            (240, 180), Image.Resampling.BICUBIC
        ).save(path)
        examples.append(Example(path.name, path, ("A dog.",)))
    return examples


def folds_of(examples: list[Example], seed: int = 0) -> list[set[str]]:
    firsts = find_firsts(examples)
    folds = divide_into_folds(examples, firsts.alike, seed)
    assert sorted(one.name for part in folds for one in part) == sorted(
        one.name for one in examples
    )
    return [{one.name for one in part} for part in folds]


@pytest.mark.parametrize("seed", range(3))
def test_pictures_are_divided_evenly(different: list[Example], seed: int) -> None:
    folds = folds_of(different, seed)
    assert [len(part) for part in folds] == [6] * 5
    assert len(folds_of(different[:3], seed)) == 3


@pytest.mark.parametrize(
    ("is_same", "change"),
    [
        (True, lambda picture: picture),
        (False, lambda picture: picture.resize((150, 112))),
        (False, lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    ],
)
def test_a_picture_under_two_names_is_in_one_part(
    different: list[Example], is_same: bool, change: Change
) -> None:
    both = list(different)
    for one in different[:20]:
        path = one.path.with_name(f"copy-{one.name}")
        with Image.open(one.path) as picture:
            change(picture).save(path)
        both.append(Example(path.name, path, ("A cat.",)))
    firsts = find_firsts(both)
    assert firsts.alike["copy-0.png"] == "0.png"
    assert (firsts.same["copy-0.png"] == "0.png") == is_same
    for part in folds_of(both):
        assert len(part) == 10
        for name in part:
            copy = f"copy-{name.removeprefix('copy-')}"
            assert {name, copy} <= part or copy not in firsts.same


def test_drawings_are_not_taken_for_one_another(tmp_path: Path) -> None:
    write_scenes(tmp_path / "scenes", train=40, dev=1, test=1)
    paths = sorted((tmp_path / "scenes" / "Images").iterdir())
    folds = folds_of([Example(one.name, one, ("A circle.",)) for one in paths])
    assert sorted(len(part) for part in folds) == [8, 8, 8, 9, 9]
