"""Fitting the word detector of a finished model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from imagecap.datasets.dataset import Example, choose_examples
from imagecap.model.confidence import OutOfDistribution
from imagecap.model.rankers import word_weights
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.adapt_word_detector import adapt_word_detector
from imagecap.training.export.captioned_features import CaptionedFeatures

FEWEST_PICTURES = 2000
"""From so many `default` gains a point on dev; from half of them it gained nothing."""

_MOST_PICTURES = 50_000
# Words that a smaller share of captions has are left out; of them nothing is told.
_LEAST_SHARE = 5e-4
# For each picture; with a hundredth of it, frequent words of unseen pictures are told
# no better than by their mean.
_RIDGE = 3e-4
# What people write of one picture differs: this many captions of it tell half as much
# as any number would.
_HALF = 4


class WordDetectorFit(CaptionedFeatures):
    """Fits a word detector to the features of pictures.

    Args:
        examples: The pictures that the model was trained on. Of more than 50,000 so
            many, chosen at random, are learned from; of too few none.
        former: A word detector for the same features, to be adapted where pictures are
            too few for a new one.
        usual: Knows the features of the pictures that it learned from.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        former: WordDetector | None = None,
        usual: OutOfDistribution | None = None,
    ) -> None:
        chosen = choose_examples(examples, _MOST_PICTURES)
        enough = len(chosen) >= FEWEST_PICTURES or former is not None
        super().__init__(chosen if enough else [], np.float32)
        self._former = former
        self._usual = usual

    def fit(self, vocabulary: Vocabulary) -> WordDetector | None:
        """Return the word detector; `None` if there were too few pictures."""
        if self.pictures >= FEWEST_PICTURES:
            return fit_word_detector(self.features, self.captions, vocabulary)
        if self._former is None or not self.pictures:
            return self._former
        return adapt_word_detector(
            self._former,
            self.features,
            self.captions,
            vocabulary,
            self._usual,
            {},
        )


def fit_word_detector(
    features: np.ndarray,
    captions: Sequence[Sequence[Sequence[str]]],
    vocabulary: Vocabulary,
) -> WordDetector:
    """Fit a word detector by ridge regression.

    Source: Hoerl and Kennard 1970, "Ridge regression: biased estimation for
    nonorthogonal problems".

    Args:
        features: Of N pictures, `[N, P]`, float32; see `mean_features`.
        captions: For each picture its captions, each as its words.
        vocabulary: The words of the model.
    """
    words = _frequent_words(captions, vocabulary)
    columns = {word: column for column, word in enumerate(words)}
    weights = np.zeros((len(captions), len(words)), np.float32)
    for row, group in zip(weights, captions, strict=True):
        for caption in group:
            for word, weight in word_weights(caption, vocabulary).items():
                if word in columns:
                    row[columns[word]] += weight / len(group)
    counts = np.array([len(group) for group in captions], np.float64)
    shares = counts / (counts + _HALF)
    shares /= shares.sum()
    mean = shares @ features
    usual = shares @ weights
    offsets = features - mean
    weighted = (shares[:, np.newaxis] * offsets).T
    ridge = _RIDGE * np.eye(features.shape[1])
    solution = np.linalg.solve(weighted @ offsets + ridge, weighted @ (weights - usual))
    numbers = np.array(vocabulary.encode(words), np.int32)
    return WordDetector.of_map(numbers, solution, usual - mean @ solution, usual)


def _frequent_words(
    captions: Sequence[Sequence[Sequence[str]]], vocabulary: Vocabulary
) -> list[str]:
    counts = Counter(
        word for group in captions for caption in group for word in set(caption)
    )
    fewest = _LEAST_SHARE * sum(map(len, captions))
    known = vocabulary.words[len(Vocabulary.SPECIAL) :]
    return [word for word in known if counts[word] >= max(fewest, 1)]
