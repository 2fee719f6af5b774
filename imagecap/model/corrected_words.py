"""What people said of pictures that are alike, for the words of the next caption.

So a correction helps the next picture of its kind at once, without training. Words that
the model does not know cannot be said before it has learned them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from imagecap.model.embedding import Embedding
from imagecap.model.rankers import ExpectedWords, word_weights
from imagecap.text.vocabulary import Vocabulary

NEAREST = 10
"""How many corrections have a say in a caption, at most."""

# How soon a correction counts less where it is less alike, and the weight of what the
# word detector says, beside 1 for a correction of the same picture. Chosen on
# photographs of MS-COCO that no model has learned from; benchmarks/at_once.py.
_WIDTH = 0.1
_PRIOR = 0.1


class Correction(NamedTuple):
    """What a person said of a picture.

    Attributes:
        likeness: How much the picture is like the one to be described; see `Embedding`.
        words: The words of the caption.
    """

    likeness: float
    words: tuple[str, ...]


class Corrections(Protocol):
    """What people have corrected."""

    def __len__(self) -> int:
        """Return how many corrections there are by now."""

    def nearest(self, vector: np.ndarray, count: int) -> Sequence[Correction]:
        """Give corrections of the pictures that are most like one.

        Args:
            vector: That of the picture, `[L]`, of length one; see `Embedding`.
            count: How many are wanted at most.
        """


class CorrectedWords:
    """Says what people would write of pictures, as far as they wrote of others.

    The word detector's prediction is drawn towards the mean of the nearest corrections,
    each weighted by how alike its picture is: further, the more there are.

    Source: Nadaraya 1964, "On estimating regression"; Khandelwal et al. 2020,
    "Generalization through memorization", join a model with its nearest examples.

    Args:
        corrections: What people have corrected; there may be more later.
        get_embedding: Gives what makes the vectors of pictures; not asked where there
            are no corrections, for the first time takes a while.
        vocabulary: The words of the model.
    """

    def __init__(
        self,
        corrections: Corrections,
        get_embedding: Callable[[], Embedding],
        vocabulary: Vocabulary,
    ) -> None:
        self._corrections = corrections
        self._get_embedding = get_embedding
        self._vocabulary = vocabulary

    def correct(self, expected: ExpectedWords, features: np.ndarray) -> ExpectedWords:
        """Return what is expected of pictures with the corrections in mind.

        Args:
            expected: What the word detector says of them.
            features: The encoder's output for them, `[N, ..., P]`, float32.
        """
        weights, word_bias = expected.weights.copy(), expected.word_bias.copy()
        vectors = self._embedding.embed(features)
        for row, vector in enumerate(vectors):
            nearest = self._corrections.nearest(vector, NEAREST)
            self._correct(weights[row], word_bias[row], nearest)
        return ExpectedWords(weights, word_bias)
