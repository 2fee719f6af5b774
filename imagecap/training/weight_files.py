"""Weights on the disk, small: what a bundle keeps of its networks for retraining."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np

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
        path: The file, `.weights.h5`.
    """
    # A compiled model would save the state of its optimizer, too.
    plain = keras.Model(network.inputs, network.outputs)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / path.name
        plain.save_weights(whole)
        _copy(whole, path, _round)


def load_weights(network: keras.Model, path: Path) -> None:
    """Load what `save_weights` saved, or Keras itself.

    Args:
        network: One with the same layers.
        path: The file, `.weights.h5`.

    Raises:
        Exception: Of many kinds, if the file is damaged or of another network.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / path.name
        _copy(path, whole, _restore)
        network.load_weights(whole)


def _copy(
    source: Path, target: Path, change: Callable[[h5py.Dataset, h5py.Group, str], None]
) -> None:
    with h5py.File(source) as old, h5py.File(target, "w") as new:

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Dataset):
                change(item, new, name)
            else:
                new.require_group(name)
            for key, value in item.attrs.items():
                if key != _SCALES:
                    new[name].attrs[key] = value

        new.attrs.update(old.attrs)
        old.visititems(copy)


def _round(dataset: h5py.Dataset, group: h5py.Group, name: str) -> None:
    array = dataset[()]
    if array.ndim < 2 or array.dtype != np.float32:
        group.create_dataset(name, data=array)
        return
    if array.size < _SMALL:
        group.create_dataset(name, data=array.astype(np.float16))
        return
    scales = np.abs(array).max(axis=tuple(range(array.ndim - 1))) / _LARGEST
    rounded = np.rint(array / np.where(scales, scales, 1)).astype(np.int8)
    group.create_dataset(name, data=rounded)
    group[name].attrs[_SCALES] = scales


def _restore(dataset: h5py.Dataset, group: h5py.Group, name: str) -> None:
    array = dataset[()]
    if _SCALES in dataset.attrs:
        array = array * dataset.attrs[_SCALES]
    group.create_dataset(name, data=array)
