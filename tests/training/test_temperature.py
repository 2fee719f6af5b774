"""After training on smoothed labels, captions are searched for at less temperature."""

import keras
import numpy as np
import pytest

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.architectures import ARCHITECTURES, build_decoder
from imagecap.training.settings import DecoderSettings, TrainingSettings


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("smoothing", "sharper"), [(0.0, 1.0), (0.1, 1.2)])
def test_what_is_searched_is_as_sharp_as_the_labels_ask(
    architecture: str, smoothing: float, sharper: float
) -> None:
    settings = TrainingSettings(
        architecture=architecture,
        decoder=DecoderSettings(embedding=4, lstm=5, image=6),
        label_smoothing=smoothing,
    )
    shape = (2, 3, 7) if ARCHITECTURES[architecture].reads_grid else (7,)
    features = keras.Input(shape)
    decoder = build_decoder(settings, 11, keras.Model(features, features))
    generator = np.random.default_rng(3)
    for variable in decoder.training.trainable_variables:
        variable.assign(generator.normal(0, 0.7, variable.shape))
    pictures = generator.normal(size=(2, *shape)).astype(np.float32)
    words = np.full((2, 1), Vocabulary.START, np.int32)
    logits = decoder.training.predict_on_batch([pictures, words])[:, 0]
    state = decoder.start.predict_on_batch(pictures)
    step = decoder.step.predict_on_batch({"word": words[:, 0], **state})
    found = step["probabilities"]
    allowed = [Vocabulary.END, *range(4, 11)]
    expected = np.exp(sharper * logits[:, allowed].astype(np.float64))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found[:, allowed], expected, rtol=1e-4)
