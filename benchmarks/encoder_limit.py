"""Holds the encoders of models against the limit of the machine for their arithmetic.

An encoder has two kinds of arithmetic: depthwise convolutions, each with few products,
and all others. The limit of each kind is what LiteRT reaches with nothing but large
layers of that kind whose weights are stored as those of the encoder are, on the same
number of threads: 1×1 convolutions, and depthwise ones of 3×3. The arithmetic is two
operations for each product. A second ratio takes the limit of 1×1 convolutions for
all. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from extraction import count_by_kind, count_operations

from imagecap.model.bundle import ENCODER, find_bundle, load_bundle
from imagecap.model.litert import THREADS, load_network
from imagecap.training.networks.encoders import build_encoder
from imagecap.training.networks.litert_conversion import ENCODER_STORAGES

# Sizes with which each kind was the fastest. More channels leave the processor's cache,
# and depthwise convolutions then wait for memory.
_SIZE = 32
_CHANNELS, _DEPTHWISE_CHANNELS = 1024, 256
_LAYERS = 8
# Where a network comes to lie in memory can double its time, so it is loaded anew.
_LOADS, _TIMES = 5, 50


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", help="names or folders of models")
    limits: dict[str, _Limit] = {}
    rows = []
    for model in parser.parse_args().models:
        bundle = load_bundle(find_bundle(model))
        storage, size = bundle.manifest.storage.encoder, bundle.image_size
        name = bundle.manifest.encoder.name
        total, shortest, all_alike = 0, 0.0, 0.0
        # A model of two has two encoders.
        for kind, way in zip(name.split(" + "), storage.split(" + "), strict=True):
            if way not in limits:
                limits[way] = _measure_limit(way)
            limit = limits[way]
            depthwise, others = count_by_kind(build_encoder(kind, download=False))
            total += depthwise + others
            shortest += depthwise / limit.depthwise + others / limit.others
            all_alike += (depthwise + others) / limit.others
        seconds = _time(bundle.folder / ENCODER, (1, size, size, 3))
        rows.append(
            f"| {bundle.name} | {name} | {total / 1e9:.2f} "
            f"| {1000 * seconds:.1f} | {1000 * shortest:.1f} "
            f"| {seconds / shortest:.2f} | {seconds / all_alike:.2f} |"
        )
    print(
        f"\nBest of {_LOADS}×{_TIMES} times, {THREADS} threads; Python "
        f"{platform.python_version()}, {os.cpu_count()} CPUs. Limits: "
        + "; ".join(
            f"{way}: {limit.others / 1e9:.0f} GFLOP/s, depthwise "
            f"{limit.depthwise / 1e9:.0f}"
            for way, limit in limits.items()
        )
        + ".\n\n"
        "| model | encoder | GFLOP a picture | ms a picture | ms at the limit "
        "| ratio | to the limit of 1×1 alone |\n"
        "|---|---|---|---|---|---|---|"
    )
    print("\n".join(rows))


@dataclass(frozen=True)
class _Limit:
    """The operations a second of large layers.

    Attributes:
        depthwise: Of depthwise convolutions of 3×3.
        others: Of convolutions of 1×1.
    """

    depthwise: float
    others: float


def _measure_limit(storage: str) -> _Limit:
    """Measure both limits of a way to store weights."""
    depthwise, others = [], []
    for _ in range(_LAYERS):
        depthwise.append(
            keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)
        )
        others.append(keras.layers.Conv2D(_CHANNELS, 1, use_bias=False))
    return _Limit(
        _speed(storage, depthwise, _DEPTHWISE_CHANNELS),
        _speed(storage, others, _CHANNELS),
    )


def _speed(storage: str, layers: Sequence[keras.layers.Layer], channels: int) -> float:
    """Give the operations a second of layers in a row."""
    shape = (_SIZE, _SIZE, channels)
    pixels = keras.Input(shape, name="pixels")
    grid = pixels
    for layer in layers:
        grid = layer(grid)
    network = keras.Model(pixels, grid)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "convolutions.tflite"
        dict(ENCODER_STORAGES)[storage](network, path)
        return count_operations(network) / _time(path, (1, *shape))


def _time(path: Path, shape: tuple[int, ...]) -> float:
    """Give the fewest seconds that a network takes for one input."""
    pixels = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    seconds = []
    for _ in range(_LOADS):
        _interpreter, network = load_network(path, THREADS)
        for _ in range(_TIMES):
            start = time.perf_counter()
            network(pixels=pixels)
            seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
