"""Fitting the dual encoder of a finished model."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from imagecap.datasets.dataset import Example, choose_examples
from imagecap.model.dual_encoder import DualEncoder
from imagecap.progress import progress
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.captioned_features import CaptionedFeatures

FEWEST_PICTURES = 2000
"""Fewer teach it less than the word detector knows already."""

_MOST_PICTURES = 50_000
_LENGTH = 128
_LONGEST = 24
_EPOCHS = 12
_BATCH = 512
_LEARNING_RATE = 2e-3
_WEIGHT_DECAY = 1e-4
_PICTURE_DROPOUT = 0.3
_WORD_DROPOUT = 0.2
# What cosines are multiplied with before the softmax, at first.
_SHARPNESS = 15.0
_SEED = 0


class DualEncoderFit(CaptionedFeatures):
    """Fits a dual encoder to the features of pictures.

    Args:
        examples: The pictures that the model was trained on. Of more than 50,000 so
            many, chosen at random, are learned from.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        chosen = choose_examples(examples, _MOST_PICTURES)
        enough = len(chosen) >= FEWEST_PICTURES
        super().__init__(chosen if enough else [], np.float16)

    def fit(self, vocabulary: Vocabulary) -> DualEncoder | None:
        """Return the dual encoder; `None` if there were too few pictures."""
        if self.pictures < FEWEST_PICTURES:
            return None
        return fit_dual_encoder(self.features, self.captions, vocabulary)


def fit_dual_encoder(
    features: np.ndarray,
    captions: Sequence[Sequence[Sequence[str]]],
    vocabulary: Vocabulary,
    epochs: int = _EPOCHS,
) -> DualEncoder:
    """Fit a dual encoder to tell the captions of each picture from those of others.

    Source: Radford et al. 2021, "Learning transferable visual models from natural
    language supervision", the loss there.

    Args:
        features: Of N pictures, `[N, P]`; see `mean_features`.
        captions: For each picture its captions, at least one, each as its words.
        vocabulary: The words of the model.
        epochs: How often each picture is seen, each time with one of its captions.
    """
    keras.utils.set_random_seed(_SEED)
    generator = np.random.default_rng(_SEED)
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviation = features.std(axis=0, dtype=np.float64).astype(np.float32) + 1e-3
    numbers = [
        np.array([_padded(vocabulary.encode(c)) for c in group]) for group in captions
    ]
    batch = min(_BATCH, len(features))
    steps = len(features) // batch
    model, picture_map, word_map = _networks(features.shape[1], len(vocabulary))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        max(epochs * steps - steps // 2, 1),
        warmup_target=_LEARNING_RATE,
        warmup_steps=max(steps // 2, 1),
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=_WEIGHT_DECAY), loss=_contrastive
    )
    for _ in progress(range(epochs), "Comparing pictures and captions", epochs):
        order = generator.permutation(len(features))
        for chosen in order[: steps * batch].reshape(steps, batch):
            said = [numbers[i][generator.integers(len(numbers[i]))] for i in chosen]
            pictures = (features[chosen].astype(np.float32) - mean) / deviation
            model.train_on_batch((pictures, np.array(said)), np.zeros(batch))
    kernel, offsets = (np.asarray(one) for one in picture_map.get_weights())
    kernel = kernel / deviation[:, np.newaxis]
    words, word_offsets = (np.asarray(one) for one in word_map.get_weights())
    return DualEncoder.of_maps(kernel, offsets - mean @ kernel, words, word_offsets)


def _padded(numbers: Sequence[int]) -> list[int]:
    kept = list(numbers[:_LONGEST])
    return kept + [Vocabulary.PADDING] * (_LONGEST - len(kept))


class _SumOfWords(keras.layers.Layer):
    """The sum of the vectors of words, by the root of their number, and an offset."""

    def __init__(self, vocabulary: int, length: int) -> None:
        super().__init__()
        self._shape = (vocabulary, length)
        self._dropout = keras.layers.Dropout(_WORD_DROPOUT)

    def build(self, _: object) -> None:
        self.vectors = self.add_weight(
            shape=self._shape, initializer=keras.initializers.RandomNormal(stddev=0.05)
        )
        self.offset = self.add_weight(shape=self._shape[1:], initializer="zeros")

    def call(self, numbers: object, training: bool | None = None) -> object:
        ops = keras.ops
        said = ops.cast(ops.not_equal(numbers, Vocabulary.PADDING), "float32")
        vectors = ops.take(self.vectors, numbers, axis=0) * ops.expand_dims(said, -1)
        vectors = self._dropout(vectors, training=training)
        count = ops.sum(said, axis=1, keepdims=True)
        return ops.sum(vectors, axis=1) / ops.sqrt(count + 1) + self.offset


class _Cosines(keras.layers.Layer):
    """The cosine of each picture's vector and each caption's, sharpened."""

    def build(self, *_: object) -> None:
        self.sharpness = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(np.log(_SHARPNESS))
        )

    def call(self, pictures: object, captions: object) -> object:
        ops = keras.ops
        pictures, captions = (
            ops.normalize(one, axis=-1) for one in (pictures, captions)
        )
        cosines = ops.matmul(pictures, ops.transpose(captions))
        return cosines * ops.exp(self.sharpness)


def _networks(
    length: int, vocabulary: int
) -> tuple[keras.Model, keras.layers.Layer, keras.layers.Layer]:
    """Build what is trained, and the layers with the two maps in it."""
    pictures = keras.Input((length,))
    numbers = keras.Input((_LONGEST,), dtype="int32")
    picture_map = keras.layers.Dense(_LENGTH)
    word_map = _SumOfWords(vocabulary, _LENGTH)
    seen = picture_map(keras.layers.Dropout(_PICTURE_DROPOUT)(pictures))
    cosines = _Cosines()(seen, word_map(numbers))
    return keras.Model([pictures, numbers], cosines), picture_map, word_map


def _contrastive(_: object, cosines: object) -> object:
    """Compute the mean loss of finding the caption of a picture, and the reverse."""
    ops = keras.ops
    own = ops.arange(ops.shape(cosines)[0])
    losses = [
        keras.losses.sparse_categorical_crossentropy(own, one, from_logits=True)
        for one in (cosines, ops.transpose(cosines))
    ]
    return (ops.mean(losses[0]) + ops.mean(losses[1])) / 2
