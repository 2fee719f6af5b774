"""Holds the encoders of models against the limit of the machine for their arithmetic.

The limit is what LiteRT reaches with nothing but large 1×1 convolutions whose weights
are stored as those of the encoder are, on the same number of threads. The arithmetic of
an encoder is that of its convolutions, two operations for each product. Prints a
Markdown table.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from extraction import count_operations

from imagecap.bundle import ENCODER, find_bundle, load_bundle
from imagecap.runtime import THREADS, load_network
from imagecap.training.conversion import ENCODER_STORAGES
from imagecap.training.encoders import build_encoder

_SIZE, _CHANNELS, _LAYERS = 32, 1024, 4
_TIMES = 50


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", help="names or folders of models")
    limits: dict[str, float] = {}
    rows = []
    for model in parser.parse_args().models:
        bundle = load_bundle(find_bundle(model))
        storage, size = bundle.manifest["storage"]["encoder"], bundle.image_size
        name = bundle.manifest["encoder"]["name"]
        total, shortest = 0, 0.0
        # A model of two has two encoders.
        for kind, way in zip(name.split(" + "), storage.split(" + "), strict=True):
            if way not in limits:
                limits[way] = _measure_limit(way)
            operations = count_operations(build_encoder(kind, download=False))
            total += operations
            shortest += operations / limits[way]
        seconds = _time(bundle.folder / ENCODER, (1, size, size, 3))
        rows.append(
            f"| {bundle.name} | {name} | {storage} | {total / 1e9:.2f} "
            f"| {1000 * seconds:.1f} | {1000 * shortest:.1f} "
            f"| {seconds / shortest:.1f} |"
        )
    print(
        f"\nBest of {_TIMES} times, {THREADS} threads; Python "
        f"{platform.python_version()}, {os.cpu_count()} CPUs. Limits: "
        + ", ".join(f"{way} {limit / 1e9:.0f} GFLOP/s" for way, limit in limits.items())
        + ".\n\n"
        "| model | encoder | stored | GFLOP a picture | ms a picture "
        "| ms at the limit | ratio |\n"
        "|---|---|---|---|---|---|---|"
    )
    print("\n".join(rows))


def _measure_limit(storage: str) -> float:
    """Give the operations a second of large convolutions stored in a way."""
    pixels = keras.Input((_SIZE, _SIZE, _CHANNELS), name="pixels")
    grid = pixels
    for _ in range(_LAYERS):
        grid = keras.layers.Conv2D(_CHANNELS, 1, use_bias=False)(grid)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "convolutions.tflite"
        dict(ENCODER_STORAGES)[storage](keras.Model(pixels, grid), path)
        seconds = _time(path, (1, _SIZE, _SIZE, _CHANNELS))
    return 2 * _LAYERS * (_SIZE * _CHANNELS) ** 2 / seconds


def _time(path: Path, shape: tuple[int, ...]) -> float:
    """Give the fewest seconds that a network takes for one input."""
    _interpreter, network = load_network(path, THREADS)
    pixels = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    seconds = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        network(pixels=pixels)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
