"""What going on with a few photographs does: by theme and without, before and after.

    python -m benchmarks.retraining default --photographs FOLDER --dev FOLDER -o FILE

FOLDER has the photographs of splits/mscoco_retraining.tsv with their captions; --dev
is a data set whose dev split shows what is forgotten. Each finished draw is a line of
FILE, JSON Lines; the same command goes on with those that are not there yet.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from imagecap.datasets.dataset import Example, choose_examples, load_dataset
from imagecap.evaluation.comparison import compare_models
from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.model.captioner import Captioner
from imagecap.training.adaptation.adapt import adapt
from imagecap.training.adaptation.adapted_bundle import save_adaptation

_LIST = Path(__file__).parent / "splits" / "mscoco_retraining.tsv"
_NO_THEME = "-"
_DRAWS = 5
_LEARNED, _SCORED, _DEV = 150, 100, 300
_OF_A_SMALL_THEME = 0.6


def draws(by_name: dict[str, Example]) -> Iterator[tuple[str, list[Example]]]:
    """Yield each draw's name and its photographs in a random order."""
    themes: dict[str, list[Example]] = {}
    for line in _LIST.read_text().splitlines():
        name, theme, _ = line.split("\t")
        themes.setdefault(theme, []).append(by_name[name])
    themes[_NO_THEME] = [one for group in themes.values() for one in group]
    for draw in range(_DRAWS):
        for theme, group in themes.items():
            yield f"{theme} {draw}", _shuffled(group, draw)


def _shuffled(examples: list[Example], seed: int) -> list[Example]:
    ordered = sorted(examples, key=lambda one: one.name)
    random.Random(seed).shuffle(ordered)
    return ordered


def main() -> None:
    """Run all draws that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--captions", type=int, default=5, help="of each photograph")
    parser.add_argument("--learned", type=int, default=_LEARNED)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    done = set()
    if options.output.exists():
        lines = options.output.read_text().splitlines()
        done = {json.loads(line)["draw"] for line in lines}
    start = load_bundle(find_bundle(options.model))
    by_name = {one.name: one for one in load_dataset(options.photographs).of("all")}
    dev = choose_examples(load_dataset(options.dev).dev, _DEV)
    for draw, photographs in draws(by_name):
        if draw in done:
            continue
        count = min(options.learned, int(len(photographs) * _OF_A_SMALL_THEME))
        learned = [
            Example(one.name, one.path, one.captions[: options.captions])
            for one in photographs[:count]
        ]
        began = time.monotonic()
        with TemporaryDirectory() as folder:
            adapted = adapt(start, learned, 2, 0, print)
            save_adaptation(adapted, start, "draw", Path(folder) / "new")
            seconds = time.monotonic() - began
            pair = Captioner(start), Captioner.load(Path(folder) / "new")
            scored = photographs[count : count + _SCORED]
            row = {
                "draw": draw,
                "learned": count,
                "course": asdict(adapted.course),
                "seconds": round(seconds),
                "cross-validated": asdict(adapted.comparison),
                "held out": asdict(compare_models(*pair, scored)),
                "dev": asdict(compare_models(*pair, dev)),
            }
        with options.output.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row))


if __name__ == "__main__":
    main()
