"""How much the second model of an ensemble counts, by what the picture shows."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from imagecap.counted import counted
from imagecap.datasets.dataset import Example, choose_examples
from imagecap.errors import ImagecapError
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import pad_captions, tokenize_examples
from imagecap.training.networks.decoder import (
    FEATURE_SCALE,
    Decoder,
    mask_special_tokens,
)

PICTURES = 2000
"""Of more pictures so many, chosen at random, are learned from; 1,000 are enough."""

# Both models know the captions of training by heart, the second one perhaps better
# without knowing more; so it is never given more than half.
MOST = 0.5
_MOST_WORDS = 40
_CAPTIONS_AT_ONCE = 80
_EPOCHS = 40
_BATCH_SIZE = 256
_LEARNING_RATE = 1e-2
_WEIGHT_DECAY = 1e-3


class GateError(ImagecapError):
    """There is nothing to learn from how much the second model counts."""


def split_features(
    features: keras.KerasTensor, length: int, decoders: Sequence[Decoder]
) -> list[keras.KerasTensor]:
    """Give each of two decoders its part of joined features.

    Args:
        features: `[N, a + b]` or `[N, rows, columns, a + b]`.
        length: a.
        decoders: Two; one that reads a vector gets the mean of the cells of a grid.
    """
    parts = []
    for part, decoder in zip(
        (features[..., :length], features[..., length:]), decoders, strict=True
    ):
        vector = len(decoder.start.input_shape) < len(part.shape)
        parts.append(pool(part) if vector else part)
    return parts


def build_gate(length: int) -> keras.Model:
    """Build what says how much the second model counts: at first half of its most.

    Args:
        length: Of the pooled features; see `pool`.

    Returns:
        A model from pooled features `[N, length]` to shares `[N, 1]`, 0 to `MOST`.
    """
    pooled = keras.Input((length,), name="pooled")
    weigh = keras.layers.Dense(
        1,
        "sigmoid",
        kernel_initializer="zeros",
        kernel_regularizer=keras.regularizers.L2(_WEIGHT_DECAY),
        name="weigh",
    )
    return keras.Model(pooled, MOST * weigh(FEATURE_SCALE * pooled), name="gate")


def pool(features: keras.KerasTensor) -> keras.KerasTensor:
    """Take the mean of the cells of a grid; a vector stays what it is."""
    return ops.mean(features, axis=(1, 2)) if len(features.shape) == 4 else features


class GateFit:
    """Fits the gate to the features of pictures; a `FeatureConsumer`.

    Args:
        decoders: The first and the second.
        translation: The number of each of the first one's words in the second one,
            `[vocabulary]`, int32; that of the unknown where it is none.
        vocabulary: The words of the first.
        examples: Pictures with captions that both have learned from; of many, some are
            taken.
    """

    def __init__(
        self,
        decoders: tuple[Decoder, Decoder],
        translation: np.ndarray,
        vocabulary: Vocabulary,
        examples: Sequence[Example],
    ) -> None:
        self.examples = choose_examples(examples, PICTURES)
        self.pictures = 0
        self._decoders = decoders
        self._translation = translation
        self._captions = {
            item.example.name: item.captions
            for item in tokenize_examples(self.examples, vocabulary, _MOST_WORDS)
        }
        self._waiting: list[tuple[np.ndarray, Sequence[int]]] = []
        self._pooled: list[np.ndarray] = []
        self._predicted: list[np.ndarray] = []

    def add(self, example: Example, features: np.ndarray) -> None:
        """Take the features of a picture; see `FeatureConsumer`."""
        captions = self._captions.get(example.name, ())
        self.pictures += bool(len(captions))
        self._waiting += [(features, caption) for caption in captions]
        if len(self._waiting) >= _CAPTIONS_AT_ONCE:
            self._predict()

    def fit(self) -> keras.Model:
        """Return what `build_gate` builds, trained.

        Raises:
            GateError: If none of the pictures could be read.
        """
        self._predict()
        if not self._pooled:
            raise GateError(
                f"None of {counted(len(self.examples), 'picture')} can be read, "
                f"{self.examples[0].path} for one."
            )
        return fit_gate(np.concatenate(self._pooled), np.concatenate(self._predicted))

    def _predict(self) -> None:
        if not self._waiting:
            return
        features = np.stack([features for features, _ in self._waiting])
        words, next_words = pad_captions([caption for _, caption in self._waiting])
        self._waiting = []
        self._pooled.append(ops.convert_to_numpy(pool(features)))
        self._predicted.append(
            _predict(self._decoders, self._translation, features, words, next_words)
        )


def fit_gate(pooled: np.ndarray, predicted: np.ndarray) -> keras.Model:
    """Learn the gate that makes captions most probable.

    Source: Jacobs, Jordan, Nowlan and Hinton 1991, "Adaptive mixtures of local
    experts".

    Args:
        pooled: The picture of each caption, `[N, P]`, float32.
        predicted: Log-probability of each of its words by the first and by the second
            model, `[N, T, 2]`, float32, zero where there is no word.

    Returns:
        What `build_gate` builds, trained.
    """
    gate = build_gate(pooled.shape[1])
    steps = _EPOCHS * -(-len(pooled) // _BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, steps)
    gate.compile(keras.optimizers.Adam(rate), loss=_mixture_loss)
    # Its own order: the same captions give the same share.
    order = np.random.default_rng(0).permutation(len(pooled))
    gate.fit(
        pooled[order],
        predicted[order],
        batch_size=_BATCH_SIZE,
        epochs=_EPOCHS,
        shuffle=False,
        verbose=0,
    )
    return gate


def _mixture_loss(
    predicted: keras.KerasTensor, share: keras.KerasTensor
) -> keras.KerasTensor:
    """Mean negative log-probability of the words of each caption."""
    first, second = predicted[..., 0], predicted[..., 1]
    words = ops.sum(ops.cast(first < 0, "float32"), axis=-1)
    mixed = ops.logaddexp(first + ops.log1p(-share), second + ops.log(share))
    return -ops.sum(mixed, axis=-1) / ops.maximum(words, 1.0)


def _predict(
    decoders: tuple[Decoder, Decoder],
    translation: np.ndarray,
    features: np.ndarray,
    words: np.ndarray,
    next_words: np.ndarray,
) -> np.ndarray:
    """Compute the log-probabilities of true words by both; `[N, T, 2]`, padded."""
    length = decoders[0].start.input_shape[-1]
    parts = split_features(features, length, decoders)
    same = np.arange(len(translation), dtype=np.int32)
    counts = (next_words != Vocabulary.PADDING) & (next_words != Vocabulary.UNKNOWN)
    found = np.zeros((len(words), _MOST_WORDS + 1, 2), np.float32)
    for which, (decoder, part, number) in enumerate(
        zip(decoders, parts, (same, translation), strict=True)
    ):
        logits = decoder.training.predict_on_batch(
            [ops.convert_to_numpy(part), number[words]]
        )
        every = ops.convert_to_numpy(ops.log_softmax(mask_special_tokens(logits)))
        true = np.take_along_axis(every, number[next_words][..., None], axis=-1)
        found[:, : words.shape[1], which] = np.where(counts, true[..., 0], 0)
    return found
