"""The next words of captions in a beam search: what they have, and the best of them."""

from __future__ import annotations

import numpy as np

from imagecap.text.vocabulary import Vocabulary


def score_next_words(
    log_probabilities: np.ndarray,
    totals: np.ndarray,
    bias: np.ndarray | None,
    words: np.ndarray,
) -> np.ndarray:
    """Add up what live captions have with each next word but the end.

    Args:
        log_probabilities: Of the next words, `[rows, vocabulary]`.
        totals: What the captions have so far, `[pictures, beams]`.
        bias: Of each word in each picture, `[pictures, vocabulary]`.
        words: The live captions, which have the bias of their words, `[rows, length]`.

    Returns:
        `[pictures, beams, vocabulary]`.
    """
    candidates: np.ndarray = log_probabilities.reshape(*totals.shape, -1)
    candidates = candidates + (0 if bias is None else bias[:, np.newaxis])
    if bias is not None:
        rows = candidates.reshape(log_probabilities.shape)
        said = np.take_along_axis(log_probabilities, words, axis=1)
        np.put_along_axis(rows, words, said, axis=1)
    candidates += totals[:, :, np.newaxis]
    candidates[:, :, Vocabulary.END] = -np.inf
    return candidates


def choose_next_words(
    candidates: np.ndarray, best_of_words: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the best candidates of each picture.

    Args:
        candidates: `[pictures, beams, vocabulary]`.
        best_of_words: The best of all beams, `[pictures, vocabulary]`.
        width: How many are wanted, if there are as many.

    Returns:
        What they have, of which beams they are, and their last words, each
        `[pictures, width]`.
    """
    pictures, beams, vocabulary_size = candidates.shape
    count = min(width, beams * vocabulary_size)
    # Sorting out what cannot be among them first is many times as fast: the best of
    # groups of words are different candidates, so as many are at least as good as this.
    # Frequent words are neighbours, which groups should not be.
    groups = min(8 * width, vocabulary_size)
    grouped = best_of_words[:, : vocabulary_size - vocabulary_size % groups]
    best_of_groups = grouped.reshape(pictures, -1, groups).max(axis=1)
    enough = min(count, groups)
    least = np.partition(best_of_groups, -enough, axis=1)[:, -enough]
    if enough < count:
        least[:] = -np.inf
    totals = np.empty((pictures, count), np.float32)
    branches = np.empty((pictures, count), np.intp)
    words = np.empty((pictures, count), np.int32)
    for picture in range(pictures):
        possible = np.flatnonzero(best_of_words[picture] >= least[picture])
        values = candidates[picture][:, possible].reshape(-1)
        best = np.argpartition(values, -count)[-count:]
        totals[picture] = values[best]
        branches[picture] = best // len(possible)
        words[picture] = possible[best % len(possible)]
    return totals, branches, words
