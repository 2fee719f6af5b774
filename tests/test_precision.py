import keras
import numpy as np

from imagecap.training.encoders import build_encoder
from imagecap.training.precision import compute_in_bfloat16


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
