"""The next words of captions in a beam search: what they have, and the best of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from imagecap.text.vocabulary import Vocabulary

SaidAgain = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From the words of live captions, `[rows, length]`, to the numbers of words that may
not come again for nothing, `[rows, M]`, and what each gains, at most 0, the same."""


def score_next_words(
    log_probabilities: np.ndarray,
    totals: np.ndarray,
    bias: np.ndarray | None,
    words: np.ndarray,
    said_again: SaidAgain | None = None,
) -> np.ndarray:
    """Add up what live captions have with each next word but the end.

    Args:
        log_probabilities: Of the next words, `[rows, vocabulary]`.
        totals: What the captions have so far, `[pictures, beams]`.
        bias: Of each word in each picture, `[pictures, vocabulary]`.
        words: The live captions, which have the bias of their words, `[rows, length]`.
        said_again: What words gain because of those said before.

    Returns:
        `[pictures, beams, vocabulary]`.
    """
    each = log_probabilities.reshape(*totals.shape, -1)
    candidates: np.ndarray = each + (0 if bias is None else bias[:, np.newaxis])
    # NumPy takes least time for few numbers where they are all in one row.
    row = candidates.reshape(-1)
    firsts = np.arange(0, row.size, log_probabilities.shape[1])[:, np.newaxis]
    if bias is not None:
        places = firsts + words
        row[places] = log_probabilities.reshape(-1)[places]
    if said_again is not None:
        numbers, gains = said_again(words)
        # A word that is named twice gains once.
        row[firsts + numbers] += gains
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
    best_of_groups.partition(groups - enough, axis=1)
    least = best_of_groups[:, groups - enough]
    if enough < count:
        least[:] = -np.inf
    few = np.flatnonzero(best_of_words >= least[:, np.newaxis])
    owners, possible = np.divmod(few, vocabulary_size)
    values = candidates[owners, :, possible]
    order = np.lexsort((-values.reshape(-1), owners.repeat(beams)))
    firsts = owners.searchsorted(np.arange(pictures)) * beams
    best = order[firsts[:, np.newaxis] + np.arange(count)]
    places, branches = np.divmod(best, beams)
    words = possible[places].astype(np.int32)
    return values[places, branches], branches, words
