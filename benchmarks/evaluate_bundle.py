"""Captions a split with an exported model, as a user would, and scores it.

Needs no TensorFlow. Prints a Markdown table and, if asked, some captions beside what
people wrote.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from imagecap import Caption, Captioner
from imagecap.evaluation.scores import score_captions
from imagecap.text import tokenize
from imagecap.training.datasets import SPLITS, Example, load_dataset


def main() -> None:
    """Caption, score and print."""
    options = _parse()
    dataset = load_dataset(options.data)
    examples = dataset.splits[options.split][: options.pictures]
    if not examples:
        sys.exit(f"{dataset.name} has no pictures in its {options.split} split.")
    captioner = Captioner.load(options.model)
    start = time.perf_counter()
    captions = _caption(captioner, examples, options.beam)
    seconds = time.perf_counter() - start
    if not captions:
        sys.exit("None of the pictures could be read.")
    references = {
        example.name: [tokenize(caption) for caption in example.captions]
        for example in examples
    }
    words = {name: caption.words for name, caption in captions.items()}
    scores = score_captions(words, references)
    beam = options.beam or captioner.bundle.beam_settings.width
    known = len(captioner.bundle.vocabulary)
    rows = {
        "pictures": f"{len(captions):,}",
        "pictures per second": f"{len(captions) / seconds:.1f}",
        **{name: f"{score:.1f}" for name, score in scores.items()},
        "distinct captions": f"{len(set(words.values())):,}",
        "words used": f"{len(set().union(*words.values())):,} of {known:,}",
        "mean length": f"{np.mean([len(caption) for caption in words.values()]):.1f}",
        "mean length of references": f"{_mean_reference_length(references):.1f}",
    }
    print(f"\n{captioner.name} on {dataset.name}, {options.split}, beam {beam}\n")
    print("| measure | value |\n|---|---|")
    for name, value in rows.items():
        print(f"| {name} | {value} |")
    for example in _spread(examples, options.show):
        if example.name in captions:
            print(f"\n**{example.name}**: {captions[example.name].text}\n")
            for reference in example.captions:
                print(f"- {reference}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default", help="name or folder (default)")
    parser.add_argument("--data", type=Path, required=True, help="the data set")
    parser.add_argument("--split", choices=SPLITS, default="dev", help="(dev)")
    parser.add_argument("--beam", type=int, help="beam width (the model's)")
    parser.add_argument("--pictures", type=int, help="only so many of the first (all)")
    parser.add_argument(
        "--show", type=int, default=0, metavar="K", help="show so many captions (0)"
    )
    return parser.parse_args()


def _caption(
    captioner: Captioner, examples: Sequence[Example], beam: int | None
) -> dict[str, Caption]:
    """Caption pictures; one that cannot be read is named on the error stream."""
    captions = {}
    results = captioner.caption_many(
        (example.path for example in examples), beam_width=beam
    )
    for path, result in tqdm(results, total=len(examples), unit="img", leave=False):
        if isinstance(result, Exception):
            print(result, file=sys.stderr)
        else:
            captions[path.name] = result[0]
    return captions


def _mean_reference_length(references: Mapping[str, Sequence[list[str]]]) -> float:
    lengths = [len(words) for group in references.values() for words in group]
    return float(np.mean(lengths))


def _spread(examples: Sequence[Example], count: int) -> Sequence[Example]:
    """Choose examples at equal distances."""
    count = min(count, len(examples))
    return [examples[number * len(examples) // count] for number in range(count)]


if __name__ == "__main__":
    main()
