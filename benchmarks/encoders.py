"""The encoders that a benchmark measures, as its command line names them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras

from imagecap.training.networks.encoders import build_encoder


def parse_options(
    description: str | None, encoders: Sequence[str], pictures: int
) -> argparse.Namespace:
    """Read the options of a benchmark of encoders on the pictures of a data set.

    Args:
        description: What the benchmark does.
        encoders: The names of those measured where no others are named.
        pictures: How many pictures are used where no other number is given.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="the data set")
    parser.add_argument(
        "--encoders",
        nargs="+",
        default=encoders,
        help=f"their names ({' '.join(encoders)})",
    )
    parser.add_argument(
        "--weights", type=Path, nargs="*", default=[], help="named <encoder>_*.h5"
    )
    parser.add_argument(
        "--pictures", type=int, default=pictures, help=f"how many ({pictures})"
    )
    return parser.parse_args()


def build_encoders(options: argparse.Namespace) -> Iterator[tuple[str, keras.Model]]:
    """Build the encoders, each with its name.

    One without a weight file has random weights, which take the same time.
    """
    for name in options.encoders:
        files = (file for file in options.weights if file.name.startswith(f"{name}_"))
        yield name, build_encoder(name, next(files, None), download=False)
