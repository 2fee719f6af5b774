"""Compares the ways in which the weights of an encoder can be stored.

Prints a Markdown table: the size of the file, the time for one picture, and how like
the features are to those of float32, as the cosine between them.
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from encoders import build_encoders, parse_options
from machine import measure_matrix_peak

from imagecap.datasets.dataset import load_dataset
from imagecap.model.litert import THREADS, load_network
from imagecap.pictures.reading import encoder_pixels, open_picture
from imagecap.training.networks.litert_conversion import (
    convert,
    convert_to_float16,
    convert_to_int8,
    convert_to_mixed,
)

_WAYS: dict[str, Callable[[keras.Model, Path], None]] = {
    "float32": convert,
    "float16": convert_to_float16,
    "int8": convert_to_int8,
    "int8, depthwise float16": convert_to_mixed,
}


def main() -> None:
    """Measure and print."""
    options = parse_options(__doc__, ["xception13", "mobilenetv2"], 100)
    dev = load_dataset(options.data).dev[: options.pictures]
    rows = []
    for name, encoder in build_encoders(options):
        size = encoder.input_shape[1]
        pixels = np.stack(
            [encoder_pixels(open_picture(one.path, (size, size)), size) for one in dev]
        )
        reference = None
        for way, convert_so in _WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "encoder.tflite"
                convert_so(encoder, path)
                megabytes = path.stat().st_size / 1e6
                milliseconds, features = _run(path, pixels)
            reference = features if reference is None else reference
            cosines = (features * reference).sum(axis=1)
            rows.append(
                f"| {name} | {way} | {megabytes:.1f} | {milliseconds:.1f} "
                f"| {cosines.mean():.4f} | {cosines.min():.4f} |"
            )
    print(
        f"\n{len(dev)} pictures; matrix multiplication in float32: "
        f"{measure_matrix_peak() / 1e9:.0f} GFLOP/s; Python "
        f"{platform.python_version()}, {os.cpu_count()} CPUs.\n\n"
        "| encoder | stored | MB | ms a picture | mean cosine | least cosine |\n"
        "|---|---|---|---|---|---|"
    )
    print("\n".join(rows))


def _run(path: Path, pixels: np.ndarray) -> tuple[float, np.ndarray]:
    """Give the median milliseconds for one picture, and the features of all."""
    _interpreter, network = load_network(path, THREADS)
    features, times = [], []
    for picture in pixels[:, np.newaxis].astype(np.float32):
        start = time.perf_counter()
        features.append(next(iter(network(pixels=picture).values())))
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times), np.concatenate(features)


if __name__ == "__main__":
    main()
