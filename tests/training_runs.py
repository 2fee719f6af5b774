"""train.py started as its users start it, and what it leaves behind."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

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


def train(folder: Path, *arguments: object, status: int = 0) -> str:
    process = start(folder, *arguments)
    printed, errors = process.communicate()
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    return printed + errors


def history(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "models" / f"{name}-training" / "history.csv").open() as file:
        return list(csv.DictReader(file))


def best_weights(folder: Path, name: str) -> dict[str, np.ndarray]:
    path = folder / "models" / f"{name}-training" / "best.npz"
    with np.load(path) as content:
        return dict(content)
