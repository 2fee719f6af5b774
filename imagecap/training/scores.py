"""Scores of captions against what people wrote.

The rules: words as `tokenize` gives them, no boundary tokens, all references used.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from nltk.translate.bleu_score import (
    brevity_penalty,
    closest_ref_length,
    modified_precision,
)

Words = Sequence[str]
Ngram = tuple[str, ...]
_LONGEST_NGRAM = 4
_CIDER_SIGMA = 6.0


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
    scores["CIDEr"] = 100 * float(np.mean(cider_d(hypotheses, truths)))
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


def cider_d(
    hypotheses: Sequence[Words], references: Sequence[Sequence[Words]]
) -> np.ndarray:
    """Compute CIDEr-D of each caption, with word rarity taken from the references.

    Source: Vedantam, Zitnick and Parikh 2015, "CIDEr: Consensus-based image
    description evaluation"; the -D form (clipped counts, Gaussian length penalty with
    σ = 6, times 10) as the public COCO scoring code computes it.

    Args:
        hypotheses: The words of one caption for each of N pictures.
        references: The words of each picture's references.

    Returns:
        `[N]`, float64; 1.0 is what papers print as 100.
    """
    counted_references = [[_ngrams(words) for words in group] for group in references]
    document_frequency = Counter(
        ngram
        for group in counted_references
        for ngram in {ngram for counts in group for ngram in counts}
    )
    log_pictures = math.log(max(len(references), 1))

    def vector(counts: Counter[Ngram]) -> list[dict[Ngram, float]]:
        weights: list[dict[Ngram, float]] = [{} for _ in range(_LONGEST_NGRAM)]
        for ngram, count in counts.items():
            rarity = log_pictures - math.log(max(document_frequency[ngram], 1))
            weights[len(ngram) - 1][ngram] = count * rarity
        return weights

    scores = np.zeros(len(hypotheses))
    for picture, words in enumerate(hypotheses):
        hypothesis = vector(_ngrams(words))
        similarities = [
            _similarity(hypothesis, vector(counts), len(words) - len(reference))
            for counts, reference in zip(
                counted_references[picture], references[picture], strict=True
            )
        ]
        scores[picture] = 10 * np.mean(similarities)
    return scores


def _ngrams(words: Words) -> Counter[Ngram]:
    return Counter(
        tuple(words[first : first + n])
        for n in range(1, _LONGEST_NGRAM + 1)
        for first in range(len(words) - n + 1)
    )


def _similarity(
    hypothesis: list[dict[Ngram, float]],
    reference: list[dict[Ngram, float]],
    length_difference: int,
) -> float:
    """Mean over n of the clipped cosine of two tf-idf vectors."""
    total = 0.0
    for ours, theirs in zip(hypothesis, reference, strict=True):
        norms = _norm(ours) * _norm(theirs)
        if norms > 0:
            shared = sum(
                min(weight, theirs[ngram]) * theirs[ngram]
                for ngram, weight in ours.items()
                if ngram in theirs
            )
            total += shared / norms
    penalty = math.exp(-(length_difference**2) / (2 * _CIDER_SIGMA**2))
    return total * penalty / _LONGEST_NGRAM


def _norm(vector: Mapping[Ngram, float]) -> float:
    return math.sqrt(sum(weight**2 for weight in vector.values()))
