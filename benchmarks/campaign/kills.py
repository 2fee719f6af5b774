"""Folder runs killed at random moments, and gone on with."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.campaign.attempts import Ending, Outcome
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally
from imagecap.captions.caption_files import read_captions
from imagecap.library.store import Library

_PICTURES = 40


def run(part: Part) -> Tally:
    """Kill `imagecap caption FOLDER -o FILE` again and again until it has come through.

    Afterwards each picture has one caption; at every moment the file is whole or not
    there, and what was in the library is in it still.
    """
    tally, draw = Tally(), random.Random(part.seed)
    while tally.count < part.count:
        with TemporaryDirectory() as temporary:
            _come_through(Path(temporary), draw, part, tally)
    return tally


def _come_through(folder: Path, draw: random.Random, part: Part, tally: Tally) -> None:
    pictures = _make_pictures(folder / "pictures", draw)
    file, known = folder / "killed.csv", 0
    # As long as the program needs to start, load the model and caption all.
    started = time.perf_counter()
    _start(folder, part.model, "whole").wait()
    longest = time.perf_counter() - started
    while tally.count < part.count:
        started = time.perf_counter()
        program = _start(folder, part.model, "killed")
        try:
            code = program.wait(draw.uniform(0, longest))
        except subprocess.TimeoutExpired:
            program.send_signal(signal.SIGKILL)
            code = program.wait()
        seconds = time.perf_counter() - started
        fault = "" if code in (0, -signal.SIGKILL) else f"it ended with {code}"
        with closing(Library(folder / "killed.db")) as library:
            kept = sum(one.caption is not None for one in library.entries(pictures))
        if kept < known:
            fault = f"{known} captions were kept, now {kept}"
        known = kept
        if file.exists() or code == 0:
            fault = fault or _problem(file, pictures)
        leftovers = list(folder.glob(".*.new"))
        if code == 0 and leftovers:
            fault = fault or f"{leftovers[0].name} was left behind"
        ending = Ending.UNCAUGHT if fault else Ending.DONE
        tally.add(
            Outcome(ending, seconds, 0, 0, fault), f"killed after {seconds:.2f} s"
        )
        if code == 0:
            return


def _make_pictures(folder: Path, draw: random.Random) -> list[Path]:
    folder.mkdir()
    pictures = [folder / f"{number}.jpg" for number in range(_PICTURES)]
    for picture in pictures:
        colour = tuple(draw.randrange(256) for _ in range(3))
        Image.new("RGB", (320, 240), colour).save(picture)
    return pictures


def _start(folder: Path, model: Path, name: str) -> subprocess.Popen[bytes]:
    """Begin, or go on; file and library have that name."""
    command = (sys.executable, "-m", "imagecap", "caption", folder / "pictures")
    return subprocess.Popen(
        [*command, "-o", folder / f"{name}.csv", "--model", model],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "IMAGECAP_LIBRARY": str(folder / f"{name}.db"),
            "IMAGECAP_SETTINGS": str(folder / "settings.json"),
        },
    )


def _problem(file: Path, pictures: list[Path]) -> str:
    """Say what is wrong with a file of captions; nothing, if it is whole."""
    try:
        captions = read_captions(file)
    except Exception as error:
        return f"the file cannot be read: {error}"
    missing = len(pictures) - len(captions)
    return f"{missing} of {len(pictures)} captions are lacking" if missing else ""
