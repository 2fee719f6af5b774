"""Which pictures a model remembers after it has learned from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from imagecap.model.corrected_words import PRIOR_PICTURES, Correction, mean_weights
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary


def remember(
    vectors: np.ndarray,
    captions: Sequence[Sequence[Sequence[str]]],
    features: np.ndarray,
    detector: WordDetector,
    vocabulary: Vocabulary,
    firsts: Sequence[str],
) -> list[Correction]:
    """Remember pictures, if what was said of them tells of others like them.

    Whether it does, is told by the pictures themselves, each from all others (Allen
    1974, PRESS): what photographs without a theme have in common, is chance. Those that
    show the same are left out together.

    Args:
        vectors: Those of N pictures, `[N, L]`; see `Embedding`.
        captions: For each its captions, each as its words.
        features: Of these pictures, `[N, ..., P]`, float32.
        detector: The model's word detector.
        vocabulary: The words of the model.
        firsts: For each the first one that shows the same; see `Firsts.alike`.

    Returns:
        All of them, or none.
    """
    numbers = detector.numbers
    columns = {vocabulary.words[number]: i for i, number in enumerate(numbers)}
    missing = -detector.detect(features, vocabulary).weights[:, numbers]
    for row, group in zip(missing, captions, strict=True):
        for word, weight in mean_weights(group, vocabulary).items():
            if word in columns:
                row[columns[word]] += weight
    products = vectors @ vectors.T
    ridge = products + PRIOR_PICTURES * np.eye(len(products))
    told = products @ np.linalg.inv(ridge)
    rest = missing - told @ missing
    left = rest / (1 - np.diag(told))[:, np.newaxis]
    for first, count in Counter(firsts).items():
        if count > 1:
            same = np.flatnonzero([one == first for one in firsts])
            of_others = np.eye(count) - told[np.ix_(same, same)]
            left[same] = np.linalg.solve(of_others, rest[same])
    if (left**2).sum() >= (missing**2).sum():
        return []
    return [Correction(*each) for each in zip(vectors, captions, strict=True)]
