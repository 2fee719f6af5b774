"""How probable given captions are to a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imagecap.model.beam_search import DecoderStep
from imagecap.text.vocabulary import Vocabulary, as_rows


def mean_log_probabilities(
    decoder: DecoderStep,
    features: np.ndarray,
    captions: Sequence[Sequence[int]],
    pictures: Sequence[int],
    known: int,
) -> np.ndarray:
    """Compute the mean log-probability of a word of each caption, its end among them.

    Args:
        decoder: The model's one-word step.
        features: The encoder's output for pictures, `[P, ...]`, float32.
        captions: N of them, as word numbers, boundary tokens included.
        pictures: Of which picture each caption is, `[N]`.
        known: Words with this number or a larger one, and the unknown, do not count.

    Returns:
        `[N]`, in nats; 0 of a caption in which nothing counts.
    """
    words = as_rows(captions)
    rows = np.asarray(pictures)
    state = {name: array[rows] for name, array in decoder.start(features).items()}
    totals, counts = np.zeros((2, len(captions)))
    for place in range(words.shape[1] - 1):
        log_probabilities, changed, _ = decoder.step(words[:, place], state)
        state.update(changed)
        following = words[:, place + 1]
        counted = (following != Vocabulary.PADDING) & (following < known)
        counted &= following != Vocabulary.UNKNOWN
        found = log_probabilities[np.arange(len(words)), following]
        totals += np.where(counted, found, 0)
        counts += counted
    means: np.ndarray = totals / np.maximum(counts, 1)
    return means
