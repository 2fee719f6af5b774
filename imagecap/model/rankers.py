"""How far captions of a picture agree with each other, and with what is expected.

The most probable caption is often a short and vague one. Among many probable captions,
the one that has most in common with the others says what nearly all of them say, and
the one whose words a detector expects is seldom about another picture.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from imagecap.text.tokenizer import LONGEST_NGRAM, count_ngrams
from imagecap.text.vocabulary import Vocabulary

_LENGTH_SIGMA = 6.0


@dataclass(frozen=True)
class ExpectedWords:
    """What people are expected to write of pictures.

    Attributes:
        weights: The mean weight of each word in their captions of each picture, as of
            `word_weights`, `[N, vocabulary]`, float32.
        gains: How much more a caption has in common with theirs for each word, than it
            would with captions of any picture: how much higher its weight is here,
            times how rare it is, `[N, vocabulary]`, float32.
    """

    weights: np.ndarray
    gains: np.ndarray


def mbr_scores(
    captions: Sequence[Sequence[str]],
    weights: np.ndarray,
    idf: Callable[[str], float],
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
        idf: How much a word counts, at least 0; see `Vocabulary.rarity`.

    Returns:
        `[N]`, float64, between 0 and 1.
    """
    lengths = np.array([len(caption) for caption in captions], np.float64)
    differences = lengths[:, np.newaxis] - lengths
    likeness = np.zeros_like(differences)
    for counts in _counts_by_length(captions, idf):
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


def word_weights(caption: Sequence[str], vocabulary: Vocabulary) -> dict[str, float]:
    """Weigh the words of a caption as CIDEr does: how often times how rare.

    Args:
        caption: Its words.
        vocabulary: Knows how rare they are.

    Returns:
        Word → weight, at least 0; the squares of all sum to one, unless all are 0.
    """
    weights = {w: n * vocabulary.idf(w) for w, n in Counter(caption).items()}
    norm = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
    return {word: weight / norm for word, weight in weights.items()}


def expected_cider(
    captions: Sequence[Sequence[str]], expected: np.ndarray, vocabulary: Vocabulary
) -> np.ndarray:
    """Compute how like what people would write captions of a picture are.

    Args:
        captions: The words of N captions.
        expected: The weight of each word in people's captions of it, `[vocabulary]`.
        vocabulary: Numbers the words.

    Returns:
        `[N]`, float64.
    """
    values = []
    for caption in captions:
        weights = word_weights(caption, vocabulary)
        numbers = vocabulary.encode(weights)
        values.append(float(np.dot(list(weights.values()), expected[numbers])))
    return np.array(values)


def _counts_by_length(
    captions: Sequence[Sequence[str]], idf: Callable[[str], float]
) -> list[np.ndarray]:
    """Count the n-grams of captions, the rare ones for more.

    Returns:
        For each n `[N, different n-grams]`.
    """
    counted = [count_ngrams(caption) for caption in captions]
    different = set().union(*counted)
    return [
        np.array([[ngrams[ngram] for ngram in columns] for ngrams in counted], float)
        * [sum(map(idf, ngram)) / n for ngram in columns]
        for n, columns in (
            (n, [ngram for ngram in different if len(ngram) == n])
            for n in range(1, LONGEST_NGRAM + 1)
        )
    ]
