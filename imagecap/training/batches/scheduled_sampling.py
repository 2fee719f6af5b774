"""Scheduled sampling: the decoder reads, now and then, a word of its own.

Source: Bengio et al. 2015, "Scheduled sampling for sequence prediction with recurrent
neural networks". The words are drawn after the true ones in one pass before the one
that learns, as in Duckworth et al. 2019, "Parallel scheduled sampling": step by step,
an epoch would take several times as long.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import CaptionBatches, DerivedBatches
from imagecap.training.networks.decoder import Decoder, mask_special_tokens
from imagecap.training.networks.sampling import draw_words


class ScheduledSampling(DerivedBatches):
    """Batches of captions in which some words that are read are drawn by the decoder.

    The words to predict stay the true ones. The share of drawn words rises evenly
    from none in the first epoch.

    Args:
        batches: The captions; their seed decides which words are drawn, too.
        decoder: The decoder that is trained.
        largest_share: The share in the last epoch.
        epochs: Number of epochs.
    """

    def __init__(
        self,
        batches: CaptionBatches,
        decoder: Decoder,
        largest_share: float,
        epochs: int,
    ) -> None:
        super().__init__(batches)
        self._sampler = build_word_sampler(decoder)
        self._largest_share = largest_share
        self._epochs = epochs

    def __getitem__(
        self, index: int
    ) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        (features, words), next_words = self._batches[index]
        share = self._largest_share * min(1, self._epoch / max(1, self._epochs - 1))
        if not share:
            return (features, words), next_words
        generator = np.random.default_rng((self._seed, self._epoch, index))
        uniform = generator.random(words.shape, np.float32)
        drawn = np.asarray(self._sampler.predict_on_batch([features, words, uniform]))
        chosen = generator.random(words.shape) < share
        # What is read first is the start, and nothing is read behind the end.
        chosen[:, 0] = False
        chosen &= words != Vocabulary.PADDING
        mixed = words.copy()
        mixed[chosen] = drawn[:, :-1][chosen[:, 1:]]
        return (features, mixed), next_words


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
