"""What captions say of genders and colours, held against what is expected of a picture.

The decoder says "a man in a red shirt" because such captions are frequent. The word
detector looks at the picture only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from imagecap.text.lexicon import COLOURS, GENDERS, meanings
from imagecap.text.vocabulary import Vocabulary

# What a word is expected to weigh is divided by how rare it is. That of words which
# nearly all captions have is close to zero.
_LEAST_IDF = 0.3


def expected_gender(
    captions: Sequence[Sequence[str]], expected: np.ndarray, vocabulary: Vocabulary
) -> np.ndarray:
    """Compute how much more the gender that captions say is expected than the other.

    Args:
        captions: The words of N captions of a picture.
        expected: The weight of each word in people's captions of it, `[vocabulary]`.
        vocabulary: Numbers the words.

    Returns:
        `[N]`, float64; zero for captions that say none, or both.
    """
    weights = _expected_meanings(GENDERS, expected, vocabulary)
    all_weights = sum(weights.values())
    # With both said, what one has more than the other is what that has less.
    found = [
        sum(2 * weights[one] - all_weights for one in meanings(words, GENDERS))
        for words in captions
    ]
    return np.array(found, np.float64)


def expected_colour(
    captions: Sequence[Sequence[str]], expected: np.ndarray, vocabulary: Vocabulary
) -> np.ndarray:
    """Compute how much the colours that captions say are expected, all together.

    Args:
        captions: The words of N captions of a picture.
        expected: The weight of each word in people's captions of it, `[vocabulary]`.
        vocabulary: Numbers the words.

    Returns:
        `[N]`, float64; zero for captions that say none.
    """
    weights = _expected_meanings(COLOURS, expected, vocabulary)
    found = [
        sum(weights[one] for one in meanings(words, COLOURS)) for words in captions
    ]
    return np.array(found, np.float64)


def count_colours(words: Sequence[str]) -> int:
    """Return how many different colours a caption says."""
    return len(meanings(words, COLOURS))


def _expected_meanings(
    kind: Mapping[str, str], expected: np.ndarray, vocabulary: Vocabulary
) -> dict[str, float]:
    """Add up what is expected of the words that say the same."""
    names, numbers, said, rarities = _known_words(tuple(kind.items()), vocabulary)
    weights = np.bincount(said, expected[numbers] / rarities, len(names))
    return dict(zip(names, weights.tolist(), strict=True))


@lru_cache(maxsize=16)
def _known_words(
    kind: tuple[tuple[str, str], ...], vocabulary: Vocabulary
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Return what words of a kind say, and those of them that a model knows.

    They are the same for every picture.

    Returns:
        What is said; the numbers of the known words; which of it each says; and how
        rare each is.
    """
    names = [*dict.fromkeys(name for _, name in kind)]
    known = [(word, name) for word, name in kind if word in vocabulary]
    numbers = vocabulary.encode(word for word, _ in known)
    said = [names.index(name) for _, name in known]
    rarities = [max(vocabulary.idf(word), _LEAST_IDF) for word, _ in known]
    return (
        names,
        np.array(numbers, np.int64),
        np.array(said, np.int64),
        np.array(rarities, np.float64),
    )
