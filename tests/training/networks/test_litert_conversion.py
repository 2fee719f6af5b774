"""What LiteRT computes after conversion, against Keras, and how large its files are."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from imagecap.model.litert import load_network
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.encoders import build_encoder
from imagecap.training.networks.litert_conversion import (
    convert,
    convert_to_float16,
    convert_to_int8,
    convert_to_mixed,
)
from imagecap.training.networks.merge_decoder import build_merge_decoder


@pytest.fixture(scope="module")
def encoder() -> keras.Model:
    """Convolutions of both kinds, as in the networks of the field."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    pixels = keras.Input((32, 32, 3), name="pixels")
    grid = layers.Conv2D(32, 3, strides=2, activation="relu")(pixels / 255)
    for _ in range(2):
        grid = layers.DepthwiseConv2D(3)(grid)
        grid = layers.Conv2D(96, 1, activation="relu")(grid)
    features = layers.GlobalAveragePooling2D()(grid)
    return keras.Model(pixels, layers.UnitNormalization()(features))


def pixels_of(encoder: keras.Model, pictures: int = 3) -> np.ndarray:
    generator = np.random.default_rng(0)
    shape = (pictures, *encoder.input_shape[1:])
    return generator.integers(0, 256, shape).astype(np.float32)


def run(path: Path, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    _interpreter, network = load_network(path, 1)
    return network(**inputs)


def test_whole_networks_compute_the_same(tmp_path: Path, encoder: keras.Model) -> None:
    convert(encoder, tmp_path / "whole.tflite")
    pixels = pixels_of(encoder)
    (found,) = run(tmp_path / "whole.tflite", pixels=pixels).values()
    np.testing.assert_allclose(found, encoder.predict_on_batch(pixels), atol=1e-6)


@pytest.mark.parametrize("convert_so", [convert_to_mixed, convert_to_float16])
def test_an_encoder_is_stored_in_little_more_than_half_and_computes_nearly_the_same(
    tmp_path: Path,
    encoder: keras.Model,
    convert_so: Callable[[keras.Model, Path], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    whole, stored = tmp_path / "whole.tflite", tmp_path / "stored.tflite"
    convert(encoder, whole)
    capfd.readouterr()
    convert_so(encoder, stored)
    assert "Quantiz" not in "".join(capfd.readouterr())
    assert stored.stat().st_size < whole.stat().st_size * 0.6
    pixels = pixels_of(encoder)
    (found,) = run(stored, pixels=pixels).values()
    exact = np.asarray(encoder.predict_on_batch(pixels))
    assert (found * exact).sum(axis=1).min() > 0.99
    # Rounded, and so by more than the order of sums another.
    assert np.abs(found - exact).max() > 1e-5


def test_a_decoder_is_stored_in_a_third_its_word_vectors_too(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    decoder = build_merge_decoder(DecoderConfig(500, 64, 96, 64, 64)).step
    whole, stored = tmp_path / "whole.tflite", tmp_path / "stored.tflite"
    convert(decoder, whole)
    convert_to_int8(decoder, stored)
    assert stored.stat().st_size < whole.stat().st_size / 3
    generator = np.random.default_rng(0)
    inputs = {"word": np.array([2, 7, 400], np.int32)}
    for name in ("image", "hidden", "cell"):
        size = 500 if name == "image" else 64
        inputs[name] = generator.normal(size=(3, size)).astype(np.float32)
    expected = decoder.predict_on_batch(inputs)
    found = run(stored, **inputs)
    for name in ("hidden", "cell"):
        np.testing.assert_allclose(found[name], expected[name], atol=0.03)
    probabilities = [one["probabilities"] for one in (found, expected)]
    assert np.abs(probabilities[0] - probabilities[1]).sum(axis=1).max() < 0.05


def test_a_grid_with_a_cell_of_zeros_stays_a_grid_of_numbers(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    encoder = build_encoder("small", grid=True)
    # Nothing is left of a black corner after the last activation.
    (network,) = (part for part in encoder.layers if isinstance(part, keras.Model))
    for layer in network.layers[1:]:
        kernel, bias = layer.get_weights()
        layer.set_weights([np.abs(kernel), bias])
    pixels = pixels_of(encoder, 1)
    pixels[:, :40, :40] = 0
    expected = np.asarray(encoder.predict_on_batch(pixels))
    lengths = np.linalg.norm(expected, axis=-1)
    assert lengths.min() == 0
    assert lengths.max() == pytest.approx(1)
    convert(encoder, tmp_path / "grid.tflite")
    (found,) = run(tmp_path / "grid.tflite", pixels=pixels).values()
    np.testing.assert_allclose(found, expected, atol=1e-6)
