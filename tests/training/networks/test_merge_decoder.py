"""The merge decoder against the same arithmetic written out in NumPy."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.decoder import CaptioningModel, Decoder, DecoderConfig
from imagecap.training.networks.losses import caption_loss, smoothed_caption_loss
from imagecap.training.networks.merge_decoder import build_merge_decoder

SIZES = DecoderConfig(
    vocabulary=11, features=5, embedding=4, lstm=3, image=6, hidden=7, dropout=0.5
)


@pytest.fixture(scope="module", params=[7, 0], ids=["joint layer", "softmax alone"])
def decoder(request: pytest.FixtureRequest) -> Decoder:
    keras.utils.set_random_seed(7)
    built = build_merge_decoder(replace(SIZES, hidden=request.param))
    for variable in built.training.weights:
        variable.assign(np.random.default_rng(3).normal(0, 0.7, variable.shape))
    return built


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def merge_by_hand(
    weights: dict[str, np.ndarray], features: np.ndarray, words: np.ndarray
) -> np.ndarray:
    """Logits `[T, vocabulary]` for one caption, in float64."""
    image = np.maximum(
        10 * features @ weights["image/kernel"] + weights["image/bias"], 0
    )
    hidden, cell = np.zeros(SIZES.lstm), np.zeros(SIZES.lstm)
    logits = []
    for word in words:
        gates = (
            weights["embedding/embeddings"][word] @ weights["lstm/lstm_cell/kernel"]
            + hidden @ weights["lstm/lstm_cell/recurrent_kernel"]
            + weights["lstm/lstm_cell/bias"]
        )
        into, forget, candidate, out = np.split(gates, 4)
        cell = sigmoid(forget) * cell + sigmoid(into) * np.tanh(candidate)
        hidden = sigmoid(out) * np.tanh(cell)
        joined = (
            np.concatenate([hidden, image])
            @ np.concatenate(
                [weights["join_words/kernel"], weights["join_image/kernel"]]
            )
            + weights["join_words/bias"]
        )
        if "next_word/kernel" in weights:
            joined = np.maximum(joined, 0) @ weights["next_word/kernel"]
            joined += weights["next_word/bias"]
        logits.append(joined)
    return np.array(logits)


def test_logits_and_steps_equal_the_arithmetic_written_out(decoder: Decoder) -> None:
    weights = {
        variable.path: np.asarray(variable, np.float64)
        for variable in decoder.training.weights
    }
    features = np.random.default_rng(1).normal(size=(1, SIZES.features))
    words = np.array([[1, 5, 9, 4]])
    expected = merge_by_hand(weights, features[0], words[0])
    logits = decoder.training.predict_on_batch(
        [features.astype(np.float32), words.astype(np.int32)]
    )
    np.testing.assert_allclose(logits[0], expected, rtol=1e-4, atol=1e-5)

    allowed = np.array([2, *range(4, SIZES.vocabulary)])
    state = dict(decoder.start.predict_on_batch(features.astype(np.float32)))
    for place, word in enumerate(words[0]):
        outputs = decoder.step.predict_on_batch(
            {"word": np.array([word], np.int32), **state}
        )
        found = np.asarray(outputs.pop("probabilities"))[0]
        total = np.logaddexp.reduce(expected[place, allowed])
        wanted = expected[place, allowed] - total
        np.testing.assert_allclose(np.log(found[allowed]), wanted, rtol=1e-4, atol=1e-5)
        state.update(outputs)


def test_padding_start_and_unknown_are_never_predicted(decoder: Decoder) -> None:
    state = decoder.start.predict_on_batch(np.ones((1, SIZES.features), np.float32))
    outputs = decoder.step.predict_on_batch({"word": np.array([1], np.int32), **state})
    probabilities = np.asarray(outputs["probabilities"])[0]
    never = [Vocabulary.PADDING, Vocabulary.START, Vocabulary.UNKNOWN]
    assert probabilities[never].max() == 0
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_loss_is_the_mean_over_words_that_are_no_padding() -> None:
    logits = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    words = np.array([[4, 2, 0], [2, 0, 0]], np.int32)
    log_probabilities = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    expected = -np.mean(
        [
            log_probabilities[0, 0, 4],
            log_probabilities[0, 1, 2],
            log_probabilities[1, 0, 2],
        ]
    )
    assert float(caption_loss(words, logits)) == pytest.approx(expected, rel=1e-5)


def test_a_smoothed_loss_has_a_target_that_is_spread() -> None:
    logits = np.random.default_rng(0).normal(size=(1, 3, 5)).astype(np.float32)
    words = np.array([[4, 2, 0]], np.int32)
    log_probabilities = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    target = np.full((2, 5), 0.1 / 5)
    target[0, 4] += 0.9
    target[1, 2] += 0.9
    expected = -(target * log_probabilities[0, :2]).sum() / 2
    found = smoothed_caption_loss(0.1)(words, logits)
    assert float(found) == pytest.approx(expected, rel=1e-5)
    assert smoothed_caption_loss(0) is caption_loss


def test_a_captioning_model_repeats_a_picture_for_each_caption(
    decoder: Decoder,
) -> None:
    pixels = keras.Input((2, 2, 3))
    flat = keras.layers.Flatten()(pixels)
    encoder = keras.Model(pixels, keras.layers.Dense(SIZES.features)(flat))
    model = CaptioningModel(encoder, decoder)
    pictures = np.random.default_rng(0).normal(size=(2, 2, 2, 3)).astype(np.float32)
    words = np.array([[[1, 4, 5], [1, 6, 0], [1, 7, 8]]] * 2, np.int32)
    logits = np.asarray(model([pictures, words], training=False))
    features = np.repeat(np.asarray(encoder(pictures)), 3, axis=0)
    expected = decoder.training.predict_on_batch([features, words.reshape(6, 3)])
    np.testing.assert_allclose(logits.reshape(6, 3, -1), expected, atol=1e-5)
