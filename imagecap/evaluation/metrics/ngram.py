"""Scores of captions against what people wrote.

The rules: words as `tokenize` gives them, no boundary tokens, all references used.
Every score is computed as the public COCO scoring code (coco-caption) computes it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from imagecap.text.tokenizer import LONGEST_NGRAM, Ngram, count_ngrams

Words = Sequence[str]
_CIDER_SIGMA = 6.0
_ROUGE_BETA = 1.2
BLEU_STATISTICS = 2 * LONGEST_NGRAM + 1
"""How many numbers `bleu_statistics` gives."""


@dataclass(frozen=True)
class _Vector:
    """A caption as tf-idf weights of its n-grams, for each n, with their norms."""

    weights: list[dict[Ngram, float]]
    norms: list[float]
    length: int


def score_captions(
    captions: Mapping[str, Words], references: Mapping[str, Sequence[Words]]
) -> dict[str, float]:
    """Score one caption a picture by the two measures that training watches.

    Args:
        captions: Picture name → the words of its caption.
        references: Picture name → the words of what people wrote; must hold every
            name in `captions`.

    Returns:
        `BLEU-1` to `BLEU-4` and `CIDEr`, times 100 as papers print them.
    """
    statistics = [
        bleu_statistics(captions[name], references[name]) for name in captions
    ]
    cider = CiderD({name: references[name] for name in captions})
    return {
        **{
            f"BLEU-{n}": 100 * float(score)
            for n, score in enumerate(bleu(np.sum(statistics, axis=0)), start=1)
        },
        "CIDEr": 100 * fmean(cider.score(name, captions[name]) for name in captions),
    }


def bleu_statistics(words: Words, references: Sequence[Words]) -> np.ndarray:
    """Count what BLEU needs to know of one caption.

    BLEU is a score of a whole corpus: the sums of these counts decide it.

    Args:
        words: The caption.
        references: What people wrote.

    Returns:
        `[9]`, float64: for n from 1 to 4 the n-grams that a reference has, too (each
        counted at most as often as in one reference); for n from 1 to 4 all n-grams;
        the length of the reference closest in length, the shorter one of two.
    """
    allowed: Counter[Ngram] = Counter()
    for reference in references:
        allowed |= count_ngrams(reference)
    counts = np.zeros(BLEU_STATISTICS)
    for ngram, count in count_ngrams(words).items():
        counts[len(ngram) - 1] += min(count, allowed[ngram])
        counts[LONGEST_NGRAM + len(ngram) - 1] += count
    counts[-1] = min(
        map(len, references), key=lambda length: (abs(length - len(words)), length)
    )
    return counts


def bleu(statistics: np.ndarray) -> np.ndarray:
    """Compute BLEU-1 to BLEU-4, weights 1/n, from the counts of a whole corpus.

    Source: Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine
    translation".

    Args:
        statistics: Sums of `bleu_statistics`, `[..., 9]`.

    Returns:
        `[..., 4]`, between 0 and 1.
    """
    # The constants by which coco-caption never divides by zero.
    tiny, small = 1e-15, 1e-9
    matches = statistics[..., :LONGEST_NGRAM] + tiny
    totals = statistics[..., LONGEST_NGRAM:-1] + small
    precisions = np.cumprod(matches / totals, axis=-1)
    lengths = statistics[..., [LONGEST_NGRAM]] + tiny
    closest = statistics[..., [-1]] + small
    penalty = np.exp(np.minimum(1 - closest / lengths, 0))
    scores: np.ndarray = penalty * precisions ** (1 / np.arange(1, LONGEST_NGRAM + 1))
    return scores


def rouge_l(words: Words, references: Sequence[Words]) -> float:
    """Compute the ROUGE-L of one caption, between 0 and 1.

    Source: Lin 2004, "ROUGE: a package for automatic evaluation of summaries"; with
    β = 1.2, and with the best precision and the best recall of all references, as
    coco-caption has it.

    Args:
        words: The caption.
        references: What people wrote.
    """
    # To coco-caption a caption without words is one word that is empty.
    words = words or [""]
    truths = [reference or [""] for reference in references]
    common = [_longest_common_subsequence(words, truth) for truth in truths]
    precision = max(common) / len(words)
    recall = max(
        length / len(truth) for length, truth in zip(common, truths, strict=True)
    )
    if precision == 0:
        return 0.0
    weight = _ROUGE_BETA**2
    return (1 + weight) * precision * recall / (recall + weight * precision)


def _longest_common_subsequence(first: Words, second: Words) -> int:
    """Count the words of the longest sequence that both hold in the same order."""
    row = [0] * (len(second) + 1)
    for word in first:
        diagonal = 0
        for column, other in enumerate(second, start=1):
            above = row[column]
            row[column] = diagonal + 1 if word == other else max(above, row[column - 1])
            diagonal = above
    return row[-1]


class CiderD:
    """CIDEr-D, with the rarity of words taken from one set of references.

    Source: Vedantam, Zitnick and Parikh 2015, "CIDEr: Consensus-based image
    description evaluation"; the -D form (clipped counts, Gaussian length penalty with
    σ = 6, times 10), which coco-caption and papers call CIDEr.

    Args:
        references: Picture name → the words of what people wrote.
    """

    def __init__(self, references: Mapping[str, Sequence[Words]]) -> None:
        self._references = references
        self._document_frequency = Counter(
            ngram
            for group in references.values()
            for ngram in {ngram for words in group for ngram in count_ngrams(words)}
        )
        self._log_pictures = math.log(max(len(references), 1))
        self._vectors: dict[str, list[_Vector]] = {}

    @property
    def is_defined(self) -> bool:
        """Whether any words are rarer than others; without, every score is zero."""
        frequencies = self._document_frequency.values()
        return any(frequency < len(self._references) for frequency in frequencies)

    def score(self, name: str, words: Words) -> float:
        """Score a caption of a picture; 1.0 is what papers print as 100."""
        if name not in self._vectors:
            self._vectors[name] = [self._vector(w) for w in self._references[name]]
        caption = self._vector(words)
        similarities = [
            _similarity(caption, reference) for reference in self._vectors[name]
        ]
        return 10 * sum(similarities) / len(similarities)

    def _vector(self, words: Words) -> _Vector:
        weights: list[dict[Ngram, float]] = [{} for _ in range(LONGEST_NGRAM)]
        for ngram, count in count_ngrams(words).items():
            frequency = max(self._document_frequency[ngram], 1)
            idf = self._log_pictures - math.log(frequency)
            weights[len(ngram) - 1][ngram] = count * idf
        norms = [
            math.sqrt(sum(weight**2 for weight in group.values())) for group in weights
        ]
        return _Vector(weights, norms, len(words))


def _similarity(caption: _Vector, reference: _Vector) -> float:
    """Compute the mean over n of the clipped cosine of two tf-idf vectors."""
    total = 0.0
    for n, ours in enumerate(caption.weights):
        norms = caption.norms[n] * reference.norms[n]
        if norms > 0:
            theirs = reference.weights[n]
            shared = sum(
                min(weight, theirs[ngram]) * theirs[ngram]
                for ngram, weight in ours.items()
                if ngram in theirs
            )
            total += shared / norms
    difference = caption.length - reference.length
    penalty = math.exp(-(difference**2) / (2 * _CIDER_SIGMA**2))
    return total * penalty / LONGEST_NGRAM
