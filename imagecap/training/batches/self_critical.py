"""Self-critical training: the model's own captions, weighted by their CIDEr-D.

Source: Rennie et al. 2017, "Self-critical sequence training for image captioning";
the baseline of a sample is the mean reward of the other samples of its picture (Luo
2020, "A better variant of self-critical sequence training").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import ops

from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import (
    SeededBatches,
    TokenizedExample,
    pad_captions,
)
from imagecap.training.networks.decoder import Decoder, mask_special_tokens
from imagecap.training.networks.sampling import draw_words

_SAMPLES = 5


class SampledBatches(SeededBatches):
    """Captions sampled from the model as it is when a batch is asked for.

    Each item is `([features, words], target)`, where `target` is what
    `advantage_loss` takes: `[N, T, 2]`, float32.

    Args:
        decoder: The model that samples; the one that is trained.
        features: Picture name → feature vector.
        examples: The pictures and their captions.
        vocabulary: Names the words.
        batch_size: Pictures in a batch; each is captioned five times.
        max_length: Words after which a sample is cut off.
        seed: Decides order and samples.
    """

    def __init__(
        self,
        decoder: Decoder,
        features: Mapping[str, np.ndarray],
        examples: Sequence[TokenizedExample],
        vocabulary: Vocabulary,
        batch_size: int,
        max_length: int,
        seed: int,
    ) -> None:
        self._sampler = CaptionSampler(decoder, _SAMPLES, max_length)
        self._features = features
        self._names = [item.example.name for item in examples]
        self._vocabulary = vocabulary
        self._batch_size = batch_size
        # The end counts as a word: without it, captions learn to stop half-way.
        self._cider = CiderD(
            {
                item.example.name: [
                    [*tokenize(caption), Vocabulary.SPECIAL[Vocabulary.END]]
                    for caption in item.example.captions
                ]
                for item in examples
            }
        )
        super().__init__(seed)

    def _shuffle(self, generator: np.random.Generator) -> None:
        count = max(1, round(len(self._names) / self._batch_size))
        self._batches = np.array_split(generator.permutation(len(self._names)), count)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(
        self, index: int
    ) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        names = [self._names[number] for number in self._batches[index]]
        features = np.stack([self._features[name] for name in names])
        generator = np.random.default_rng((self._seed, self._epoch, index))
        captions = self._sampler.draw(features, generator)
        rewards = np.array(
            [
                self._cider.score(name, self._vocabulary.decode(caption[1:]))
                for name, caption in zip(
                    np.repeat(names, _SAMPLES), captions, strict=True
                )
            ]
        ).reshape(len(names), _SAMPLES)
        others = (rewards.sum(axis=1, keepdims=True) - rewards) / (_SAMPLES - 1)
        advantages = (rewards - others).reshape(-1, 1)
        words, next_words = pad_captions(captions)
        weights = np.broadcast_to(advantages, next_words.shape)
        target = np.stack([next_words, weights], axis=-1).astype(np.float32)
        return (np.repeat(features, _SAMPLES, axis=0), words), target


def advantage_loss(
    target: keras.KerasTensor, logits: keras.KerasTensor
) -> keras.KerasTensor:
    """Compute the cross-entropy of sampled words, weighted by the caption's advantage.

    Its gradient is that of the expected reward (Williams 1992, REINFORCE).

    Args:
        target: `[N, T, 2]`, float32: the sampled next words, zero where padded, and
            the advantage of the caption they belong to.
        logits: `[N, T, vocabulary]`, float32.
    """
    words = ops.cast(target[..., 0], "int32")
    counts = ops.cast(ops.not_equal(words, Vocabulary.PADDING), "float32")
    losses = target[..., 1] * ops.sparse_categorical_crossentropy(
        words, logits, from_logits=True
    )
    return ops.sum(losses * counts) / ops.sum(counts)


def build_policy(decoder: keras.Model) -> keras.Model:
    """Give a decoder's training model the form of what is sampled from its steps.

    It drops nothing when trained, and what is never predicted has no probability:
    otherwise that is where training would push all probability.
    """
    inputs = [keras.Input(i.shape[1:], dtype=i.dtype) for i in decoder.inputs]
    logits = decoder(inputs, training=False)
    return keras.Model(inputs, mask_special_tokens(logits), name="policy")


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
        drawn = draw_words(outputs["probabilities"], uniform[:, 0])
        drawn = ops.cast(drawn, "float32")
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


def _until_end(row: np.ndarray) -> list[int]:
    ends = np.flatnonzero(row == Vocabulary.END)
    until = ends[0] + 1 if ends.size else len(row)
    return [int(number) for number in row[:until]]
