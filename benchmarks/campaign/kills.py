"""Folder runs killed at random moments, and gone on with."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from tempfile import TemporaryDirectory

import ai_edge_litert.interpreter  # noqa: F401 - for all programs, which are forked
from PIL import Image

from benchmarks.campaign.attempts import Ending, Outcome
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally
from imagecap.captions.caption_files import read_captions
from imagecap.commands.main import main
from imagecap.library.store import Library

_PICTURES = 40
_FORKING = get_context("fork")


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
    # As long as the program needs to load the model and caption all.
    started = time.perf_counter()
    _start(folder, part.model, "whole").join()
    longest = time.perf_counter() - started
    while tally.count < part.count:
        started = time.perf_counter()
        program = _start(folder, part.model, "killed")
        program.join(draw.uniform(0, longest))
        program.kill()
        program.join()
        code, seconds = program.exitcode, time.perf_counter() - started
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


def _start(folder: Path, model: Path, name: str) -> ForkProcess:
    """Begin, or go on; file and library have that name.

    Forked, since all that a program loads before it begins is loaded then, and so most
    of the moments are those in which something is written.
    """
    program = _FORKING.Process(target=_caption, args=(folder, model, name))
    program.start()
    return program


def _caption(folder: Path, model: Path, name: str) -> None:
    os.environ["IMAGECAP_LIBRARY"] = str(folder / f"{name}.db")
    os.environ["IMAGECAP_SETTINGS"] = str(folder / "settings.json")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    words = folder / "pictures", "-o", folder / f"{name}.csv", "--model", model
    main(["caption", *map(str, words)])


def _problem(file: Path, pictures: list[Path]) -> str:
    """Say what is wrong with a file of captions; nothing, if it is whole."""
    try:
        captions = read_captions(file)
    except Exception as error:
        return f"the file cannot be read: {error}"
    missing = len(pictures) - len(captions)
    return f"{missing} of {len(pictures)} captions are lacking" if missing else ""
