"""Times whole programs and weighs their memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Process:
    """What whole processes took, from start to end.

    Attributes:
        seconds: Wall time of each.
        megabytes: Largest resident memory of each.
        text: What they printed.
    """

    seconds: list[float]
    megabytes: list[float]
    text: str


def run_processes(command: Sequence[str], runs: int) -> Process:
    """Run a program some times, after one time that is not counted."""
    results = [_run_process(command) for _ in range(1 + runs)][1:]
    seconds, megabytes, texts = zip(*results, strict=True)
    if len(set(texts)) > 1:
        raise RuntimeError(f"One picture got different captions: {set(texts)}")
    return Process(list(seconds), list(megabytes), texts[0])


def _run_process(command: Sequence[str]) -> tuple[float, float, str]:
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    with process.stdout as output:
        text = output.read().strip()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with status {process.returncode}.")
    return seconds, usage.ru_maxrss * 1024 / 1e6, text
