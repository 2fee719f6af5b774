"""Weights on the disk, small: what a bundle keeps of its networks for retraining."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import keras
import numpy as np

_WEIGHTS = "weights"
_SCALES = "scales"
_LARGEST = 127
_SMALL = 100_000


def save_weights(network: keras.Model, path: Path) -> None:
    """Save weights in 8 bits: retraining moves them further than rounding does.

    Large arrays become whole numbers from −127 to 127, with a scale for each output
    channel, in an attribute; LiteRT rounds them in the same way, so that an exported
    network is not rounded twice. Small ones, which suffer most and weigh least, among
    them all of depthwise convolutions, are kept in float16, and rows in float32.

    Args:
        network: Any network.
        path: The file, HDF5: the group `weights` with a data set for each weight, named
            by its place.
    """
    # Not written by HDF5 itself, which on a full disk prints tracebacks.
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        group = file.create_group(_WEIGHTS)
        for number, weight in enumerate(network.weights):
            array = np.asarray(weight, np.float32)
            if array.ndim < 2:
                group[str(number)] = array
            elif array.size < _SMALL:
                group[str(number)] = array.astype(np.float16)
            else:
                others = tuple(range(array.ndim - 1))
                scales = np.abs(array).max(axis=others) / _LARGEST
                rounded = np.rint(array / np.where(scales, scales, 1))
                group[str(number)] = rounded.astype(np.int8)
                group[str(number)].attrs[_SCALES] = scales
    path.write_bytes(content.getvalue())


def load_weights(network: keras.Model, path: Path) -> None:
    """Load what `save_weights` saved, or Keras itself.

    Args:
        network: One with the same layers.
        path: The file.

    Raises:
        Exception: Of many kinds, if the file is damaged or of another network.
    """
    with h5py.File(path) as file:
        group = file.get(_WEIGHTS)
        if group is not None:
            if len(group) != len(network.weights):
                raise ValueError(f"{len(group)} weights, not {len(network.weights)}")
            for number, weight in enumerate(network.weights):
                dataset = group[str(number)]
                array = dataset[()].astype(np.float32)
                if _SCALES in dataset.attrs:
                    array *= dataset.attrs[_SCALES]
                weight.assign(array)
            return
    network.load_weights(path)
