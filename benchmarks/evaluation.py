"""Times what it takes to caption and score a split, part by part.

The parts are those of `imagecap evaluate`, one after the other. Prints a Markdown
table.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np

from imagecap.datasets.dataset import load_dataset
from imagecap.evaluation.evaluate import evaluate_captions
from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.model.decoding import decode
from imagecap.model.litert import LiteRTDecoder, LiteRTEncoder
from imagecap.pictures.reading import encoder_pixels, open_picture
from imagecap.progress import progress

_PICTURES_AT_ONCE = 8


def main() -> None:
    """Measure and print."""
    options = _parse()
    dataset = load_dataset(options.data)
    examples = dataset.splits[options.split]
    print(
        f"\n{dataset.name}, {options.split}, {len(examples):,} pictures; "
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs.\n\n"
        "| model | encoder | architecture | search | reading, s | encoder, s "
        "| words, s | scores, s | CIDEr |\n|---|---|---|---|---|---|---|---|---|"
    )
    for model in options.models:
        bundle = load_bundle(find_bundle(model))
        encoder, decoder = LiteRTEncoder(bundle), LiteRTDecoder(bundle)
        reading = encoding = 0.0
        features = []
        starts = range(0, len(examples), _PICTURES_AT_ONCE)
        for first in progress(starts, "Encoding", len(starts), "batch"):
            start = time.perf_counter()
            size = bundle.image_size
            pixels = [
                encoder_pixels(open_picture(one.path, (size, size)), size)
                for one in examples[first : first + _PICTURES_AT_ONCE]
            ]
            read = time.perf_counter()
            features.append(encoder.encode(np.stack(pixels)))
            reading += read - start
            encoding += time.perf_counter() - read
        start = time.perf_counter()
        found = [
            captions[0].text
            for batch in features
            for captions in decode(
                decoder, batch, bundle.vocabulary, bundle.manifest.decoding
            )
        ]
        spoken = time.perf_counter()
        evaluation = evaluate_captions(
            dict(zip((one.name for one in examples), found, strict=True)),
            {one.name: one.captions for one in examples},
            (caption for one in dataset.train for caption in one.captions),
            None,
        )
        scored = time.perf_counter()
        print(
            f"| {bundle.name} | {bundle.manifest.encoder.name} "
            f"| {bundle.manifest.architecture} | {bundle.manifest.decoding} "
            f"| {reading:.1f} | {encoding:.1f} | {spoken - start:.1f} "
            f"| {scored - spoken:.1f} | {evaluation.scores['CIDEr'].value:.1f} |",
            flush=True,
        )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", help="names or folders of models")
    parser.add_argument("--data", type=Path, required=True, help="the data set")
    parser.add_argument("--split", default="dev", help="which (dev)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
