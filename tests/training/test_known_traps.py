"""Mistakes that captioning projects are known for, and that they are not made here.

Tested elsewhere: beams that add probabilities or go on after the end, and decoding
that depends on a length set by hand (test_decoding.py); features missing after a broken
extraction (test_features.py); kinds of pixels that fail or lose channels, and Pillow
names that are gone (test_images.py); pictures shared between splits, and splits by
caption (test_datasets.py); old pickles (test_features.py, test_text.py: a vocabulary is
JSON); the expansion of captions into prefixes (test_loader.py); networks without their
preprocessing (test_encoders.py); words that start from no state, or from that of other
words (test_merge.py and test_attention.py write the arithmetic out).
"""

import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from imagecap.datasets.dataset import Example
from imagecap.model.beam_search import BeamSettings
from imagecap.model.decoding import Decoding, decode
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import (
    CaptionBatches,
    PictureBatches,
    tokenize_examples,
)
from imagecap.training.networks.decoder import CaptioningModel, DecoderConfig
from imagecap.training.networks.encoders import build_encoder
from imagecap.training.networks.losses import caption_loss
from imagecap.training.networks.merge_decoder import build_merge_decoder
from imagecap.training.networks.optimizers import TwoRateAdam

CAPTIONS = {
    "one.png": ("A dog runs.", "A brown dog runs through the tall grass.", "A dog."),
    "two.png": ("Two children play.",),
}
WORDS = [tokenize(caption) for texts in CAPTIONS.values() for caption in texts]
VOCABULARY = Vocabulary.from_captions([WORDS], 1)
FEATURES = {name: np.full(6, 0.4, np.float32) for name in CAPTIONS}
SIZES = DecoderConfig(len(VOCABULARY), 6, 8, 8, 8, 0, 0.1)


def examples(folder: Path = Path()) -> list[Example]:
    return [Example(name, folder / name, texts) for name, texts in CAPTIONS.items()]


def caption_batches(size: int = 2) -> CaptionBatches:
    numbered = tokenize_examples(examples(), VOCABULARY, 40)
    return CaptionBatches(FEATURES, numbered, size, 0)


def test_keras_takes_the_batches_as_they_are_and_never_runs_out() -> None:
    """Lists instead of tuples, and hand-counted steps, break `fit`."""
    decoder = build_merge_decoder(SIZES).training
    decoder.compile(TwoRateAdam(0.01), loss=caption_loss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = decoder.fit(caption_batches(), epochs=3, verbose=0).history
    assert len(history["loss"]) == 3
    assert history["loss"][2] < history["loss"][0]


def test_a_row_of_padding_alone_harms_nothing(tmp_path: Path) -> None:
    """Pictures with fewer captions than others bring such rows along."""
    for name in CAPTIONS:
        Image.new("RGB", (16, 16), "red").save(tmp_path / name)
    pixels = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()(pixels)
    encoder = keras.Model(pixels, keras.layers.Dense(SIZES.features)(flat))
    model = CaptioningModel(encoder, build_merge_decoder(SIZES))
    batches = PictureBatches(
        tokenize_examples(examples(tmp_path), VOCABULARY, 40), 8, 2, 1.0, False, 0
    )
    inputs, next_words = batches[0]
    assert not inputs[1].any(axis=-1).all()
    model.compile(TwoRateAdam(0.001), loss=caption_loss)
    assert np.isfinite(float(model.train_on_batch(inputs, next_words)))
    assert all(np.isfinite(np.asarray(weight)).all() for weight in model.weights)


def test_no_target_is_one_hot_and_no_word_has_the_number_of_padding() -> None:
    for number in range(len(batches := caption_batches())):
        (_, words), next_words = batches[number]
        assert next_words.dtype == np.int32
        assert next_words.shape == words.shape
    assert VOCABULARY.encode(["a"])[0] > max(
        Vocabulary.PADDING, Vocabulary.START, Vocabulary.END, Vocabulary.UNKNOWN
    )


def test_every_caption_has_a_start_and_an_end_that_are_known() -> None:
    """Boundary words left out of the vocabulary are never learned, nor are captions
    that a variable overwritten in a loop has emptied."""
    assert {"<start>", "<end>"} <= set(VOCABULARY)
    numbered = tokenize_examples(examples(), VOCABULARY, 40)
    assert [len(item.captions) for item in numbered] == [3, 1]
    for item in numbered:
        for caption, text in zip(item.captions, item.example.captions, strict=True):
            assert caption[0] == Vocabulary.START
            assert caption[-1] == Vocabulary.END
            assert list(VOCABULARY.decode(caption[1:-1])) == tokenize(text)
    words = [batch[0][1] for batch in map(caption_batches().__getitem__, range(2))]
    assert sum(np.count_nonzero(part == Vocabulary.START) for part in words) == 4


def test_an_end_ends_a_caption_whatever_its_name() -> None:
    """A stop word that is looked for with a space before it is never found."""

    class EndsAtOnce:
        def start(self, features: np.ndarray) -> dict[str, np.ndarray]:
            return {"state": features}

        def step(
            self, words: np.ndarray, state: dict[str, np.ndarray]
        ) -> tuple[np.ndarray, dict[str, np.ndarray], None]:
            chosen = np.where(words == Vocabulary.START, 4, Vocabulary.END)
            return np.log(np.eye(len(VOCABULARY))[chosen] + 1e-9), state, None

    (captions,) = decode(
        EndsAtOnce(),
        np.zeros((1, 2), np.float32),
        VOCABULARY,
        Decoding(BeamSettings(width=2)),
    )
    assert captions[0].words == (VOCABULARY.words[4],)


def test_the_end_is_learned_and_padding_is_not() -> None:
    """A mask made from the inputs would leave out the end or learn padding."""
    (features, words), next_words = caption_batches(size=4)[0]
    assert (next_words == Vocabulary.PADDING).any()
    decoder = build_merge_decoder(SIZES).training
    logits = np.asarray(decoder.predict_on_batch([features, words]))
    at_end, at_padding = logits.copy(), logits.copy()
    at_end[next_words == Vocabulary.END] += np.random.default_rng(0).normal(
        size=logits.shape[-1]
    )
    at_padding[next_words == Vocabulary.PADDING] += 5
    at_padding[next_words == Vocabulary.PADDING, 0] -= 99
    loss = float(caption_loss(next_words, logits))
    assert float(caption_loss(next_words, at_end)) != pytest.approx(loss)
    assert float(caption_loss(next_words, at_padding)) == pytest.approx(loss)


def test_a_rate_that_changes_changes_the_steps() -> None:
    """`optimizer.lr = …` is silently ignored; schedules and slow variables are not."""
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.1, 0.01])
    fast, slow = keras.Variable([0.0], name="fast"), keras.Variable([0.0], name="slow")
    optimizer = TwoRateAdam(schedule, [slow], 0.5)
    optimizer.build([fast, slow])
    moved = []
    for _ in range(3):
        before = float(fast[0]), float(slow[0])
        optimizer.apply([np.float32([1.0]), np.float32([1.0])])
        moved.append((before[0] - float(fast[0]), before[1] - float(slow[0])))
    assert moved[0] == pytest.approx((0.1, 0.05), rel=1e-3)
    assert moved[2] == pytest.approx((0.01, 0.005), rel=1e-3)


def test_weights_come_back_from_their_file(tmp_path: Path) -> None:
    """Models with masks do not come back from .h5 files."""
    (features, words), _ = caption_batches()[0]
    saved = build_merge_decoder(SIZES).training
    saved.save_weights(tmp_path / "decoder.weights.h5")
    loaded = build_merge_decoder(SIZES).training
    loaded.load_weights(tmp_path / "decoder.weights.h5")
    np.testing.assert_array_equal(
        saved.predict_on_batch([features, words]),
        loaded.predict_on_batch([features, words]),
    )


def test_features_are_those_before_the_classes() -> None:
    """`layers.pop()` leaves the 1,000 class probabilities, and pixels go in raw."""
    encoder = build_encoder("mobilenetv2", download=False)
    (network,) = (part for part in encoder.layers if isinstance(part, keras.Model))
    pixels = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3))
    prepared = keras.applications.mobilenet_v2.preprocess_input(
        pixels.astype(np.float32)
    )
    grid = np.asarray(network.predict_on_batch(prepared))
    assert grid.shape == (1, 7, 7, 1280)
    pooled = grid.mean(axis=(1, 2))
    expected = pooled / np.linalg.norm(pooled)
    found = np.asarray(encoder.predict_on_batch(pixels.astype(np.float32)))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
