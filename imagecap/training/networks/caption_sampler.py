"""Words and captions drawn from a decoder, in the graph of the backend."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.decoder import Decoder, mask_special_tokens


def draw_words(
    probabilities: keras.KerasTensor, uniform: keras.KerasTensor
) -> keras.KerasTensor:
    """Draw a word from each distribution.

    The draw inverts the cumulative distribution, so one number a word is all the
    chance it needs, and the same numbers give the same words on every backend.

    Args:
        probabilities: `[..., vocabulary]`, float32.
        uniform: `[...]`, float32, each from 0 up to, but not including, 1.

    Returns:
        Word numbers, `[...]`, int32.
    """
    cumulative = ops.cumsum(probabilities, axis=-1)
    # Rounding may leave the sum of all a little away from one.
    threshold = ops.expand_dims(uniform, -1) * cumulative[..., -1:]
    below = ops.cast(cumulative <= threshold, "int32")
    return ops.minimum(ops.sum(below, axis=-1), probabilities.shape[-1] - 1)


class SamplingCell(keras.layers.Layer):
    """One step of drawing captions: a cell of `keras.layers.RNN`.

    Called with one uniform number for each caption, `[N, 1]`, and the state: the last
    word, `[N, 1]`, float32, and what the decoder carries. Returns the word drawn and
    the state after it.

    Args:
        step: The decoder's one-word step; see `Decoder`.
    """

    def __init__(self, step: keras.Model) -> None:
        super().__init__(name="sampling_cell")
        self.step = step
        self.names = [name for name in step.input if name != "word"]
        self.state_size = [1, *(step.input[name].shape[1:] for name in self.names)]
        self.output_size = 1

    def call(
        self, uniform: keras.KerasTensor, states: list[keras.KerasTensor]
    ) -> tuple[keras.KerasTensor, list[keras.KerasTensor]]:
        """Take one step; see the class."""
        state = dict(zip(self.names, states[1:], strict=True))
        word = ops.cast(states[0][:, 0], "int32")
        outputs = self.step({"word": word, **state}, training=False)
        probabilities = ops.exp(outputs["log_probabilities"])
        drawn = ops.cast(draw_words(probabilities, uniform[:, 0]), "float32")
        after = [outputs.get(name, state[name]) for name in self.names]
        return drawn[:, None], [drawn[:, None], *after]


class CaptionSampler:
    """Draws captions of pictures from a decoder as it is at each call.

    Args:
        decoder: The decoder.
        samples: Captions of each picture.
        max_length: Words after which a caption is cut off.
    """

    def __init__(self, decoder: Decoder, samples: int, max_length: int) -> None:
        self._samples = samples
        self._max_length = max_length
        cell = SamplingCell(decoder.step)
        features = keras.Input(decoder.start.input.shape[1:], name="features")
        # Numbers of all samples of a picture, so that both inputs have as many rows.
        uniform = keras.Input((samples, max_length), name="uniform")
        state = {
            name: ops.repeat(array, samples, axis=0)
            for name, array in decoder.start(features).items()
        }
        numbers = ops.reshape(uniform, (-1, max_length, 1))
        first = numbers[:, 0] * 0.0 + Vocabulary.START
        words = keras.layers.RNN(cell, return_sequences=True)(
            numbers, initial_state=[first, *(state[name] for name in cell.names)]
        )
        self._model = keras.Model(
            {"features": features, "uniform": uniform},
            ops.reshape(words, (-1, samples, max_length)),
        )

    def draw(
        self, features: np.ndarray, generator: np.random.Generator
    ) -> list[list[int]]:
        """Draw captions, all samples of a picture one after the other.

        Args:
            features: `[N, ...]`, float32.
            generator: Decides.

        Returns:
            The word numbers of each caption, with the start and, where it was drawn,
            the end.
        """
        shape = (len(features), self._samples, self._max_length)
        uniform = generator.random(shape, np.float32)
        drawn = self._model.predict_on_batch({"features": features, "uniform": uniform})
        rows = np.asarray(drawn).astype(np.int32).reshape(-1, self._max_length)
        return [[Vocabulary.START, *_until_end(row)] for row in rows]


def build_word_sampler(decoder: Decoder) -> keras.Model:
    """Build what draws a next word after each word of given captions.

    Returns:
        A model from `[features, words, uniform]` – `[N, ...]` float32, `[N, T]` int32
        and `[N, T]` float32 – to the word drawn after each word, `[N, T]`, int32.
    """
    features, words = (
        keras.Input(i.shape[1:], dtype=i.dtype) for i in decoder.training.inputs
    )
    uniform = keras.Input((None,))
    logits = mask_special_tokens(decoder.training([features, words], training=False))
    return keras.Model(
        [features, words, uniform], draw_words(ops.softmax(logits), uniform)
    )


def _until_end(row: np.ndarray) -> list[int]:
    ends = np.flatnonzero(row == Vocabulary.END)
    until = ends[0] + 1 if ends.size else len(row)
    return [int(number) for number in row[:until]]
