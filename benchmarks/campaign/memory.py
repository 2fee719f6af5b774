"""The memory of one long folder run."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.campaign.attempts import Ending, Outcome
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally
from imagecap.library.store import Library
from imagecap.pictures.folders import pictures_in

_FIRST = 500
_MEGABYTES = 20


def run(part: Part) -> Tally:
    """Caption that many pictures by the command line.

    After the first 500, or half of them, its memory grows by 20 MB at most. They are
    made up, or those of the folder that the environment variable PICTURES names.
    """
    tally = Tally()
    first = min(_FIRST, part.count // 2)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "pictures")
        folder.mkdir()
        if "PICTURES" in os.environ:
            _link(Path(os.environ["PICTURES"]), folder, part)
        else:
            _make(folder, part)
        started = time.perf_counter()
        settled, highest = _peaks(folder, part.model, first)
        seconds = time.perf_counter() - started
    grown = highest - settled
    text = f"{settled:.0f} MB until picture {first}, {highest:.0f} MB in all"
    ending = Ending.UNCAUGHT if grown > _MEGABYTES else Ending.DONE
    tally.add(Outcome(ending, seconds, 0, highest, text), "growth")
    return replace(tally, count=part.count, notes=[text])


def _peaks(folder: Path, model: Path, first: int) -> tuple[float, float]:
    """Caption a folder; give the largest memory until so many pictures, and in all."""
    database = folder.with_name("captions.db")
    program = subprocess.Popen(
        [
            *(sys.executable, "-m", "imagecap", "caption", folder),
            *("-o", folder.with_name("captions.csv"), "--model", model),
        ],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "IMAGECAP_LIBRARY": str(database)},
    )
    pictures, done, settled = pictures_in(folder), 0, 0.0
    while done < first and program.poll() is None:
        time.sleep(0.2)
        settled = _peak(program.pid) or settled
        if database.exists():
            with closing(Library(database)) as library:
                entries = library.entries(pictures)
                done = sum(entry.machine is not None for entry in entries)
    _, status, usage = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise RuntimeError(f"The run ended with {program.returncode}.")
    return settled, usage.ru_maxrss * 1024 / 1e6


def _peak(process: int) -> float:
    """Return the largest memory of a running process until now, in megabytes."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def _link(source: Path, folder: Path, part: Part) -> None:
    for picture in pictures_in(source)[: part.count]:
        (folder / picture.name).symlink_to(picture.resolve())


def _make(folder: Path, part: Part) -> None:
    draw = random.Random(part.seed)
    for number in range(part.count):
        size = draw.choice(((500, 375), (375, 500), (1600, 1200), (4000, 3000)))
        picture = Image.effect_noise((64, 48), draw.uniform(0, 100)).resize(size)
        picture.save(folder / f"{number}.jpg")
