"""What going on with a few photographs does: by theme and without, before and after.

    python -m benchmarks.retraining default --photographs FOLDER --dev FOLDER -o FILE

FOLDER has the photographs of splits/mscoco_retraining.tsv with their captions, and
those of splits/mscoco_dev_themes.tsv, by which small themes are scored besides; with
--list they are those of another such file. --dev is a data set whose dev split shows
what is forgotten. With --captions 1 they are as corrections in the library are. Each
finished draw is a line of FILE, JSON Lines; the same command goes on with those that
are not there yet.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from imagecap.datasets.dataset import Example, choose_examples, load_dataset
from imagecap.evaluation.comparison import caption_examples, compare_captions
from imagecap.evaluation.examples import references_of
from imagecap.evaluation.metrics.ngram import Words
from imagecap.model.bundle import Bundle, find_bundle, load_bundle
from imagecap.model.captioner import Captioner
from imagecap.pictures.reading import PictureError
from imagecap.training.adaptation.adapt import adapt
from imagecap.training.adaptation.adapted_bundle import save_adaptation

_LIST = Path(__file__).parent / "splits" / "mscoco_retraining.tsv"
_ONLY_SCORED = Path(__file__).parent / "splits" / "mscoco_dev_themes.tsv"
_NO_THEME = "-"
_DRAWS = 5
_LEARNED, _SCORED, _DEV = 150, 100, 500
_OF_A_SMALL_THEME = 0.6


class Draw(NamedTuple):
    """Photographs of one kind, in a random order.

    Attributes:
        name: The theme, and the number of the draw.
        photographs: What is learned from, and the rest.
        only_scored: Further ones of the theme, for scoring.
    """

    name: str
    photographs: list[Example]
    only_scored: list[Example]


def draws(by_name: dict[str, Example], file: Path) -> Iterator[Draw]:
    """Yield each draw from the photographs of a file: names and their themes."""
    themes = _read_themes(by_name, file)
    more = _read_themes(by_name, _ONLY_SCORED) if file == _LIST else {}
    themes[_NO_THEME] = [one for group in themes.values() for one in group]
    for draw in range(_DRAWS):
        for theme, group in themes.items():
            other = more.get(theme, [])
            yield Draw(f"{theme} {draw}", _shuffled(group, draw), other)


def _read_themes(by_name: dict[str, Example], file: Path) -> dict[str, list[Example]]:
    themes: dict[str, list[Example]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        name, theme, _ = line.split("\t")
        themes.setdefault(theme, []).append(by_name[name])
    return themes


def _shuffled(examples: list[Example], seed: int) -> list[Example]:
    ordered = sorted(examples, key=lambda one: one.name)
    random.Random(seed).shuffle(ordered)
    return ordered


class _Words:
    """The captions of one model, each picture captioned once, as it is used."""

    def __init__(self, captioner: Captioner) -> None:
        self._captioner = captioner
        self._known: dict[str, Words] = {}

    def of(self, examples: Sequence[Example]) -> dict[str, Words]:
        """Return the words of the captions of pictures."""
        new = [one for one in examples if one.name not in self._known]
        for example, result in caption_examples(self._captioner, new):
            if not isinstance(result, PictureError):
                self._known[example.name] = result[0].words
        return {one.name: self._known[one.name] for one in examples}


def _measure(
    start: Bundle,
    before: _Words,
    learned: Sequence[Example],
    scored: Sequence[Example],
    dev: Sequence[Example],
) -> dict[str, object]:
    """Go on with a model, and tell what that did."""
    began, worked = time.monotonic(), time.process_time()
    adapted = adapt(start, learned, 2, 0, print)
    with TemporaryDirectory() as folder:
        save_adaptation(adapted, start, "draw", Path(folder) / "new")
        seconds = time.monotonic() - began
        processor_seconds = time.process_time() - worked
        after = _Words(Captioner.load(Path(folder) / "new"))
        compared = {
            title: compare_captions(
                before.of(pictures), after.of(pictures), references_of(pictures)
            )
            for title, pictures in (("held out", scored), ("dev", dev))
        }
    return {
        "learned": len(learned),
        "course": asdict(adapted.learned.course),
        "seconds": round(seconds),
        "processor_seconds": round(processor_seconds),
        "better": adapted.comparison.is_better,
        "cross-validated": asdict(adapted.comparison),
        **{title: asdict(comparison) for title, comparison in compared.items()},
    }


def main() -> None:
    """Run all draws that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--list", type=Path, default=_LIST)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--captions", type=int, default=5, help="of each photograph")
    parser.add_argument("--learned", type=int, default=_LEARNED)
    parser.add_argument("--only", nargs="*", help='draws, such as "- 0" or "food 2"')
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    key = {"captions": options.captions, "most": options.learned}
    done = set()
    if options.output.exists():
        rows = map(json.loads, options.output.read_text().splitlines())
        done = {row["draw"] for row in rows if key.items() <= row.items()}
    start = load_bundle(find_bundle(options.model))
    before = _Words(Captioner(start))
    by_name = {one.name: one for one in load_dataset(options.photographs).of("all")}
    dev = choose_examples(load_dataset(options.dev).dev, _DEV)
    for draw, photographs, only_scored in draws(by_name, options.list):
        if draw in done or (options.only and draw not in options.only):
            continue
        count = min(options.learned, int(len(photographs) * _OF_A_SMALL_THEME))
        learned = [
            Example(one.name, one.path, one.captions[: options.captions])
            for one in photographs[:count]
        ]
        scored = [*photographs[count:], *only_scored][:_SCORED]
        measured = _measure(start, before, learned, scored, dev)
        row = {"draw": draw, **key, **measured}
        with options.output.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
