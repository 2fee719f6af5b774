"""Mixed precision: an encoder that computes in 16 bits while it is trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras


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
