"""Words drawn from their probabilities, in the graph of the backend."""

from __future__ import annotations

import keras
from keras import ops


def draw_words(
    probabilities: keras.KerasTensor, uniform: keras.KerasTensor
) -> keras.KerasTensor:
    """Draw a word from each distribution.

    The draw inverts the cumulative distribution, so one number a word is all the
    chance it needs, and the same numbers give the same words on every backend.

    Args:
        probabilities: `[..., vocabulary]`, float32.
        uniform: `[...]`, float32, each from 0 up to, but not including, 1.

    Returns:
        Word numbers, `[...]`, int32.
    """
    cumulative = ops.cumsum(probabilities, axis=-1)
    # Rounding may leave the sum of all a little away from one.
    threshold = ops.expand_dims(uniform, -1) * cumulative[..., -1:]
    below = ops.cast(cumulative <= threshold, "int32")
    return ops.minimum(ops.sum(below, axis=-1), probabilities.shape[-1] - 1)
