"""Measures the library with 250,000 pictures: opening, keeping a caption, searching.

The captions are those that people wrote of the pictures of a data set, over and over;
the pictures themselves need not be there, but those of which captions are kept are
files. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from imagecap.datasets.dataset import load_dataset
from imagecap.library import captions_table, pictures
from imagecap.library.connection import connect, transaction
from imagecap.library.picture_state import PictureState
from imagecap.library.store import Library
from imagecap.model.caption import Caption
from imagecap.text.tokenizer import tokenize

_QUERIES = (
    "dog",
    "dog beach",
    "man",
    '"brown dog"',
    "surf*",
    "dog -ball by:machine",
    "in:folder7 red shirt",
    "unsure",
    "climber",
    "puppydog",
    "by:machine",
    "a",
    "the man in the red shirt is riding a bike down the street",
    " ".join(f"word{number}" for number in range(60)),
)
_OPENING = """
import sys, time
from pathlib import Path
from imagecap.library.store import Library
start = time.perf_counter()
library = Library(Path(sys.argv[1]))
print(time.perf_counter() - start)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=250_000)
    options = parser.parse_args()
    sentences = [
        caption
        for example in load_dataset(options.data).train
        for caption in example.captions
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "captions.db"
        Library(file).close()
        seconds = _fill(file, sentences, options.pictures)
        print(
            f"{options.pictures:,} pictures, {file.stat().st_size / 1e6:.0f} MB; "
            f"filled in {seconds:.0f} s.\n"
        )
        print("| what | best | median |\n|---|---|---|")
        _print("opened, in a new program", [_open(file) for _ in range(7)])
        with closing(Library(file)) as library:
            _keep(library, Path(folder))
            for query in _QUERIES:
                found = library.search(query, limit=100)
                _print(
                    f"`{query[:60]}`, {len(found)} of the best 100",
                    _times(lambda query=query: library.search(query, limit=100), 15),
                )


def _fill(file: Path, sentences: list[str], count: int) -> float:
    start = time.perf_counter()
    with closing(connect(str(file))) as database, transaction(database):
        for number, sentence in enumerate(
            itertools.islice(itertools.cycle(sentences), count)
        ):
            path = os.fsencode(f"/photographs/folder{number // 500}/IMG_{number}.jpg")
            state = PictureState(number, number, number.to_bytes(32))
            row = pictures.find_or_add(database, path, state)
            caption = Caption(
                tuple(tokenize(sentence)), -9.0, (), unsure=number % 50 == 0
            )
            captions_table.keep_machine(
                database, row, state, "default@0123456789ab", None, [caption]
            )
    return time.perf_counter() - start


def _open(file: Path) -> float:
    command = [sys.executable, "-c", _OPENING, str(file)]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def _keep(library: Library, folder: Path) -> None:
    """Keep captions of new pictures, by a model and by a person."""
    files = [folder / f"{number}.jpg" for number in range(2000)]
    for number, file in enumerate(files):
        file.write_bytes(b"picture %d" % number)
    said = [Caption(("a", "dog", "runs", "through", "the", "grass"), -9.0, ())]
    remaining = iter(files)
    _print(
        "a model's caption of a new picture kept",
        _times(
            lambda: library.keep_model_captions(
                next(remaining), "default@0123456789ab", None, said
            ),
            2000,
        ),
    )
    remaining = iter(files)
    _print(
        "a person's caption kept",
        _times(lambda: library.keep_human(next(remaining), "My dog Rex."), 2000),
    )
    remaining = iter(files)
    _print(
        "a known caption looked up",
        _times(
            lambda: library.model_caption(
                next(remaining), "default@0123456789ab", None
            ),
            2000,
        ),
    )


def _times(work: Callable[[], object], count: int) -> list[float]:
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def _print(what: str, seconds: list[float]) -> None:
    best, median = min(seconds) * 1e3, statistics.median(seconds) * 1e3
    print(f"| {what} | {best:.2f} ms | {median:.2f} ms |", flush=True)


if __name__ == "__main__":
    main()
