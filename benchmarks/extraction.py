"""Times the extraction of features against what the machine can compute at most.

The limit is the fastest multiplication of two large float32 matrices by NumPy, which
uses OpenBLAS, on all cores, before and after; it is held against the fastest 64
pictures in a row. A network's arithmetic is that of its convolutions, two operations
for each product. Prints a Markdown table.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np
from encoders import build_encoders, parse_options
from machine import measure_matrix_peak

from imagecap.datasets.dataset import Example, load_dataset
from imagecap.training.features.encode import encode_pictures

# As many as are timed together to find the fastest.
_BATCHES_TOGETHER = 4


@dataclass(frozen=True)
class Speed:
    """How fast pictures were encoded.

    Attributes:
        start_up: Seconds until the first batch was done.
        mean: Pictures a second after that.
        best: The same of the fastest batches in a row.
    """

    start_up: float
    mean: float
    best: float


def main() -> None:
    """Measure and print."""
    options = parse_options(__doc__, ["xception", "mobilenetv2"], 256)
    examples = load_dataset(options.data).train
    before = measure_matrix_peak()
    rows = []
    for name, encoder in build_encoders(options):
        operations = count_operations(encoder)
        few = examples[: options.pictures]
        # A few pictures go through Keras, as many as a data set through LiteRT.
        rows += [
            (name, "Keras, as with few pictures", operations, _time(encoder, few, few)),
            (name, "as with many", operations, _time(encoder, examples, few)),
        ]
    after = measure_matrix_peak()
    peak = max(before, after)
    print(
        f"\nMatrix multiplication: {before / 1e9:.0f} GFLOP/s before, "
        f"{after / 1e9:.0f} after; Keras {keras.__version__} on "
        f"{keras.backend.backend()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} CPUs.\n"
    )
    print(
        "| encoder | way | GFLOP a picture | start-up, s | pictures a second | best "
        "| its GFLOP/s | of the limit |\n|---|---|---|---|---|---|---|---|"
    )
    for name, way, operations, speed in rows:
        rate = speed.best * operations
        print(
            f"| {name} | {way} | {operations / 1e9:.2f} | {speed.start_up:.1f} "
            f"| {speed.mean:.1f} | {speed.best:.1f} | {rate / 1e9:.0f} "
            f"| {rate / peak:.0%} |"
        )


def count_operations(network: keras.Model) -> int:
    """Count multiplications and additions of the convolutions for one picture."""
    return sum(count_by_kind(network))


def count_by_kind(network: keras.Model) -> tuple[int, int]:
    """Count the same apart: of depthwise convolutions, and of all others."""
    depthwise, others = 0, 0
    layers = keras.layers
    for layer in _layers(network):
        if not isinstance(
            layer, layers.Conv2D | layers.DepthwiseConv2D | layers.SeparableConv2D
        ):
            continue
        places = int(np.prod(layer.output.shape[1:3]))
        for weight in layer.weights:
            if weight.ndim != 4:
                continue
            # Each weight but the biases is used once at each place.
            operations = 2 * places * int(np.prod(weight.shape))
            if (
                isinstance(layer, layers.DepthwiseConv2D)
                or weight.name == "depthwise_kernel"
            ):
                depthwise += operations
            else:
                others += operations
    return depthwise, others


def _layers(network: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        else:
            yield layer


def _time(
    encoder: keras.Model, examples: Sequence[Example], timed: Sequence[Example]
) -> Speed:
    """Encode as if all examples were wanted, and stop when the timed ones are done."""
    batches = encode_pictures(encoder, examples)
    times, counts = [time.perf_counter()], []
    for batch in batches:
        times.append(time.perf_counter())
        counts.append(len(batch.arrays))
        if sum(counts) >= len(timed):
            break
    batches.close()
    last = len(counts) - _BATCHES_TOGETHER
    return Speed(
        times[1] - times[0],
        sum(counts[1:]) / (times[-1] - times[1]),
        max(
            sum(counts[first : first + _BATCHES_TOGETHER])
            / (times[first + _BATCHES_TOGETHER] - times[first])
            for first in range(1, last + 1)
        ),
    )


if __name__ == "__main__":
    main()
