"""Candidates for the caption of a picture, ordered: the best first.

The most probable caption is often a short and vague one. Among many probable captions,
the one that has most in common with the others says what nearly all of them say, and
the one whose words a detector expects is seldom about another picture.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Annotated, Literal, Protocol

import numpy as np

from imagecap.model.caption import Caption
from imagecap.model.records import Range
from imagecap.text.lexicon import repeats_itself
from imagecap.text.tokenizer import LONGEST_NGRAM
from imagecap.text.vocabulary import Vocabulary, as_rows

_LENGTH_SIGMA = 6.0
# Stands for the end of a caption among the numbers of words.
_BREAK = 1


@dataclass(frozen=True)
class ExpectedWords:
    """What people are expected to write of pictures.

    Attributes:
        weights: The mean weight of each word in their captions of each picture, as of
            `word_weights`, `[N, vocabulary]`, float32.
        word_bias: How much more a caption has in common with theirs for each word, than
            it would with captions of any picture: how much higher its weight is here,
            times its idf, `[N, vocabulary]`, float32.
    """

    weights: np.ndarray
    word_bias: np.ndarray


class Ranker(Protocol):
    """Tells how good the candidates for the caption of one picture are."""

    def scores(
        self, candidates: Sequence[Caption], vocabulary: Vocabulary
    ) -> np.ndarray:
        """Compute a score for each candidate, `[N]`, float64; more is better."""


@dataclass(frozen=True)
class Likelihood:
    """Ranks candidates by their probability, whatever they have in common.

    Attributes:
        name: Which ranker it is.
        length_penalty: Exponent of the length by which log-probabilities are divided.
    """

    name: Literal["likelihood"] = "likelihood"
    length_penalty: Annotated[float, Range(0, 10)] = 0.7

    def scores(
        self, candidates: Sequence[Caption], vocabulary: Vocabulary
    ) -> np.ndarray:
        """Compute a score for each candidate; see `Ranker`."""
        return np.array([one.score(self.length_penalty) for one in candidates])


@dataclass(frozen=True)
class MinimumBayesRisk:
    """Ranks candidates by what they have in common with each other; see `mbr_scores`.

    Where there is a word detector, what they have in common with what people are
    expected to write counts, too.

    Attributes:
        name: Which ranker it is.
        vote_exponent: Each candidate counts by its probability to this power.
        expected_cider_weight: What the expected CIDEr counts beside the agreement.
    """

    name: Literal["minimum_bayes_risk"] = "minimum_bayes_risk"
    vote_exponent: Annotated[float, Range(0, 1000)] = 0.2
    expected_cider_weight: Annotated[float, Range(0, 1000)] = 10.0

    def scores(
        self, candidates: Sequence[Caption], vocabulary: Vocabulary
    ) -> np.ndarray:
        """Compute a score for each candidate; see `Ranker`."""
        values = agreement(candidates, vocabulary, self.vote_exponent)
        expected = np.array([one.expected_cider or 0.0 for one in candidates])
        ranked: np.ndarray = values + self.expected_cider_weight * expected
        return ranked


def order_candidates(
    ranker: Ranker,
    candidates: Sequence[Caption],
    vocabulary: Vocabulary,
    fluency: np.ndarray | None = None,
) -> list[Caption]:
    """Order the candidates of one picture.

    Args:
        ranker: Tells how good they are.
        candidates: At least one.
        vocabulary: The words of the model.
        fluency: What is added to the score of each by the language model, `[N]`.

    Returns:
        The best first; those that repeat themselves after all others.
    """
    values = ranker.scores(candidates, vocabulary)
    if fluency is not None:
        values = values + fluency
    ordered = [candidates[i] for i in np.argsort(-values, kind="stable")]
    return sorted(ordered, key=lambda one: repeats_itself(one.words))


def agreement(
    candidates: Sequence[Caption], vocabulary: Vocabulary, vote_exponent: float
) -> np.ndarray:
    """Compute what candidates have in common with each other; see `mbr_scores`.

    Args:
        candidates: At least one.
        vocabulary: Knows how rare words are.
        vote_exponent: Each counts by its probability to this power.

    Returns:
        `[N]`, float64.
    """
    log_probabilities = np.array([one.log_probability for one in candidates])
    relative = log_probabilities - log_probabilities.max()
    votes = np.exp(vote_exponent * relative)
    return mbr_scores([one.words for one in candidates], votes, vocabulary.idf)


def mbr_scores(
    captions: Sequence[Sequence[str]],
    weights: np.ndarray,
    idf: Callable[[str], float],
) -> np.ndarray:
    """Compute the mean CIDEr-D of each caption against all of them.

    The one with the highest is the choice of least Bayes risk (Kumar and Byrne 2004,
    "Minimum Bayes-risk decoding for statistical machine translation"; Devlin et al.
    2015, "Exploring nearest neighbor approaches for image captioning", choose captions
    by consensus). CIDEr-D is that of Vedantam et al. 2015, but the idf of an n-gram is
    the mean of those of its words.

    Args:
        captions: The words of N captions.
        weights: The weight of each, `[N]`, at least 0, not all 0.
        idf: How much a word counts, at least 0; see `Vocabulary.idf`.

    Returns:
        `[N]`, float64, between 0 and 1.
    """
    counts, times, firsts = _count_ngrams(captions, idf)
    norms = np.sqrt(np.add.reduceat(counts**2, firsts, axis=1))
    norms[norms == 0] = 1
    sizes = [end - first for first, end in pairwise([*firsts, counts.shape[1]])]
    norms = norms.repeat(sizes, axis=1)
    units = counts / norms
    cider = np.einsum("ig,jg->ij", units, units)
    # What a caption repeats more often than the other one does not count.
    repeated = np.flatnonzero(times.max(axis=0) > 1)
    if len(repeated):
        some, theirs = counts[:, repeated], units[:, repeated]
        surplus = np.maximum(some[:, np.newaxis] - some, 0)
        cider -= np.einsum("ijg,ig,jg->ij", surplus, 1 / norms[:, repeated], theirs)
    lengths = np.array([len(caption) for caption in captions], np.float64)
    differences = lengths[:, np.newaxis] - lengths
    cider *= np.exp(-(differences**2) / (2 * _LENGTH_SIGMA**2)) / LONGEST_NGRAM
    mean: np.ndarray = cider @ weights / weights.sum()
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
    """Compute what CIDEr captions of a picture may expect, as far as single words go.

    Args:
        captions: The words of N captions.
        expected: The weight of each word in people's captions of it, `[vocabulary]`.
        vocabulary: Numbers the words.

    Returns:
        `[N]`, float64.
    """
    numbers = as_rows([*map(vocabulary.encode, captions)])
    idfs = vocabulary.idf_of_each[numbers]
    idfs[numbers == Vocabulary.PADDING] = 0
    # As `word_weights`, for all at once: a word weighs as often as it comes, and the
    # square of its weight is that of how often.
    times = (numbers[:, :, np.newaxis] == numbers[:, np.newaxis]).sum(axis=2)
    lengths = np.sqrt((idfs * idfs * times).sum(axis=1))
    values: np.ndarray = (idfs * expected[numbers]).sum(axis=1)
    np.divide(values, lengths, out=values, where=lengths > 0)
    return values


def _count_ngrams(
    captions: Sequence[Sequence[str]], idf: Callable[[str], float]
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Count the n-grams of captions, of all lengths.

    Returns:
        How often each caption has each of them, times the mean idf of its words, and
        how often alone, both `[N, different n-grams]`; and where those of the next
        length begin. Some of them are of nothing, with 0 for each caption.
    """
    words = dict.fromkeys(chain.from_iterable(captions))
    number_of = {word: number for number, word in enumerate(words, _BREAK + 1)}
    # All captions in one row. No n-gram that goes beyond the end of its own counts.
    row = np.array(
        [n for caption in captions for n in (*map(number_of.get, caption), _BREAK)]
    )
    idfs = np.array([0.0, -np.inf, *map(idf, words)])[row]
    ends = row == _BREAK
    owners = np.cumsum(ends) - ends
    # The number of an n-gram, whose digits are those of its words, none of them zero.
    base = _BREAK + 1 + len(words)
    codes, sums, every = row, idfs, [(row, idfs, owners)]
    for n in range(2, LONGEST_NGRAM + 1):
        codes = codes[:-1] * base + row[n - 1 :]
        sums = sums[:-1] + idfs[n - 1 :]
        every.append((codes, sums / n, owners[: len(codes)]))
    codes, means, owners = map(np.concatenate, zip(*every, strict=True))
    different, columns = np.unique(codes, return_inverse=True)
    shape = len(captions), len(different)
    places, size = owners * len(different) + columns, len(captions) * len(different)
    counts = np.bincount(places, np.maximum(means, 0), size).reshape(shape)
    times = np.bincount(places, minlength=size).reshape(shape)
    firsts = different.searchsorted([base**n for n in range(LONGEST_NGRAM)]).tolist()
    return counts, times, [first for first in firsts if first < len(different)]
