"""How far the captions of a picture agree with each other.

The most probable caption is often a short and vague one. Among many probable captions,
the one that has most in common with the others says what nearly all of them say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from imagecap.text import LONGEST_NGRAM, count_ngrams

_LENGTH_SIGMA = 6.0


def agreement(
    captions: Sequence[Sequence[str]],
    weights: np.ndarray,
    rarity: Callable[[str], float],
) -> np.ndarray:
    """Compute the mean likeness of each caption to all of them.

    The one with the highest is the choice of least Bayes risk (Kumar and Byrne 2004,
    "Minimum Bayes-risk decoding for statistical machine translation"; Devlin et al.
    2015, "Exploring nearest neighbor approaches for image captioning", choose captions
    by consensus). Likeness is that of CIDEr-D (Vedantam et al. 2015), but an n-gram is
    as rare as its words are on the average.

    Args:
        captions: The words of N captions.
        weights: The weight of each, `[N]`, at least 0, not all 0.
        rarity: How much a word counts, at least 0; see `Vocabulary.rarity`.

    Returns:
        `[N]`, float64, between 0 and 1.
    """
    lengths = np.array([len(caption) for caption in captions], np.float64)
    differences = lengths[:, np.newaxis] - lengths
    likeness = np.zeros_like(differences)
    for counts in _counts_by_length(captions, rarity):
        # What a caption repeats more often than the other one does not count.
        common = np.einsum(
            "ijg,jg->ij", np.minimum(counts[:, np.newaxis], counts), counts
        )
        norms = np.linalg.norm(counts, axis=1)
        products = np.outer(norms, norms)
        likeness += np.divide(
            common, products, out=np.zeros_like(common), where=products > 0
        )
    likeness *= np.exp(-(differences**2) / (2 * _LENGTH_SIGMA**2)) / LONGEST_NGRAM
    mean: np.ndarray = likeness @ weights / weights.sum()
    return mean


def _counts_by_length(
    captions: Sequence[Sequence[str]], rarity: Callable[[str], float]
) -> list[np.ndarray]:
    """Count the n-grams of captions, the rare ones for more.

    Returns:
        For each n `[N, different n-grams]`.
    """
    counted = [count_ngrams(caption) for caption in captions]
    different = set().union(*counted)
    return [
        np.array([[ngrams[ngram] for ngram in columns] for ngrams in counted], float)
        * [sum(map(rarity, ngram)) / n for ngram in columns]
        for n, columns in (
            (n, [ngram for ngram in different if len(ngram) == n])
            for n in range(1, LONGEST_NGRAM + 1)
        )
    ]
