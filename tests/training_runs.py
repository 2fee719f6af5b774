"""train.py started as its users start it, and what it leaves behind."""

import contextlib
import csv
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
QUICK = [
    *("--minimum-count", 1, "--embedding", 16, "--lstm", 16, "--image", 16),
    *("--hidden", 16, "--batch-size", 16, "--beam-width", 1, "--patience", 9),
]


def start(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_train_script(folder: Path, *arguments: object) -> str:
    """Run train.py in a folder to its end; gives all that it prints."""
    process = start(folder, *arguments)
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    return printed + errors


def train(folder: Path, *arguments: object, status: int = 0) -> str:
    """The same in this process, where Keras is loaded already; may fail by intent."""
    from imagecap.commands.train import main

    with contextlib.chdir(folder):
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    assert done.exit_code == status, done.output
    return done.output


def history(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "models" / f"{name}-training" / "history.csv").open() as file:
        return list(csv.DictReader(file))


def best_weights(folder: Path, name: str) -> dict[str, np.ndarray]:
    path = folder / "models" / f"{name}-training" / "best.npz"
    with np.load(path) as content:
        return dict(content)


@contextlib.contextmanager
def full_disk(largest: int) -> Iterator[None]:
    """Let no file become larger than that many bytes."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, unlimited[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
