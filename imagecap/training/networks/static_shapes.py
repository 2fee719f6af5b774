"""Batches of one shape, where each new shape costs time."""

from __future__ import annotations

import keras
import numpy as np


def needs_static_shapes() -> bool:
    """Return whether a network is compiled anew for each shape of a batch.

    JAX does so, with XLA, and it may take a minute.
    """
    return bool(keras.backend.backend() == "jax")


def pad_batch(array: np.ndarray, count: int) -> np.ndarray:
    """Put zeros behind the rows of an array until it has so many, `[count, ...]`.

    One that has them is given back as it is.
    """
    if len(array) == count:
        return array
    filled = np.zeros((count, *array.shape[1:]), array.dtype)
    filled[: len(array)] = array
    return filled
