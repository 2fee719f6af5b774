"""The losses that decoders are trained with."""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import ops

from imagecap.text.vocabulary import Vocabulary

Loss = Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]


def caption_loss(
    words: keras.KerasTensor, logits: keras.KerasTensor
) -> keras.KerasTensor:
    """Return the mean cross-entropy per word in nats; padding does not count.

    Args:
        words: The true next words, `[..., T]`, int32, zero where padded.
        logits: `[..., T, vocabulary]`, float32.
    """
    return mean_over_words(words, _cross_entropy(words, logits))


def smoothed_caption_loss(smoothing: float) -> Loss:
    """Return the loss whose target spreads a little probability over all words.

    Source: Szegedy et al. 2016, "Rethinking the Inception architecture for computer
    vision", label smoothing.

    Args:
        smoothing: What is taken from the true word; with 0 it is `caption_loss`.
    """
    if not smoothing:
        return caption_loss

    def smoothed_loss(
        words: keras.KerasTensor, logits: keras.KerasTensor
    ) -> keras.KerasTensor:
        # The mean of −log p over the vocabulary, without making each of them.
        to_all = ops.logsumexp(logits, axis=-1) - ops.mean(logits, axis=-1)
        losses = (1 - smoothing) * _cross_entropy(words, logits) + smoothing * to_all
        return mean_over_words(words, losses)

    return smoothed_loss


def _cross_entropy(
    words: keras.KerasTensor, logits: keras.KerasTensor
) -> keras.KerasTensor:
    return ops.sparse_categorical_crossentropy(words, logits, from_logits=True)


def mean_over_words(
    words: keras.KerasTensor, losses: keras.KerasTensor
) -> keras.KerasTensor:
    """Return the mean loss of words; padding does not count.

    Args:
        words: The next words, `[..., T]`, int32, zero where padded.
        losses: What each costs, `[..., T]`, float32.
    """
    counts = ops.cast(ops.not_equal(words, Vocabulary.PADDING), "float32")
    return ops.sum(losses * counts) / ops.maximum(ops.sum(counts), 1.0)
