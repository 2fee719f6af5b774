from pathlib import Path

import keras
import numpy as np
import pytest

from imagecap.training.networks.encoders import build_encoder
from imagecap.training.networks.precision import bfloat16_is_slow, compute_in_bfloat16


def test_the_network_computes_in_16_bits_only_inside() -> None:
    keras.utils.set_random_seed(0)
    encoder = build_encoder("small")
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3))
    pixels = pixels.astype(np.float32)
    whole = np.asarray(encoder(pixels))
    (network,) = (part for part in encoder.layers if isinstance(part, keras.Model))
    with compute_in_bfloat16(encoder):
        assert {layer.compute_dtype for layer in network.layers} == {"bfloat16"}
        half = np.asarray(encoder(pixels))
        assert {weight.dtype for weight in encoder.weights} == {"float32"}
    assert half.dtype == np.float32
    assert 0 < np.abs(half - whole).max() < 0.01
    np.testing.assert_array_equal(np.asarray(encoder(pixels)), whole)


def test_a_processor_without_instructions_for_bfloat16_is_slow_in_it() -> None:
    processor = Path("/proc/cpuinfo")
    if not processor.exists() or keras.distribution.list_devices("gpu"):
        pytest.skip("needs Linux to tell what the processor can, and no GPU")
    flags = processor.read_text().split()
    assert bfloat16_is_slow() == ({"avx512_bf16", "amx_bf16"}.isdisjoint(flags))
