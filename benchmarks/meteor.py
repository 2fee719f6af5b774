"""Scores captions with METEOR 1.5, the figure that papers print, beside NLTK's.

METEOR 1.5 is a Java program with other weights than NLTK's METEOR and a table of
paraphrases, so the two are never comparable. It comes with pycocoevalcap and is run as
coco-caption runs it: words by the Stanford tokenizer, all captions scored as one.
Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from imagecap.errors import ImagecapError
from imagecap.evaluation.metrics.meteor import MeteorError, load_meteor
from imagecap.files import reason
from imagecap.text.tokenizer import tokenize

Captions = Mapping[int, Sequence[str]]


class Meteor15Error(ImagecapError):
    """METEOR 1.5 cannot be computed."""


def main() -> None:
    """Score and print."""
    options = _parse()
    try:
        rows = [_row(folder) for folder in options.evaluations]
    except ImagecapError as error:
        sys.exit(f"Error: {error}")
    print("\n| captions | pictures | METEOR 1.5 | METEOR (NLTK) |\n|---|---|---|---|")
    print("\n".join(rows))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "evaluations",
        type=Path,
        nargs="+",
        help="folders that `imagecap evaluate` saved",
    )
    return parser.parse_args()


def _row(folder: Path) -> str:
    results = _group(_read(folder / "results.json"))
    references = _group(_read(folder / "annotations.json")["annotations"])
    truths = {picture: references[picture] for picture in results}
    return (
        f"| {folder.name} | {len(results):,} | {100 * _meteor_15(results, truths):.1f} "
        f"| {_meteor_of_nltk(results, truths)} |"
    )


def _read(path: Path) -> Any:  # noqa: ANN401 - whatever JSON can hold
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Meteor15Error(
            f"{path} cannot be read ({reason(error)}); `imagecap evaluate` writes it."
        ) from error
    except ValueError as error:
        raise Meteor15Error(f"{path} is not JSON ({error}).") from error


def _group(entries: Sequence[Mapping[str, Any]]) -> Captions:
    """Give the captions of each picture, by its number."""
    captions: dict[int, list[str]] = defaultdict(list)
    for entry in entries:
        captions[entry["image_id"]].append(entry["caption"])
    return captions


def _meteor_15(captions: Captions, references: Captions) -> float:
    """Score all captions together, between 0 and 1."""
    try:
        from pycocoevalcap.meteor.meteor import Meteor
        from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer
    except ImportError as error:
        raise Meteor15Error(
            "METEOR 1.5 comes with pycocoevalcap; get it with "
            "`pip install pycocoevalcap`."
        ) from error
    if shutil.which("java") is None:
        raise Meteor15Error(
            "METEOR 1.5 needs Java; get it with "
            "`sudo apt install default-jre-headless`."
        )
    words = [
        PTBTokenizer().tokenize(
            {
                # Another end of a line would put off all captions after it.
                picture: [{"caption": " ".join(text.split())} for text in texts]
                for picture, texts in group.items()
            }
        )
        for group in (references, captions)
    ]
    try:
        score, _ = Meteor().compute_score(*words)
    except (OSError, ValueError) as error:
        raise Meteor15Error(
            f"METEOR 1.5 broke off ({error}); it needs up to 2 GB of memory."
        ) from error
    return float(score)


def _meteor_of_nltk(captions: Captions, references: Captions) -> str:
    try:
        meteor = load_meteor()
    except MeteorError as error:
        print(error, file=sys.stderr)
        return "–"
    score = fmean(
        meteor.score(
            tokenize(caption), [tokenize(text) for text in references[picture]]
        )
        for picture, (caption,) in captions.items()
    )
    return f"{100 * score:.1f}"


if __name__ == "__main__":
    main()
