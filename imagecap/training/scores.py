"""Scores of captions against what people wrote.

The rules: words as `tokenize` gives them, no boundary tokens, all references used.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from nltk.translate.bleu_score import corpus_bleu

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
    lengths = range(1, _LONGEST_NGRAM + 1)
    with warnings.catch_warnings():
        # NLTK warns where no long n-gram fits; the score of 0 says the same.
        warnings.simplefilter("ignore", UserWarning)
        bleu = corpus_bleu(truths, hypotheses, [(1 / n,) * n for n in lengths])
    scores = {
        f"BLEU-{n}": 100 * float(score) for n, score in zip(lengths, bleu, strict=True)
    }
    scores["CIDEr"] = 100 * float(np.mean(cider_d(hypotheses, truths)))
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
