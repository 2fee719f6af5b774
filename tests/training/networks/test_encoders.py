"""Encoders take pixels as they are, whatever their networks want."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import applications

from imagecap.training.networks.encoders import ENCODERS, EncoderError, build_encoder

PREPROCESSING = {
    "xception": applications.xception,
    "xception13": applications.xception,
    "xception13_224": applications.xception,
    "xception13_192": applications.xception,
    "inceptionv3": applications.inception_v3,
    "vgg16": applications.vgg16,
    "resnet50v2": applications.resnet_v2,
    "efficientnetv2b0": applications.efficientnet_v2,
    "efficientnetv2s": applications.efficientnet_v2,
    "mobilenetv2": applications.mobilenet_v2,
    "mobilenetv3large": applications.mobilenet_v3,
    "small": applications.mobilenet_v2,
}


def pixels(size: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (2, size, size, 3)).astype(np.float32)


def unit(array: np.ndarray) -> np.ndarray:
    return array / np.linalg.norm(array, axis=-1, keepdims=True)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_preprocessing_of_keras_is_inside(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a network that changes nothing, since the real ones take seconds each."""

    def unchanged(_weights: str | None) -> keras.Model:
        inputs = keras.Input((16, 16, 3))
        return keras.Model(inputs, keras.layers.Activation("linear")(inputs))

    kind = replace(ENCODERS[name], image_size=16, network=unchanged)
    monkeypatch.setitem(ENCODERS, name, kind)
    encoder = build_encoder(name, download=False, grid=True)
    given = pixels(16)
    expected = unit(PREPROCESSING[name].preprocess_input(given.copy()))
    np.testing.assert_allclose(encoder.predict_on_batch(given), expected, atol=1e-5)


def test_a_vector_is_the_mean_of_the_grid_or_all_of_it() -> None:
    """VGG16 is the one whose grid does not come from its end."""
    keras.utils.set_random_seed(0)
    encoder = build_encoder("vgg16", download=False)
    assert encoder.output_shape == (None, 512)
    (network,) = (part for part in encoder.layers if isinstance(part, keras.Model))
    assert network.output_shape == (None, 14, 14, 512)
    given = pixels(224)[:1]
    grid = network.predict_on_batch(applications.vgg16.preprocess_input(given.copy()))
    np.testing.assert_allclose(
        encoder.predict_on_batch(given), unit(np.mean(grid, (1, 2))), atol=1e-5
    )

    small = build_encoder("small")
    cells = build_encoder("small", grid=True)
    cells.set_weights(small.get_weights())
    assert cells.output_shape == (None, 4, 4, 64)
    given = pixels(64)
    found = np.asarray(cells.predict_on_batch(given))
    lengths = np.linalg.norm(found, axis=-1)
    assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
    vector = np.asarray(small.predict_on_batch(given)).reshape(found.shape)
    seen = lengths > 0
    np.testing.assert_allclose(found[seen], unit(vector[seen]), atol=1e-4)


@pytest.mark.parametrize("name", ["mobilenetv3large", "efficientnetv2b0"])
def test_networks_with_preprocessing_of_their_own_keep_it(name: str) -> None:
    network = ENCODERS[name].network(None)
    assert any(isinstance(part, keras.layers.Rescaling) for part in network.layers)


def test_an_unknown_encoder_is_one_sentence() -> None:
    with pytest.raises(EncoderError, match=r"no encoder “alexnet”.*vgg16"):
        build_encoder("alexnet")
