"""Batches, and that whole captions teach what the classical expansion teaches."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from imagecap.datasets.dataset import Example
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import (
    CaptionBatches,
    PictureBatches,
    SeededBatches,
    TokenizedExample,
    tokenize_examples,
)
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.losses import caption_loss
from imagecap.training.networks.merge_decoder import build_merge_decoder

CAPTIONS = {
    "one.jpg": ("A dog runs .", "A brown dog runs through the tall green grass ."),
    "two.jpg": ("Two children play .", "Children play with a dog on the left ."),
    "three.jpg": ("A man climbs a rock .",),
}
FEATURES = {
    name: np.random.default_rng(number).normal(size=5).astype(np.float32)
    for number, name in enumerate(CAPTIONS)
}


def numbered(folder: Path = Path()) -> tuple[list[TokenizedExample], Vocabulary]:
    examples = [Example(name, folder / name, c) for name, c in CAPTIONS.items()]
    words = (map(tokenize, example.captions) for example in examples)
    vocabulary = Vocabulary.from_captions(words, 1)
    return tokenize_examples(examples, vocabulary, max_length=40), vocabulary


def test_every_caption_comes_once_an_epoch_with_its_picture() -> None:
    examples, vocabulary = numbered()
    batches = CaptionBatches(FEATURES, examples, batch_size=2, seed=0)
    for epoch in range(3):
        batches.start_epoch(epoch)
        seen = []
        for number in range(len(batches)):
            (features, words), next_words = batches[number]
            assert words.shape == next_words.shape
            for vector, row, following in zip(features, words, next_words, strict=True):
                length = np.count_nonzero(row)
                assert row[0] == Vocabulary.START
                assert following[length - 1] == Vocabulary.END
                assert not following[length:].any()
                assert (row[1:length] == following[: length - 1]).all()
                (name,) = [n for n, f in FEATURES.items() if (f == vector).all()]
                seen.append((name, vocabulary.decode(row[1:length])))
        assert sorted(seen) == sorted(
            (name, tuple(tokenize(caption)))
            for name, captions in CAPTIONS.items()
            for caption in captions
        )


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    examples, _ = numbered()
    first = CaptionBatches(FEATURES, examples, 2, seed=5)
    second = CaptionBatches(FEATURES, examples, 2, seed=5)
    first.start_epoch(3)
    first.start_epoch(1)
    second.start_epoch(1)
    for number in range(len(first)):
        np.testing.assert_array_equal(first[number][1], second[number][1])


def test_rare_words_are_unknown_and_long_captions_are_cut() -> None:
    example = Example("a.jpg", Path("a.jpg"), ("dog " * 50 + "zebra", "zebra", "…"))
    (item,) = tokenize_examples([example], Vocabulary(["dog"]), max_length=10)
    assert item.captions == (
        (Vocabulary.START, *[4] * 10, Vocabulary.END),
        (Vocabulary.START, Vocabulary.UNKNOWN, Vocabulary.END),
    )


def classical_model(sizes: DecoderConfig) -> keras.Model:
    """The usual Keras merge model: one row a prefix, padded in front, masked."""
    layers = keras.layers
    features, prefix = keras.Input((sizes.features,)), keras.Input((None,))
    image = layers.Dense(sizes.image, activation="relu", name="image")(10 * features)
    image = layers.Dense(sizes.hidden, use_bias=False, name="join_image")(image)
    text = layers.Embedding(
        sizes.vocabulary, sizes.embedding, mask_zero=True, name="embedding"
    )(prefix)
    text = layers.LSTM(sizes.lstm, name="lstm")(text)
    text = layers.Dense(sizes.hidden, name="join_words")(text)
    joined = layers.Activation("relu")(layers.add([image, text]))
    probabilities = layers.Dense(
        sizes.vocabulary, activation="softmax", name="next_word"
    )(joined)
    return keras.Model([features, prefix], probabilities)


def test_loss_and_gradients_equal_those_of_the_classical_expansion() -> None:
    examples, vocabulary = numbered()
    sizes = DecoderConfig(len(vocabulary), 5, 4, 6, 3, 7, dropout=0.0)
    keras.utils.set_random_seed(0)
    ours = build_merge_decoder(sizes).training
    (features, words), next_words = CaptionBatches(FEATURES, examples, 99, 0)[0]
    with tf.GradientTape() as tape:
        logits = ours([tf.constant(features), tf.constant(words)], training=True)
        our_loss = caption_loss(next_words, logits)
    our_gradients = dict(
        zip(
            (variable.path for variable in ours.trainable_variables),
            tape.gradient(our_loss, [v.value for v in ours.trainable_variables]),
            strict=True,
        )
    )

    rows = [
        (FEATURES[item.example.name], caption[:cut], caption[cut])
        for item in examples
        for caption in item.captions
        for cut in range(1, len(caption))
    ]
    assert len(rows) == np.count_nonzero(next_words)
    prefixes = keras.utils.pad_sequences([prefix for _, prefix, _ in rows])
    targets = keras.utils.to_categorical([t for *_, t in rows], len(vocabulary))
    classical = classical_model(sizes)
    values = {variable.path: variable.numpy() for variable in ours.weights}
    for variable in classical.weights:
        variable.assign(values[variable.path])
    with tf.GradientTape() as tape:
        predicted = classical(
            [tf.constant([f for f, *_ in rows]), tf.constant(prefixes)], training=True
        )
        their_loss = tf.reduce_mean(
            keras.losses.categorical_crossentropy(targets, predicted)
        )
    their_gradients = tape.gradient(
        their_loss, [v.value for v in classical.trainable_variables]
    )

    assert float(our_loss) == pytest.approx(float(their_loss), rel=1e-5)
    for variable, theirs in zip(
        classical.trainable_variables, their_gradients, strict=True
    ):
        np.testing.assert_allclose(
            tf.convert_to_tensor(our_gradients[variable.path]),
            tf.convert_to_tensor(theirs),
            rtol=1e-3,
            atol=1e-6,
            err_msg=variable.path,
        )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures whose left half is black and whose right half is white."""
    for name in CAPTIONS:
        picture = Image.new("RGB", (40, 30))
        picture.paste((255, 255, 255), (20, 0, 40, 30))
        picture.save(tmp_path / name, quality=95)
    return tmp_path


def test_pictures_come_with_all_their_captions(pictures: Path) -> None:
    examples, _ = numbered(pictures)
    batches = PictureBatches(examples, 8, 2, largest_zoom=1.3, mirror=True, seed=1)
    shapes = [(pixels.shape, words.shape[:2]) for (pixels, words), _ in batches]
    assert sorted(shapes) == [((1, 8, 8, 3), (1, 1)), ((2, 8, 8, 3), (2, 2))] or all(
        pixels[0] == words[0] for pixels, words in shapes
    )
    captions = sum(
        np.count_nonzero(words[..., 0] == Vocabulary.START) for (_, words), _ in batches
    )
    # Rows that only fill up begin with padding.
    assert captions == sum(map(len, CAPTIONS.values()))


def test_batches_of_one_shape_hold_the_same_and_zeros(pictures: Path) -> None:
    examples, _ = numbered(pictures)
    kinds: tuple[tuple[SeededBatches, SeededBatches], ...] = (
        (
            CaptionBatches(FEATURES, examples, 2, 3),
            CaptionBatches(FEATURES, examples, 2, 3, one_shape=True),
        ),
        (
            PictureBatches(examples, 8, 2, 1.3, True, 3),
            PictureBatches(examples, 8, 2, 1.3, True, 3, one_shape=True),
        ),
    )
    for plain, filled in kinds:
        shapes = set()
        different = set()
        for number in range(len(plain)):
            (seen, words), next_words = plain[number]
            inputs, following = filled[number]
            shapes.add((inputs[0].shape, inputs[1].shape, following.shape))
            different.add(words.shape)
            for small, large in ((seen, inputs[0]), (words, inputs[1])):
                within = tuple(map(slice, small.shape))
                np.testing.assert_array_equal(large[within], small)
                assert np.count_nonzero(large) == np.count_nonzero(small)
            within = tuple(map(slice, next_words.shape))
            np.testing.assert_array_equal(following[within], next_words)
            assert following.sum() == next_words.sum()
        assert len(different) > 1
        assert len(shapes) == 1


def test_a_picture_is_not_mirrored_if_its_caption_says_left(pictures: Path) -> None:
    examples, _ = numbered(pictures)
    mirrored: dict[bool, set[bool]] = {True: set(), False: set()}
    for item in examples:
        batches = PictureBatches([item], 8, 1, 1.0, mirror=True, seed=0)
        for epoch in range(20):
            batches.start_epoch(epoch)
            (pixels, _), _ = batches[0]
            mirrored[item.may_be_mirrored].add(bool(pixels[0, 4, 1, 0] > 128))
    assert mirrored == {True: {True, False}, False: {False}}
