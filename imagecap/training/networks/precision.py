"""Mixed precision: an encoder that computes in 16 bits while it is trained."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

_CHANNELS = 256
_STEPS = 3


def bfloat16_is_slow() -> bool:
    """Return whether this machine learns convolutions more slowly in bfloat16.

    Processors without instructions for it imitate it, and take many times as long.
    Measured, in one or two seconds, on two layers like those of Xception.
    """
    return _seconds_of_a_step("mixed_bfloat16") > 1.5 * _seconds_of_a_step("float32")


def _seconds_of_a_step(policy: str) -> float:
    pixels = np.zeros((4, 14, 14, _CHANNELS), np.float32)
    layers = [
        keras.layers.SeparableConv2D(_CHANNELS, 3, padding="same", dtype=policy)
        for _ in range(2)
    ]
    model = keras.Sequential([keras.Input(pixels.shape[1:]), *layers])
    model.compile("sgd", "mse")
    model.train_on_batch(pixels, pixels)
    seconds = []
    for _ in range(_STEPS):
        start = time.perf_counter()
        model.train_on_batch(pixels, pixels)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


@contextmanager
def compute_in_bfloat16(encoder: keras.Model) -> Iterator[None]:
    """Let the network inside an encoder compute in bfloat16.

    Its weights stay in float32, and so does what comes before and after it: scaling of
    pixels, pooling and normalisation (Micikevicius et al. 2018, "Mixed precision
    training"; bfloat16 has the range of float32 and needs no scaling of the loss).

    A graph keeps the precision in which it was made, so what is to compute in float32
    must be called outside.

    Args:
        encoder: From pixels to features; see `build_encoder`.
    """
    layers = [
        layer
        for part in encoder.layers
        if isinstance(part, keras.Model)
        for layer in part.layers
    ]
    policies = [layer.dtype_policy for layer in layers]
    for layer in layers:
        layer.dtype_policy = "mixed_bfloat16"
    try:
        yield
    finally:
        for layer, policy in zip(layers, policies, strict=True):
            layer.dtype_policy = policy
