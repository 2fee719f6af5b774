"""Scores of captions against what people wrote.

The rules: words as `tokenize` gives them, no boundary tokens, all references used.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from nltk.translate.bleu_score import (
    brevity_penalty,
    closest_ref_length,
    modified_precision,
)

Words = Sequence[str]
Ngram = tuple[str, ...]
_LONGEST_NGRAM = 4
_CIDER_SIGMA = 6.0


@dataclass(frozen=True)
class _Vector:
    """A caption as tf-idf weights of its n-grams, for each n, with their norms."""

    weights: list[dict[Ngram, float]]
    norms: list[float]
    length: int


def score_captions(
    captions: Mapping[str, Words], references: Mapping[str, Sequence[Words]]
) -> dict[str, float]:
    """Score one caption a picture.

    Args:
        captions: Picture name → the words of its caption.
        references: Picture name → the words of what people wrote; must hold every
            name in `captions`.

    Returns:
        `BLEU-1` to `BLEU-4` and `CIDEr`, times 100 as papers print them.
    """
    names = list(captions)
    hypotheses = [list(captions[name]) for name in names]
    truths = [[list(words) for words in references[name]] for name in names]
    scores = {
        f"BLEU-{n}": 100 * score
        for n, score in enumerate(bleu(hypotheses, truths), start=1)
    }
    cider = CiderD({name: references[name] for name in names})
    scores["CIDEr"] = 100 * fmean(cider.score(name, captions[name]) for name in names)
    return scores


def bleu(
    hypotheses: Sequence[list[str]], references: Sequence[list[list[str]]]
) -> list[float]:
    """Compute BLEU-1 to BLEU-4 of a whole corpus, weights 1/n.

    Source: Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine
    translation", as the public COCO scoring code computes it. NLTK's `corpus_bleu`
    counts one n-gram for a caption too short to have any, so only its parts are used.

    Args:
        hypotheses: The words of one caption for each of N pictures.
        references: The words of each picture's references.

    Returns:
        Four scores between 0 and 1.
    """
    length = sum(map(len, hypotheses))
    closest = sum(
        closest_ref_length(group, len(words))
        for words, group in zip(hypotheses, references, strict=True)
    )
    penalty = brevity_penalty(closest, length)
    scores, logarithms = [], 0.0
    for n in range(1, _LONGEST_NGRAM + 1):
        precisions = [
            modified_precision(group, words, n)
            for words, group in zip(hypotheses, references, strict=True)
            if len(words) >= n
        ]
        right = sum(precision.numerator for precision in precisions)
        total = sum(precision.denominator for precision in precisions)
        logarithms += math.log(right / total) if right else -math.inf
        scores.append(penalty * math.exp(logarithms / n))
    return scores


class CiderD:
    """CIDEr-D, with the rarity of words taken from one set of references.

    Source: Vedantam, Zitnick and Parikh 2015, "CIDEr: Consensus-based image
    description evaluation"; the -D form (clipped counts, Gaussian length penalty with
    σ = 6, times 10) as the public COCO scoring code computes it.

    Args:
        references: Picture name → the words of what people wrote.
    """

    def __init__(self, references: Mapping[str, Sequence[Words]]) -> None:
        self._references = references
        self._document_frequency = Counter(
            ngram
            for group in references.values()
            for ngram in {ngram for words in group for ngram in _ngrams(words)}
        )
        self._log_pictures = math.log(max(len(references), 1))
        self._vectors: dict[str, list[_Vector]] = {}

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
        weights: list[dict[Ngram, float]] = [{} for _ in range(_LONGEST_NGRAM)]
        for ngram, count in _ngrams(words).items():
            frequency = max(self._document_frequency[ngram], 1)
            rarity = self._log_pictures - math.log(frequency)
            weights[len(ngram) - 1][ngram] = count * rarity
        norms = [
            math.sqrt(sum(weight**2 for weight in group.values())) for group in weights
        ]
        return _Vector(weights, norms, len(words))


def _ngrams(words: Words) -> Counter[Ngram]:
    return Counter(
        tuple(words[first : first + n])
        for n in range(1, _LONGEST_NGRAM + 1)
        for first in range(len(words) - n + 1)
    )


def _similarity(caption: _Vector, reference: _Vector) -> float:
    """Mean over n of the clipped cosine of two tf-idf vectors."""
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
    return total * penalty / _LONGEST_NGRAM
