"""A disk that takes no more, met through the commands: one sentence, nothing lost.

A limit to the size of a file stands for the full disk: writing fails in the middle of
the first file that is larger.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from imagecap import Captioner
from imagecap.datasets.scenes import write_scenes
from imagecap.training.features.grid_store import index_path

ROOT = Path(__file__).resolve().parent.parent


def run(
    folder: Path, *arguments: object, largest: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder where no file can become larger than that."""

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    # Compiled modules and caches of fonts would be cut off as well.
    own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **own, "MPLCONFIGDIR": str(folder.parent)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == (1 if largest else 0), done.stderr
    return done


def training(folder: Path, bundle: Path, pictures: int) -> list[object]:
    write_scenes(folder.parent / "few", train=pictures, dev=4, test=4)
    folder.mkdir()
    return [
        *(ROOT / "train.py", "--from", bundle, "--data", folder.parent / "few"),
        *("--name", "run", "--epochs", 1, "--fine-tune-epochs", 0),
    ]


def test_a_run_loses_nothing(tmp_path: Path, untrained_bundle: Path) -> None:
    folder = tmp_path / "work"
    train = training(folder, untrained_bundle, 8)
    failed = run(folder, *train, largest=20_000)
    assert "Error: The features could not be written to " in failed.stderr
    assert "File too large" in failed.stderr
    train.append("--resume")
    failed = run(folder, *train, largest=100_000)
    assert "best.npz could not be written (File too large)" in failed.stderr
    assert "make room and go on with --resume" in failed.stderr
    model = folder / "models" / "run"
    assert not model.exists()
    run(folder, *train)
    words = Captioner.load(model).bundle.vocabulary.words

    failed = run(folder, *train, largest=100_000)
    assert "Error: The model could not be written to models/run " in failed.stderr
    assert "make room and run the same command with --resume" in failed.stderr
    assert Captioner.load(model).bundle.vocabulary.words == words
    assert not list(folder.rglob("*.new"))
    run(folder, *train)
    assert Captioner.load(model).bundle.vocabulary.words == words


def test_grids_that_were_finished_are_kept(
    tmp_path: Path, untrained_attention_bundle: Path
) -> None:
    folder = tmp_path / "work"
    train = training(folder, untrained_attention_bundle, 40)
    (grids := folder / "features" / "few-small-grid.npy").parent.mkdir()
    failed = run(folder, *train, largest=80_000)
    assert f"could not be written to {grids.relative_to(folder)}" in failed.stderr
    first = grids.read_bytes()[128:]
    assert len(index_path(grids).read_text().splitlines()) == 3
    run(folder, *train, "--resume")
    assert grids.read_bytes()[128:].startswith(first[:60_000])


@pytest.mark.usefixtures("programs")
def test_an_evaluation_prints_its_scores_and_leaves_the_earlier_one(
    tmp_path: Path, untrained_bundle: Path
) -> None:
    write_scenes(tmp_path / "few", train=5, dev=4, test=4)
    folder = tmp_path / "work"
    folder.mkdir()
    evaluate = ["-m", "imagecap", "evaluate", "--data", tmp_path / "few"]
    evaluate += ["--model", untrained_bundle, "-o", "out"]
    run(folder, *evaluate)
    earlier = {path: path.read_bytes() for path in (folder / "out").iterdir()}
    failed = run(folder, *evaluate, "--beam", 1, largest=100)
    assert "| CIDEr |" in failed.stdout
    assert "out/scores.json cannot be written (File too large)" in failed.stderr
    assert {p: p.read_bytes() for p in (folder / "out").iterdir()} == earlier
