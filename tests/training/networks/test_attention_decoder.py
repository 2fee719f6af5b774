"""The attention decoder against the same arithmetic written out in NumPy."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.attention_decoder import (
    build_attention_decoder,
    unevenness,
)
from imagecap.training.networks.decoder import CaptioningModel, Decoder, DecoderConfig
from imagecap.training.networks.losses import caption_loss

ROWS, COLUMNS = 2, 3
SIZES = DecoderConfig(
    vocabulary=11,
    features=5,
    embedding=4,
    lstm=3,
    image=6,
    hidden=7,
    dropout=0.5,
    grid=(ROWS, COLUMNS),
)
FEATURES = np.random.default_rng(1).normal(size=(2, ROWS, COLUMNS, SIZES.features))
WORDS = np.array([[1, 5, 9, 4], [1, 6, 0, 0]], np.int32)
NEXT_WORDS = np.array([[5, 9, 4, 2], [6, 2, 0, 0]], np.int32)


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    built = build_attention_decoder(SIZES)
    generator = np.random.default_rng(3)
    for variable in built.training.trainable_variables:
        variable.assign(generator.normal(0, 0.7, variable.shape))
    return built


@pytest.fixture(scope="module")
def by_hand(decoder: Decoder) -> tuple[np.ndarray, np.ndarray]:
    """Logits `[N, T, vocabulary]` and attention `[N, T, places]`, in float64."""
    weights = {
        variable.path: np.asarray(variable, np.float64)
        for variable in decoder.training.trainable_variables
    }
    pairs = [
        attend_by_hand(weights, picture, words)
        for picture, words in zip(FEATURES, WORDS, strict=True)
    ]
    logits, attention = zip(*pairs, strict=True)
    return np.array(logits), np.array(attention)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def attend_by_hand(
    weights: dict[str, np.ndarray], picture: np.ndarray, words: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    def named(ending: str) -> np.ndarray:
        (found,) = [w for path, w in weights.items() if path.endswith(ending)]
        return found

    places = [
        np.maximum(10 * cell @ named("image/kernel") + named("image/bias"), 0)
        for row in picture
        for cell in row
    ]
    mean = sum(places) / len(places)
    hidden = np.tanh(mean @ named("first_hidden/kernel") + named("first_hidden/bias"))
    cell = np.tanh(mean @ named("first_cell/kernel") + named("first_cell/bias"))
    all_logits, all_attention = [], []
    for word in words:
        vector = named("embedding/embeddings")[word]
        scores = np.array(
            [
                np.tanh(
                    place @ named("keys/kernel")
                    + named("keys/bias")
                    + hidden @ named("query/kernel")
                )
                @ named("score/kernel")[:, 0]
                for place in places
            ]
        )
        attention = np.exp(scores) / np.exp(scores).sum()
        gate = sigmoid(hidden @ named("gate/kernel") + named("gate/bias"))
        seen = gate * sum(a * place for a, place in zip(attention, places, strict=True))
        gates = (
            np.concatenate([vector, seen]) @ named("lstm/kernel")
            + hidden @ named("lstm/recurrent_kernel")
            + named("lstm/bias")
        )
        into, forget, candidate, out = np.split(gates, 4)
        cell = sigmoid(forget) * cell + sigmoid(into) * np.tanh(candidate)
        hidden = sigmoid(out) * np.tanh(cell)
        joined = np.concatenate([hidden, seen, vector]) @ named("join/kernel")
        joined = np.maximum(joined + named("join/bias"), 0)
        all_logits.append(joined @ named("next_word/kernel") + named("next_word/bias"))
        all_attention.append(attention)
    return all_logits, all_attention


def test_logits_and_maps_equal_the_arithmetic_written_out(
    decoder: Decoder, by_hand: tuple[np.ndarray, np.ndarray]
) -> None:
    expected, maps = by_hand
    features = FEATURES.astype(np.float32)
    logits = decoder.training.predict_on_batch([features, WORDS])
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)

    allowed = np.array([2, *range(4, SIZES.vocabulary)])
    state = dict(decoder.start.predict_on_batch(features))
    for place in range(WORDS.shape[1]):
        outputs = decoder.step.predict_on_batch({"word": WORDS[:, place], **state})
        attention = np.asarray(outputs.pop("attention"))
        assert attention.shape == (2, ROWS, COLUMNS)
        np.testing.assert_allclose(
            attention.reshape(2, -1), maps[:, place], rtol=1e-4, atol=1e-6
        )
        found = np.asarray(outputs.pop("probabilities"))
        wanted = expected[:, place, allowed]
        total = np.logaddexp.reduce(wanted, axis=-1, keepdims=True)
        np.testing.assert_allclose(
            np.log(found[:, allowed]), wanted - total, rtol=1e-4, atol=1e-4
        )
        never = [Vocabulary.PADDING, Vocabulary.START, Vocabulary.UNKNOWN]
        assert found[:, never].max() == 0
        assert set(outputs) == {"hidden", "cell"}
        state.update(outputs)


def test_the_loss_holds_the_regularisation_when_trained_only(
    decoder: Decoder, by_hand: tuple[np.ndarray, np.ndarray]
) -> None:
    expected, maps = by_hand
    places = ROWS * COLUMNS
    paper, constant = [], []
    for attention, words in zip(maps, WORDS, strict=True):
        length = np.count_nonzero(words)
        total = attention[:length].sum(axis=0)
        paper.append(np.mean((1 - total) ** 2))
        constant.append((1 - length / places) ** 2)
    regularisation = np.mean(paper) - np.mean(constant)
    assert float(unevenness(maps.astype(np.float32), WORDS)) == pytest.approx(
        regularisation, rel=1e-4
    )

    log_probabilities = expected - np.logaddexp.reduce(expected, -1, keepdims=True)
    counts = NEXT_WORDS != Vocabulary.PADDING
    surprise = -np.take_along_axis(log_probabilities, NEXT_WORDS[..., None], -1)[..., 0]
    surprise = surprise[counts].mean()
    # Without dropout, so that the numbers are known.
    same = build_attention_decoder(replace(SIZES, dropout=0.0)).training
    same.set_weights(decoder.training.get_weights())
    same.compile(keras.optimizers.SGD(0.0), loss=caption_loss)
    inputs = [FEATURES.astype(np.float32), WORDS]
    trained = float(same.train_on_batch(inputs, NEXT_WORDS))
    assert trained == pytest.approx(surprise + regularisation, rel=1e-4)
    tested = float(same.test_on_batch(inputs, NEXT_WORDS))
    assert tested == pytest.approx(surprise, rel=1e-4)


def test_rows_that_fill_up_a_batch_change_no_loss() -> None:
    attention = np.random.default_rng(0).random((3, 4, 6)).astype(np.float32)
    words = np.array([[1, 5, 9, 4], [1, 6, 0, 0], [0, 0, 0, 0]], np.int32)
    assert float(unevenness(attention, words)) == pytest.approx(
        float(unevenness(attention[:2], words[:2])), rel=1e-6
    )


def test_a_captioning_model_repeats_a_grid_for_each_caption(decoder: Decoder) -> None:
    pixels = keras.Input((2 * ROWS, 2 * COLUMNS, 3))
    encoder = keras.Model(pixels, keras.layers.Conv2D(SIZES.features, 2, 2)(pixels))
    model = CaptioningModel(encoder, decoder)
    pictures = np.random.default_rng(0).normal(size=(2, 2 * ROWS, 2 * COLUMNS, 3))
    pictures = pictures.astype(np.float32)
    words = np.array([[[1, 4, 5], [1, 6, 0], [0, 0, 0]]] * 2, np.int32)
    logits = np.asarray(model([pictures, words], training=False))
    features = np.repeat(np.asarray(encoder(pictures)), 3, axis=0)
    expected = decoder.training.predict_on_batch([features, words.reshape(6, 3)])
    np.testing.assert_allclose(logits.reshape(6, 3, -1), expected, atol=1e-4)
    # What training looks at is there, and only when it trains.
    assert not model.losses
    model([pictures, words], training=True)
    assert len(model.losses) == 1
