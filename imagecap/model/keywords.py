"""Keywords of a picture: the words that people would say of it, most likely first."""

from __future__ import annotations

import numpy as np

from imagecap.text.lexicon import COLOURS, FUNCTION_WORDS, NUMBERS, stem
from imagecap.text.vocabulary import Vocabulary

_NO_KEYWORDS = frozenset(
    {*Vocabulary.SPECIAL, *FUNCTION_WORDS, *COLOURS, *NUMBERS},
)


def choose_keywords(
    expected: np.ndarray, vocabulary: Vocabulary, limit: int, threshold: float
) -> tuple[str, ...]:
    """Choose keywords by what a word detector expects; see `ExpectedWords.weights`.

    Words that name nothing, colours and numbers are none; of several forms of a word,
    such as "dog" and "dogs", the first is enough.

    Args:
        expected: The weight of each word in people's captions of the picture,
            `[vocabulary]`, float32.
        vocabulary: The words.
        limit: How many there are at most.
        threshold: The least weight, between 0 and 1.

    Returns:
        The words with the greatest weight, in its order.
    """
    words = [
        vocabulary.words[number] for number in np.argsort(-expected, kind="stable")
    ]
    count = int((expected >= threshold).sum())
    chosen: dict[str, str] = {}
    for word in words[:count]:
        if len(chosen) >= limit:
            break
        if word not in _NO_KEYWORDS:
            chosen.setdefault(stem(word), word)
    return tuple(chosen.values())
