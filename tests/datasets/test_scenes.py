import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagecap.datasets.dataset import Dataset, Example, load_dataset
from imagecap.datasets.errors import DatasetError
from imagecap.datasets.scenes import write_scenes

SENTENCE = re.compile(
    r"(?:there is )?an? (?:(small|large) )?(\w+) (\w+) (?:is )?"
    r"(above|below|to the left of|to the right of) an? (?:(small|large) )?(\w+) (\w+)"
)
REVERSE = {"below": "above", "to the right of": "to the left of"}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("made") / "scenes"
    write_scenes(folder, train=300, dev=60, test=40)
    return load_dataset(folder)


def meanings(example: Example) -> set[tuple[str, ...]]:
    """What the captions say, whichever of the two shapes they name first."""
    said = set()
    for caption in example.captions:
        match = SENTENCE.fullmatch(caption)
        assert match, caption
        assert " a orange" not in f" {caption}"
        _, colour, shape, relation, _, other_colour, other_shape = match.groups()
        first, second = (colour, shape), (other_colour, other_shape)
        if relation in REVERSE:
            first, relation, second = second, REVERSE[relation], first
        said.add((*first, relation, *second))
    return said


def test_it_is_read_without_a_problem(scenes: Dataset) -> None:
    assert [len(part) for part in scenes.splits.values()] == [300, 60, 40]
    assert scenes.report.problems == ()
    assert scenes.name == "scenes"


def test_all_captions_of_a_picture_say_the_same(scenes: Dataset) -> None:
    for example in scenes.train:
        assert len(set(example.captions)) == 5
        assert len(meanings(example)) == 1


def test_what_dev_and_test_show_is_never_seen_before(scenes: Dataset) -> None:
    train, dev, test = (
        set.union(*(meanings(example) for example in part))
        for part in scenes.splits.values()
    )
    assert not train & dev
    assert not train & test
    assert not dev & test


def test_every_word_is_learned_and_there_are_few(scenes: Dataset) -> None:
    train, dev, test = (
        {word for example in part for text in example.captions for word in text.split()}
        for part in scenes.splits.values()
    )
    assert dev | test <= train
    assert 20 <= len(train) <= 25


def test_captions_are_true_of_their_pictures(scenes: Dataset) -> None:
    nominal = {
        "red": (215, 35, 35),
        "green": (40, 160, 60),
        "blue": (40, 80, 215),
        "yellow": (240, 220, 40),
        "purple": (140, 50, 160),
        "orange": (240, 135, 25),
    }
    for example in scenes.train:
        ((colour, _, relation, other_colour, _),) = meanings(example)
        sizes = next(
            match.group(1, 5)
            for caption in example.captions
            if (match := SENTENCE.fullmatch(caption)) and match[1]
        )
        pixels = np.asarray(Image.open(example.path)).astype(int)
        assert pixels.shape == (64, 64, 3)
        halves = (
            (pixels[:32], pixels[32:])
            if relation == "above"
            else (pixels[:, :32], pixels[:, 32:])
        )
        for half, said, size in zip(halves, (colour, other_colour), sizes, strict=True):
            drawn = np.ptp(half, axis=-1) > 60
            shade = np.median(half[drawn], axis=0)
            assert said == min(
                nominal, key=lambda name: np.abs(shade - nominal[name]).sum()
            )
            rows, columns = np.nonzero(drawn)
            extent = max(np.ptp(rows), np.ptp(columns)) + 1
            assert extent > 20 if size == "large" else extent < 19


def test_the_seed_decides_every_byte(tmp_path: Path) -> None:
    def content(name: str, seed: int) -> dict[str, bytes]:
        folder = tmp_path / name / "scenes"
        write_scenes(folder, train=5, dev=2, test=2, seed=seed)
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    first = content("first", seed=1)
    assert len(first) == 5 + 2 + 2 + 4
    assert content("again", seed=1) == first
    assert content("other", seed=2) != first


def test_more_pictures_than_scenes_show_them_again_differently(tmp_path: Path) -> None:
    write_scenes(tmp_path / "scenes", train=1, dev=120, test=0)
    dev = load_dataset(tmp_path / "scenes").dev
    assert len(dev) == 120
    assert len({example.path.read_bytes() for example in dev}) == 120


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="already there"):
        write_scenes(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="scenes cannot be written"):
        write_scenes(tmp_path / "file" / "scenes")


def test_a_broken_off_run_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def save_and_fail(picture: Image.Image, path: Path) -> None:
        written.append(path)
        if len(written) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "save", save_and_fail)
    with pytest.raises(KeyboardInterrupt):
        write_scenes(tmp_path / "scenes", train=5, dev=1, test=1)
    assert len(written) == 3
    assert list(tmp_path.iterdir()) == []
