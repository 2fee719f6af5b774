"""A screen that nobody sees."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


@contextmanager
def virtual_screen(size: str, dpi: int) -> Iterator[str]:
    """A screen that nobody sees; gives its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size]
    xvfb = subprocess.Popen(
        [*command, "-dpi", str(dpi)], pass_fds=[writing], stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as numbers:
        name = f":{numbers.readline().strip()}"
    try:
        yield name
    finally:
        xvfb.terminate()
        xvfb.wait()


def run_on(
    screen: str, code: str, *arguments: object
) -> subprocess.CompletedProcess[str]:
    """Run Python code on a screen, in a process that finds the tests' own modules."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "DISPLAY": screen,
            "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, "tests"))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
