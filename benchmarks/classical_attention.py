"""The classical way to train attention, written anew to be measured.

It is that of TensorFlow's tutorial "Image captioning with visual attention" (2018 to
2022), from which most projects of this field in TensorFlow descend: a caption is a row
padded to the longest of the data set; a Python loop over the words of it, which
`tf.function` unrolls, looks at all places of the grid, their keys computed anew for
each word, and predicts the next word over the whole vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import TokenizedExample, pad_captions
from imagecap.training.networks.decoder import DecoderConfig

Batch = tuple[tuple[np.ndarray, np.ndarray], np.ndarray]


class PaddedBatches:
    """Batches of captions in random order, all padded to the same length.

    What does not fill a batch is left out: the loop would be unrolled anew for it.

    Each item is `([grids, words], next words)`: `[N, rows, columns, channels]`,
    `[N, longest]` and `[N, longest]`.

    Args:
        features: Picture name → grid.
        examples: The photographs and their captions.
        longest: Length of the longest caption, boundary tokens included.
        batch_size: Captions in a batch.
        seed: Decides the order.
    """

    def __init__(
        self,
        features: Mapping[str, np.ndarray],
        examples: Sequence[TokenizedExample],
        longest: int,
        batch_size: int,
        seed: int,
    ) -> None:
        self._features = features
        self._captions = [
            (item.example.name, caption)
            for item in examples
            for caption in item.captions
        ]
        np.random.default_rng(seed).shuffle(self._captions)
        self._longest = longest
        self._batch_size = batch_size

    def __len__(self) -> int:
        return len(self._captions) // self._batch_size

    def __iter__(self) -> Iterator[Batch]:
        for number in range(len(self)):
            first = number * self._batch_size
            chosen = self._captions[first : first + self._batch_size]
            grids = np.stack([self._features[name] for name, _ in chosen])
            words, next_words = pad_captions([caption for _, caption in chosen])
            missing = ((0, 0), (0, self._longest - 1 - words.shape[1]))
            yield (
                (grids, np.pad(words, missing)),
                np.pad(next_words, missing),
            )


class ClassicalAttention:
    """The tutorial's model and its step of training, with an LSTM for its GRU.

    Args:
        sizes: The sizes of all layers, those of the model it is compared with.
        learning_rate: Adam's rate.
    """

    def __init__(self, sizes: DecoderConfig, learning_rate: float) -> None:
        layers = keras.layers
        self._project = layers.Dense(sizes.image, activation="relu")
        self._embed = layers.Embedding(sizes.vocabulary, sizes.embedding)
        self._key = layers.Dense(sizes.image)
        self._query = layers.Dense(sizes.image)
        self._score = layers.Dense(1)
        self._lstm = layers.LSTMCell(sizes.lstm)
        self._join = layers.Dense(sizes.hidden)
        self._next_word = layers.Dense(sizes.vocabulary)
        layers_used = (
            *(self._project, self._embed, self._key, self._query),
            *(self._score, self._lstm, self._join, self._next_word),
        )
        self._project.build((None, None, sizes.features))
        self._embed.build((None,))
        self._key.build((None, None, sizes.image))
        self._query.build((None, sizes.lstm))
        self._score.build((None, None, sizes.image))
        self._lstm.build((None, sizes.image + sizes.embedding))
        self._join.build((None, sizes.lstm))
        self._next_word.build((None, sizes.hidden))
        self._variables = [
            variable for layer in layers_used for variable in layer.weights
        ]
        self._units = sizes.lstm
        self._optimizer = keras.optimizers.Adam(learning_rate)
        self._optimizer.build(self._variables)
        self._train = tf.function(self._train_eagerly, reduce_retracing=True)

    def reset_metrics(self) -> None:
        """Do nothing: each step gives its own loss."""

    def train_on_batch(
        self, inputs: tuple[np.ndarray, np.ndarray], next_words: np.ndarray
    ) -> float:
        """Take one step; return the mean loss in nats per word."""
        grids, words = inputs
        return float(
            self._train(*map(tf.convert_to_tensor, (grids, words, next_words)))
        )

    def _train_eagerly(
        self, grids: tf.Tensor, words: tf.Tensor, next_words: tf.Tensor
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            rows = tf.shape(grids)[0]
            places = self._project(tf.reshape(grids, (rows, -1, grids.shape[-1])))
            hidden = cell = tf.zeros((rows, self._units))
            total = 0.0
            for place in range(words.shape[1]):
                attention = self._attend(places, hidden)
                seen = tf.reduce_sum(attention * places, axis=1)
                word = tf.concat([seen, self._embed(words[:, place])], axis=-1)
                output, (hidden, cell) = self._lstm(word, [hidden, cell])
                logits = self._next_word(self._join(output))
                losses = keras.losses.sparse_categorical_crossentropy(
                    next_words[:, place], logits, from_logits=True
                )
                counts = next_words[:, place] != Vocabulary.PADDING
                total += tf.reduce_sum(losses * tf.cast(counts, losses.dtype))
            loss = total / tf.reduce_sum(
                tf.cast(next_words != Vocabulary.PADDING, tf.float32)
            )
        values = [variable.value for variable in self._variables]
        self._optimizer.apply(tape.gradient(loss, values), self._variables)
        return loss

    def _attend(self, places: tf.Tensor, hidden: tf.Tensor) -> tf.Tensor:
        keys = self._key(places)
        scores = self._score(tf.tanh(keys + self._query(hidden)[:, tf.newaxis]))
        return tf.nn.softmax(scores, axis=1)
