"""A small share of the campaign, each line with a seed that stays the same."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.campaign import attempts
from benchmarks.campaign.attempts import Ending, Outcome, attempt
from benchmarks.campaign.tally import Tally
from imagecap.errors import ImagecapError

ROOT = Path(__file__).resolve().parents[1]
COUNTS = {
    "pictures": 80,
    "floods": 8,
    "caption_files": 60,
    "bundles": 25,
    "networks": 25,
    "pickles": 80,
    "kills": 3,
    "libraries": 20,
    "settings": 30,
    "servers": 30,
    "metadata": 60,
    "environments": 12,
    # Enough that every thread has its networks before half of them.
    "memory": 120,
}


@pytest.mark.parametrize("line", COUNTS)
def test_nothing_is_uncaught(line: str, untrained_bundle: Path, tmp_path: Path) -> None:
    command = ["--count", str(COUNTS[line]), "--seed", "7", "--results", tmp_path]
    subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.campaign", line, *command),
            *("--model", untrained_bundle),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (noted,) = (tmp_path / line).glob("part-*.json")
    tally = Tally(**json.loads(noted.read_text("utf-8")))
    assert tally.count == COUNTS[line]
    faults = tally.uncaught, tally.slow, tally.large, tally.crashes
    assert faults == (0, 0, 0, 0), tally.notes


def test_what_an_attempt_comes_to_is_seen() -> None:
    def refuse() -> None:
        raise ImagecapError("A sentence.")

    def crash() -> None:
        # One that pytest says nothing about.
        os.kill(os.getpid(), signal.SIGKILL)

    endings = {
        len: Ending.UNCAUGHT,
        refuse: Ending.REFUSED,
        crash: Ending.CRASHED,
        lambda: os._exit(1): Ending.CRASHED,
        dict: Ending.DONE,
        lambda: os.write(2, b"To the terminal."): Ending.UNCAUGHT,
    }
    assert {work: attempt(work).ending for work in endings} == endings
    assert attempt(lambda: bytearray(900_000_000)).megabytes > 800


@pytest.mark.parametrize(
    ("limit", "work"),
    [
        ("_MOST_SECONDS", lambda: all(iter(lambda: True, False))),
        ("_MOST_WAITING_SECONDS", signal.pause),
    ],
)
def test_an_attempt_without_end_is_ended(
    monkeypatch: pytest.MonkeyPatch, limit: str, work: Callable[[], object]
) -> None:
    monkeypatch.setattr(attempts, limit, 0.2)
    assert attempt(work).ending is Ending.TOO_LONG


def test_many_faults_of_one_kind_hide_none_of_another() -> None:
    part, whole = Tally(), Tally()
    for number in range(50):
        part.add(Outcome(Ending.DONE, 0, 0, 900, ""), number)
    part.add(Outcome(Ending.UNCAUGHT, 0, 0, 100, "A traceback."), "the one that counts")
    whole.include(part)
    assert (whole.large, whole.uncaught) == (50, 1)
    assert "the one that counts: A traceback." in whole.notes[-1]
