"""Measures the search by likeness: what it misses, how long it takes, how much memory.

Photographs are encoded, and mixtures of two of them make up a library of the size that
is wanted. Of each query the nearest ten that the library finds are held against the
nearest ten by all numbers: the word detector's expectations around their mean, whole.
Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from imagecap.library import pictures, vectors
from imagecap.library.connection import connect, transaction
from imagecap.library.store import Library
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import pooled
from imagecap.model.word_detector import load_word_detector
from imagecap.pictures.folders import pictures_in

_NEAREST = 10
_AT_ONCE = 2000
# A picture is mostly one photograph; even halves would be unlike any.
_LEAST_SHARE = 0.7
_SEARCHING = """
import json, sys, time
from pathlib import Path
import numpy as np
from imagecap.library.store import Library

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6

queries = np.load(sys.argv[3])
library = Library(Path(sys.argv[1]))
before, start = resident(), time.perf_counter()
likeness = library.likeness(sys.argv[2])
opened = time.perf_counter() - start
found, seconds, computing = [], [], []
for query in queries:
    start, computed = time.perf_counter(), time.process_time()
    found.append([int(number) for number, _ in likeness.nearest(query, 10)])
    seconds.append(time.perf_counter() - start)
    computing.append(time.process_time() - computed)
print(json.dumps([opened, seconds, computing, resident() - before, found]))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="photographs")
    parser.add_argument("--model", default="default")
    parser.add_argument("--photographs", type=int, help="how many of them; all")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--pictures", type=int, default=250_000)
    options = parser.parse_args()
    captioner = Captioner.load(options.model)
    whole_of = _all_numbers(captioner)
    features = _encode(captioner, pictures_in(options.folder)[: options.photographs])
    asked, kept = features[: options.queries], features[options.queries :]
    model = captioner.bundle.identity
    print(
        "| pictures | the same nearest ten | opened | best | median | processor | MB |"
    )
    print("|---|---|---|---|---|---|---|")
    for count in sorted({len(kept), options.pictures}):
        chunks = _chunks(kept, count)
        with tempfile.TemporaryDirectory() as folder:
            file, queries = Path(folder, "captions.db"), Path(folder, "queries.npy")
            np.save(queries, captioner.embedding.embed(asked))
            truth = _fill(file, captioner, chunks, whole_of(asked), whole_of)
            command = [sys.executable, "-c", _SEARCHING, file, model, queries]
            done = subprocess.run(command, capture_output=True, check=True)
        opened, seconds, computing, megabytes, found = json.loads(done.stdout)
        pairs = zip(found, truth.tolist(), strict=True)
        recall = np.mean([len({*one} & {*other}) / _NEAREST for one, other in pairs])
        print(
            f"| {count:,} | {recall:.1%} | {opened:.2f} s | {min(seconds) * 1e3:.0f} ms"
            f" | {np.median(seconds) * 1e3:.0f} ms | {np.median(computing) * 1e3:.0f} "
            f"ms | {megabytes:.0f} |",
            flush=True,
        )


def _all_numbers(captioner: Captioner) -> Callable[[np.ndarray], np.ndarray]:
    """Return what makes whole vectors, of length one, of features."""
    detector, mean = load_word_detector(captioner.bundle), captioner.embedding.mean
    if detector is None:
        raise SystemExit(f"{captioner.name} has no word detector.")
    words = detector.rounded * detector.scales

    def whole(features: np.ndarray) -> np.ndarray:
        vectors = (pooled(features) - mean) @ words
        scaled: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return scaled

    return whole


def _encode(captioner: Captioner, paths: list[Path]) -> np.ndarray:
    length = len(captioner.embedding.mean)
    found = [
        pooled(features[np.newaxis])[0, :length]
        for _, features in captioner.encode_many(paths)
        if isinstance(features, np.ndarray)
    ]
    return np.stack(found)


def _chunks(features: np.ndarray, count: int) -> Iterator[np.ndarray]:
    """Give the features of so many pictures: photographs, and then mixtures of two."""
    yield features[:count]
    draw = np.random.default_rng(0)
    for start in range(len(features), count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        one, other = draw.integers(len(features), size=(2, size))
        share = draw.uniform(_LEAST_SHARE, 1, (size, 1)).astype(np.float32)
        yield share * features[one] + (1 - share) * features[other]


def _fill(
    file: Path,
    captioner: Captioner,
    chunks: Iterator[np.ndarray],
    asked: np.ndarray,
    whole_of: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Keep vectors; return the nearest by all numbers, `[queries, 10]`."""
    model, embedding = captioner.bundle.identity, captioner.embedding
    numbers = np.zeros((len(asked), 0), np.int64)
    likeness = np.zeros((len(asked), 0), np.float32)
    with closing(Library(file)):
        pass
    with closing(connect(str(file))) as database, transaction(database):
        known = itertools.count()
        for chunk in chunks:
            rows = []
            for vector in embedding.embed(chunk):
                path = b"/photographs/%d.jpg" % next(known)
                number = pictures.find_or_add(database, path).number
                vectors.keep(database, number, model, vector)
                rows.append(number)
            numbers = np.hstack([numbers, np.tile(rows, (len(asked), 1))])
            likeness = np.hstack([likeness, asked @ whole_of(chunk).T])
            best = np.argsort(-likeness, axis=1, kind="stable")[:, :_NEAREST]
            numbers = np.take_along_axis(numbers, best, axis=1)
            likeness = np.take_along_axis(likeness, best, axis=1)
    return numbers


if __name__ == "__main__":
    main()
