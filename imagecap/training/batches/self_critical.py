"""Self-critical training: the model's own captions, weighted by their CIDEr-D.

Source: Rennie et al. 2017, "Self-critical sequence training for image captioning";
the baseline of a sample is the mean reward of the other samples of its picture (Luo
2020, "A better variant of self-critical sequence training").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import (
    SeededBatches,
    TokenizedExample,
    pad_captions,
)
from imagecap.training.networks.caption_sampler import CaptionSampler
from imagecap.training.networks.decoder import Decoder

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
