"""`imagecap evaluate --compare`."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from imagecap.commands.compare import verdict
from imagecap.commands.main import main
from imagecap.evaluation.comparison import Comparison

THINGS = ("dog", "cat", "car", "boat", "tree", "cake", "kite", "train", "clock", "cup")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "things"
    (folder / "images").mkdir(parents=True)
    rows = []
    for number, thing in enumerate(THINGS):
        picture = folder / "images" / f"{number}.png"
        Image.new("RGB", (64, 48), (20 * number, 90, 40)).save(picture)
        rows.append((picture.name, f"a {thing} stands on the grass"))
    write(folder / "captions.csv", rows)
    return folder


def write(path: Path, rows: list[tuple[str, str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("image", "caption"), *rows])


@pytest.fixture
def said(tmp_path: Path) -> Callable[[str, str, int], Path]:
    """Make a file with a caption of each of the first pictures."""

    def make(name: str, caption: str, pictures: int = len(THINGS)) -> Path:
        path = tmp_path / name
        rows = [(f"{n}.png", caption.format(THINGS[n])) for n in range(pictures)]
        write(path, rows)
        return path

    return make


def run(data: Path, *arguments: object) -> tuple[int, str]:
    given = ["evaluate", "--data", data, "--split", "all", *arguments]
    done = CliRunner().invoke(main, [str(one) for one in given])
    return done.exit_code, done.output


def test_the_better_one_is_named(data: Path, said: Callable[..., Path]) -> None:
    good = said("good.csv", "a {} stands on the grass")
    bad = said("bad.csv", "a person stands on the grass")
    status, printed = run(data, "--compare", bad, good)
    assert status == 0
    assert f"{good} is better than {bad} by " in printed
    assert f"| {good} | 1000.0 |" in printed
    assert f"{bad} is worse than {good} by " in run(data, "--compare", good, bad)[1]
    assert "No difference" in run(data, "--compare", good, good)[1]


def test_a_model_is_compared_with_what_another_program_said(
    data: Path, said: Callable[..., Path], untrained_bundle: Path
) -> None:
    good = said("good.csv", "a {} stands on the grass")
    status, printed = run(data, "--compare", untrained_bundle, good)
    assert status == 0
    assert "things, all: 10 pictures" in printed
    assert f"{good} is better than {untrained_bundle} by " in printed


def test_a_picture_that_cannot_be_read_is_left_out_of_both(
    data: Path, said: Callable[..., Path], untrained_bundle: Path
) -> None:
    good = said("good.csv", "a {} stands on the grass")
    pictures = sorted((data / "images").iterdir())
    pictures[0].write_bytes(b"\x89PNG broken")
    status, printed = run(data, "--compare", untrained_bundle, good)
    assert (status, "all: 9 pictures" in printed) == (1, True)
    for picture in pictures[2:]:
        picture.write_bytes(b"\x89PNG broken")
    status, printed = run(data, "--compare", untrained_bundle, good)
    assert status == 1
    assert "takes at least 2" in printed


def test_what_goes_without_it_is_refused(data: Path) -> None:
    status, printed = run(data, "--compare", "default", "fast", "--calibrate")
    assert status == 2
    assert "leave out --model" in printed


def test_what_may_be_chance_is_called_no_difference() -> None:
    assert verdict("a", "b", Comparison(9, 60.0, 61.0, -2.0, 4.0)) == (
        "No difference that is more than chance: b has +1.0 (95 % -2.0 to +4.0, "
        "paired bootstrap)."
    )
