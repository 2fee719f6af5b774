"""How often a model says that it is unsure of pictures that are no photographs."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from held_out_drawings import HELD_OUT
from odd_drawings import make_odd_pictures

from imagecap import Caption, Captioner
from imagecap.datasets.dataset import load_dataset
from imagecap.errors import ImagecapError
from imagecap.model.confidence import Confidence, load_confidence
from imagecap.progress import progress


@dataclass(frozen=True)
class Row:
    """What a model said of pictures of one kind.

    Attributes:
        kind: The kind.
        pictures: How many.
        improbable: How many had a caption that is too improbable.
        odd: How many were unlike all that was learned from.
        unsure: How many were either.
        example: The first caption.
    """

    kind: str
    pictures: int
    improbable: int
    odd: int
    unsure: int
    example: str

    def __str__(self) -> str:
        shares = (self.improbable, self.odd, self.unsure)
        cells = " | ".join(f"{100 * n / self.pictures:.0f} %" for n in shares)
        return f"| {self.kind} | {self.pictures:,} | {cells} | {self.example} |"


def main() -> None:
    """Print a table: a row for each kind of picture, and for photographs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default")
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        default=[],
        help="photographs to compare with: the dev split of a data set; may come again",
    )
    parser.add_argument("--count", type=int, default=100, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    try:
        captioner = Captioner.load(arguments.model)
        confidence = load_confidence(captioner.bundle)
        if confidence is None:
            sys.exit(
                f"Error: {arguments.model} has no confidence; give it one with "
                "“imagecap evaluate --calibrate”."
            )
        _print(captioner, confidence, arguments)
    except ImagecapError as error:
        sys.exit(f"Error: {error}")


def _print(
    captioner: Captioner, confidence: Confidence, arguments: argparse.Namespace
) -> None:
    print(
        f"Model {captioner.name}, {arguments.count} pictures of each kind, in percent:"
    )
    print("\n| | pictures | improbable caption | odd picture | unsure | for instance |")
    print("|---|---|---|---|---|---|")
    for data in arguments.data:
        dataset = load_dataset(data)
        paths = [example.path for example in dataset.dev]
        captions = _captions(captioner, paths)
        print(
            _row(f"photographs: {dataset.name}, dev", captions, captioner, confidence)
        )
    rows = []
    kinds = make_odd_pictures(arguments.count, arguments.seed)
    for kind, pictures in progress(kinds.items(), "Captioning", len(kinds), "kind"):
        # As files, as everybody's pictures come.
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{n}.png" for n in range(len(pictures))]
            for path, picture in zip(paths, pictures, strict=True):
                picture.save(path)
            captions = _captions(captioner, paths)
            name = f"{kind} (held out)" if kind in HELD_OUT else kind
            rows.append(_row(name, captions, captioner, confidence))
    for row in rows:
        print(row)
    held_out = [row for row in rows if "held out" in row.kind]
    seen = [row for row in rows if row not in held_out]
    print(_sum("all odd pictures seen before", seen))
    print(_sum("all held out", held_out))


def _captions(captioner: Captioner, paths: Iterable[Path]) -> Iterator[Caption]:
    for _, result in captioner.caption_many(paths):
        if isinstance(result, ImagecapError):
            print(f"Error: {result}", file=sys.stderr)
        else:
            yield result[0]


def _row(
    kind: str, found: Iterable[Caption], captioner: Captioner, confidence: Confidence
) -> Row:
    captions = list(found)
    penalty = captioner.bundle.manifest.decoding.search.length_penalty
    improbable = [
        confidence.of_caption(caption, penalty) < confidence.threshold
        for caption in captions
    ]
    return Row(
        kind,
        len(captions),
        sum(improbable),
        sum(caption.confidence is None for caption in captions),
        sum(caption.unsure for caption in captions),
        captions[0].hedged_text,
    )


def _sum(kind: str, rows: list[Row]) -> Row:
    return Row(
        kind,
        sum(row.pictures for row in rows),
        sum(row.improbable for row in rows),
        sum(row.odd for row in rows),
        sum(row.unsure for row in rows),
        "",
    )


if __name__ == "__main__":
    main()
