"""A disk that takes no more, met through the commands: one sentence, nothing lost.

A limit to the size of a file stands for the full disk: writing fails in the middle of
the first file that is larger.
"""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from training_runs import full_disk, train

from imagecap import Captioner
from imagecap.commands.main import main
from imagecap.datasets.scenes import write_scenes
from imagecap.training.features.grid_store import index_path


@pytest.fixture(autouse=True)
def nothing_of_pythons_own_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


def training(folder: Path, bundle: Path, pictures: int) -> list[object]:
    write_scenes(folder.parent / "few", train=pictures, dev=4, test=4)
    folder.mkdir()
    return [
        *("--from", bundle, "--data", folder.parent / "few"),
        *("--name", "run", "--epochs", 1, "--fine-tune-epochs", 0),
    ]


def train_on_full_disk(folder: Path, *arguments: object, largest: int) -> str:
    with full_disk(largest):
        return train(folder, *arguments, status=1)


def test_a_run_loses_nothing(tmp_path: Path, untrained_bundle: Path) -> None:
    folder = tmp_path / "work"
    run = training(folder, untrained_bundle, 8)
    printed = train_on_full_disk(folder, *run, largest=20_000)
    assert "Error: The features could not be written to " in printed
    assert "File too large" in printed
    run.append("--resume")
    printed = train_on_full_disk(folder, *run, largest=100_000)
    assert "best.npz could not be written (File too large)" in printed
    assert "make room and go on with --resume" in printed
    # It has not become better by so little, and says so.
    model = folder / "models" / "run-not-better"
    assert not model.exists()
    train(folder, *run, status=3)
    words = Captioner.load(model).bundle.vocabulary.words

    printed = train_on_full_disk(folder, *run, largest=100_000)
    assert "Error: The model could not be written to models/run-not-better " in printed
    assert "make room and run the same command with --resume" in printed
    assert Captioner.load(model).bundle.vocabulary.words == words
    assert not list(folder.rglob("*.new"))
    train(folder, *run, status=3)
    assert Captioner.load(model).bundle.vocabulary.words == words


def test_grids_that_were_finished_are_kept(
    tmp_path: Path, untrained_attention_bundle: Path
) -> None:
    folder = tmp_path / "work"
    run = training(folder, untrained_attention_bundle, 40)
    (grids := folder / "features" / "few-small-grid.npy").parent.mkdir()
    printed = train_on_full_disk(folder, *run, largest=80_000)
    assert f"could not be written to {grids.relative_to(folder)}" in printed
    first = grids.read_bytes()[128:]
    assert len(index_path(grids).read_text().splitlines()) == 3
    train(folder, *run, "--resume", status=3)
    assert grids.read_bytes()[128:].startswith(first[:60_000])


@pytest.mark.usefixtures("programs")
def test_an_evaluation_prints_its_scores_and_leaves_the_earlier_one(
    tmp_path: Path, untrained_bundle: Path
) -> None:
    write_scenes(tmp_path / "few", train=5, dev=4, test=4)
    out = tmp_path / "out"
    command = ["evaluate", "--data", tmp_path / "few"]
    command += ["--model", untrained_bundle, "-o", out]
    evaluate = [str(argument) for argument in command]
    assert CliRunner().invoke(main, evaluate).exit_code == 0
    earlier = {path: path.read_bytes() for path in out.iterdir()}
    with full_disk(100):
        failed = CliRunner().invoke(main, [*evaluate, "--beam", "1"])
    assert failed.exit_code == 1
    assert "| CIDEr |" in failed.stdout
    assert "out/scores.json cannot be written (File too large)" in failed.stderr
    assert {path: path.read_bytes() for path in out.iterdir()} == earlier
