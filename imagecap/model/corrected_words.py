"""What people said of pictures that are alike, for the words of the next caption.

So a correction helps the next picture of its kind at once, without training. Words that
the model does not know cannot be said before it has learned them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from imagecap.model.embedding import Embedding
from imagecap.model.rankers import ExpectedWords, word_weights
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary

PRIOR_PICTURES = 6.0
"""As many pictures like one outweigh what the word detector says of it."""

# How far from what is usual the word detector's predictions are, along a vector of
# length one; the mean over photographs.
_USUAL_DISTANCE = 0.363
# Where no correction is more like the picture than this, what they have in common is
# chance.
_ALIKE = 0.4
SAME = 0.9995
"""Files of one picture are more alike than this.

What a person said of it counts by itself, and the model is not to repeat it as
something of its own.
"""
# So many numbers of a vector are enough to find the nearest of 10,000.
_FIRST = 128


class Correction(NamedTuple):
    """What a person said of a picture.

    Attributes:
        vector: That of the picture, `[L]`, of length one; see `Embedding`.
        captions: The words of each caption; none where all were taken back.
    """

    vector: np.ndarray
    captions: Sequence[Sequence[str]]


class Corrections(Protocol):
    """What people have corrected."""

    def version(self) -> int:
        """Return a number that is another one once there are others."""

    def read(self) -> Sequence[Correction]:
        """Give all that have a say."""


class CorrectedWords:
    """Says what people would write of pictures, as far as they wrote of others.

    Ridge regression (Hoerl and Kennard 1970) from a picture's vector to what people's
    captions have more of each word than the word detector predicts. Vectors of other
    kinds of pictures are nearly at right angles, so for those little changes.

    Args:
        corrections: What people have corrected; there may be more later.
        get_embedding: Gives what makes the vectors of pictures; not asked where there
            are no corrections, for the first time takes a while.
        detector: The model's word detector.
        vocabulary: The words of the model.
    """

    def __init__(
        self,
        corrections: Corrections,
        get_embedding: Callable[[], Embedding],
        detector: WordDetector,
        vocabulary: Vocabulary,
    ) -> None:
        self._corrections = corrections
        self._get_embedding = get_embedding
        self._detector = detector
        self._vocabulary = vocabulary
        self._lock = threading.Lock()
        self._version: int | None = None
        self._map: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
        self._vectors = self._beginnings = np.zeros((0, 0), np.float32)

    def correct(self, expected: ExpectedWords, features: np.ndarray) -> ExpectedWords:
        """Return what is expected of pictures with the corrections in mind.

        Args:
            expected: What the word detector says of them.
            features: The encoder's output for them, `[N, ..., P]`, float32.
        """
        with self._lock:
            version = self._corrections.version()
            if version != self._version:
                self._fit(self._corrections.read())
                self._version = version
            fitted, known = self._map, (self._beginnings, self._vectors)
        if fitted is None:
            return expected
        numbers, idfs, change = fitted
        vectors = self._get_embedding().embed(features)
        likeness = _likeness_of_nearest(vectors, *known)
        # Not a matrix product, whose threads would wait for each other.
        change = np.einsum("nl,lm->nm", vectors, change)
        change[(likeness < _ALIKE) | (likeness > SAME)] = 0
        weights, word_bias = expected.weights.copy(), expected.word_bias.copy()
        weights[:, numbers] += change
        word_bias[:, numbers] += idfs * change
        return ExpectedWords(weights, word_bias)

    def _fit(self, corrections: Sequence[Correction]) -> None:
        self._map = None
        if not corrections:
            return
        embedding, vocabulary = self._get_embedding(), self._vocabulary
        vectors = np.stack([one.vector for one in corrections]).astype(np.float32)
        if vectors.shape[1] != embedding.axes.shape[1]:
            return
        weights = [mean_weights(one.captions, vocabulary) for one in corrections]
        said = {word for each in weights for word in each if word in vocabulary}
        detected = self._detector.numbers
        more = set(vocabulary.encode(sorted(said))) - set(detected.tolist())
        numbers = np.array([*detected.tolist(), *sorted(more)], np.int32)
        columns = {vocabulary.words[number]: i for i, number in enumerate(numbers)}
        usual, words = self._detector.usual, _USUAL_DISTANCE * embedding.words.T
        known = len(detected)
        products = (vectors.T @ vectors).astype(np.float64)
        of_captions = np.zeros((len(products), len(numbers)))
        for vector, each in zip(vectors, weights, strict=True):
            for word in each.keys() & columns.keys():
                of_captions[:, columns[word]] += each[word] * vector
        predicted = np.outer(vectors.sum(axis=0), usual) + products @ words
        of_captions[:, :known] -= predicted
        ridge = products + PRIOR_PICTURES * np.eye(len(products))
        change = np.linalg.solve(ridge, of_captions).astype(np.float32)
        idfs = vocabulary.idf_of_each[numbers].astype(np.float32)
        self._map = numbers, idfs, change
        self._vectors = vectors
        self._beginnings = np.ascontiguousarray(vectors[:, :_FIRST])


def mean_weights(
    captions: Sequence[Sequence[str]], vocabulary: Vocabulary
) -> dict[str, float]:
    """Weigh the words of the captions of a picture; see `word_weights`."""
    mean: dict[str, float] = {}
    for caption in captions:
        for word, weight in word_weights(caption, vocabulary).items():
            mean[word] = mean.get(word, 0.0) + weight / len(captions)
    return mean


def _likeness_of_nearest(
    vectors: np.ndarray, beginnings: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Tell how alike each picture is to the one that is nearest to it.

    Args:
        vectors: Those of pictures, `[N, L]`.
        beginnings: Of the vectors of others, by which the nearest is found.
        known: The vectors of these, `[K, L]`.
    """
    own = vectors[:, : beginnings.shape[1]]
    nearest = known[np.einsum("nl,kl->nk", own, beginnings).argmax(axis=1)]
    likeness: np.ndarray = np.einsum("nl,nl->n", vectors, nearest)
    return likeness
