"""Times one epoch of merge or attention training against the classical ways.

All learn the same captions with the same vocabulary, layer sizes and loop; each runs in
a process of its own, one after the other. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path

# TensorFlow reads these when it is imported, in the processes of both ways alike:
# fewer start-up notes, and oneDNN, which train.py switches on, too.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np
from classical_attention import ClassicalAttention, PaddedBatches
from classical_training import PrefixBatches, build_classical_model
from training_material import Material, load_material

from imagecap.progress import progress
from imagecap.training.batches.teacher_forcing import CaptionBatches, TokenizedExample
from imagecap.training.networks.attention_decoder import build_attention_decoder
from imagecap.training.networks.losses import caption_loss
from imagecap.training.networks.merge_decoder import build_merge_decoder
from imagecap.training.networks.optimizers import TwoRateAdam

# Keras traces a model anew for the first few shapes of batches that it sees.
_WARM_UP_BATCHES = 3


@dataclass(frozen=True)
class Timing:
    """What one way took.

    Attributes:
        batches, rows: Those of a whole epoch.
        rows_timed: Rows that were in fact trained on.
        seconds, seconds_making: What these took; the part of it for making batches.
        start_up_seconds: Before that, for the first batches, which are not counted.
        loss: Mean loss of the rows timed, in nats per word.
        peak_memory: Largest resident memory of the process, in bytes.
    """

    batches: int
    rows: int
    rows_timed: int
    seconds: float
    seconds_making: float
    start_up_seconds: float
    loss: float
    peak_memory: int

    @property
    def epoch_seconds(self) -> float:
        """Seconds of a whole epoch, in proportion to its rows."""
        return self.seconds * self.rows / self.rows_timed


def main() -> None:
    """Time both ways and print the table."""
    options = _parse()
    material = load_material(options)
    # A fresh process for each, so that neither profits from the other nor pays for it.
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as processes:
        ours = processes.submit(_time_whole_captions, options).result()
        if material.sizes.grid:
            timing = processes.submit(_time_padded, options).result()
            batch = f"{material.settings.decoder.batch_size} captions"
            classical = [("a loop over padded words", batch, timing)]
        else:
            classical = [
                (
                    "a row for each prefix",
                    f"{pictures} photograph{'s' if pictures > 1 else ''}",
                    processes.submit(_time_prefixes, options, pictures).result(),
                )
                for pictures in options.pictures
            ]
    captions = sum(len(item.captions) for item in material.examples)
    print(
        f"\n{material.name}: {len(material.examples):,} photographs, {captions:,} "
        f"captions, longest {material.longest}; words seen at least "
        f"{options.minimum_count} times, V = {material.sizes.vocabulary:,}; "
        f"Keras {keras.__version__} on {keras.backend.backend()}, "
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs.\n"
    )
    print(
        "| way | batch | rows timed | of | batches | seconds per epoch | ratio "
        "| making batches | start-up s | loss | peak memory |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|"
    )
    batch_size = material.settings.decoder.batch_size
    print(_row("whole captions (imagecap)", f"{batch_size} captions", ours, ours))
    for name, batch, timing in classical:
        print(_row(name, batch, timing, ours))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data set")
    parser.add_argument(
        "--features", type=Path, required=True, help="its pickle, or its .npy of grids"
    )
    parser.add_argument(
        "--minimum-count", type=int, default=4, help="of a word to be known (4)"
    )
    parser.add_argument(
        "--pictures",
        type=int,
        nargs="+",
        default=[1, 12, 64],
        help="photographs in a classical batch; each number is timed (1 12 64)",
    )
    parser.add_argument(
        "--fraction",
        type=float,
        default=1.0,
        help="of the photographs to time with, except merge training of ours (1)",
    )
    parser.add_argument("--seed", type=int, default=0, help="decides all chance (0)")
    return parser.parse_args()


def _time_whole_captions(options: argparse.Namespace) -> Timing:
    material = load_material(options)
    settings, grid = material.settings, material.sizes.grid
    keras.utils.set_random_seed(settings.seed)
    build = build_attention_decoder if grid else build_merge_decoder
    model = build(material.sizes).training
    model.compile(TwoRateAdam(settings.decoder.learning_rate), loss=caption_loss)
    return _time(
        model,
        lambda examples: CaptionBatches(
            material.features, examples, settings.decoder.batch_size, settings.seed
        ),
        material.chosen if grid else material.examples,
        material,
        sum(len(item.captions) for item in material.examples),
    )


def _time_padded(options: argparse.Namespace) -> Timing:
    material = load_material(options)
    settings = material.settings
    keras.utils.set_random_seed(settings.seed)
    return _time(
        ClassicalAttention(material.sizes, settings.decoder.learning_rate),
        lambda examples: PaddedBatches(
            material.features,
            examples,
            material.longest,
            settings.decoder.batch_size,
            settings.seed,
        ),
        material.chosen,
        material,
        sum(len(item.captions) for item in material.examples),
    )


def _time_prefixes(options: argparse.Namespace, pictures: int) -> Timing:
    material = load_material(options)
    sizes, longest = material.sizes, material.longest
    keras.utils.set_random_seed(material.settings.seed)
    return _time(
        build_classical_model(sizes, longest, material.settings.decoder.learning_rate),
        lambda examples: PrefixBatches(
            material.features, examples, sizes.vocabulary, longest, pictures
        ),
        material.chosen,
        material,
        # A row for each word but the first, which is there from the beginning.
        sum(len(c) - 1 for item in material.examples for c in item.captions),
    )


def _time(
    model: keras.Model | ClassicalAttention,
    make_batches: Callable[
        [list[TokenizedExample]], CaptionBatches | PrefixBatches | PaddedBatches
    ],
    timed: list[TokenizedExample],
    material: Material,
    rows_of_epoch: int,
) -> Timing:
    """Train on a few batches without counting them, then on all with a clock."""
    batches = make_batches(timed)
    start = time.perf_counter()
    endless = chain.from_iterable(repeat(batches))
    for inputs, targets in islice(endless, _WARM_UP_BATCHES):
        model.train_on_batch(inputs, targets)
    start_up_seconds = time.perf_counter() - start

    rows = words = 0
    loss = making = 0.0
    start = before = time.perf_counter()
    count = len(batches)
    for inputs, targets in progress(islice(batches, count), "Epoch", count, "batch"):
        making += time.perf_counter() - before
        model.reset_metrics()
        batch_loss = float(model.train_on_batch(inputs, targets))
        batch_words = np.count_nonzero(targets)
        rows += len(targets)
        words += batch_words
        loss += batch_loss * batch_words
        before = time.perf_counter()
    return Timing(
        len(make_batches(material.examples)),
        rows_of_epoch,
        rows,
        time.perf_counter() - start,
        making,
        start_up_seconds,
        loss / words,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _row(name: str, batch: str, timing: Timing, ours: Timing) -> str:
    share = timing.seconds_making / timing.seconds
    return (
        f"| {name} | {batch} | {timing.rows_timed:,} | {timing.rows:,} "
        f"| {timing.batches:,} | {timing.epoch_seconds:.1f} "
        f"| {timing.epoch_seconds / ours.epoch_seconds:.1f} "
        f"| {share:.0%} | {timing.start_up_seconds:.1f} "
        f"| {timing.loss:.2f} | {timing.peak_memory / 1e6:,.0f} MB |"
    )


if __name__ == "__main__":
    main()
