"""The word detector of a finished model, adapted to pictures of a person's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from imagecap.model.confidence import OutOfDistribution
from imagecap.model.rankers import word_weights
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary

# How many pictures like one it takes to outweigh what the detector knew of it: one of
# these, by how well each picture is told from the others.
_PRIORS = 6.0 * 2.0 ** np.arange(8)
# Of another kind of pictures less was known.
_PRIORS_OF_KIND = 0.25 * 2.0 ** np.arange(13)
_PRIOR_PICTURES_OF_NEW_WORD = 0.5
# Each way from zero; small changes to a map of large numbers would be rounded away.
_STEPS = 127


def adapt_word_detector(
    detector: WordDetector,
    features: np.ndarray,
    captions: Sequence[Sequence[Sequence[str]]],
    vocabulary: Vocabulary,
    usual: OutOfDistribution | None,
    stand_ins: Mapping[int, int],
    first_new: int | None = None,
) -> WordDetector:
    """Bring a word detector nearer to what people write of some pictures.

    Ridge regression (Hoerl and Kennard 1970) that shrinks towards the map as it was,
    instead of towards zero; how much, is chosen by how well each picture is told from
    the others (Allen 1974, PRESS). Features count by how they differ from those of the
    usual picture, so that what is learned of some pictures changes nothing for others
    on the whole.

    Args:
        detector: The detector as it was.
        features: Of N pictures, `[N, P]`, float32; see `mean_features`.
        captions: For each picture its captions, each as its words.
        vocabulary: The words of the model, new ones at its end.
        usual: Knows the features of the pictures that the detector learned from.
        stand_ins: For new words that are like a known one the number of that.
        first_new: Where only new words are to be learned, the number of the first.
    """
    numbers = _numbers_with_new(detector, captions, vocabulary, first_new or 0)
    if first_new is not None and len(numbers) == len(detector.numbers):
        return detector
    known = len(detector.numbers)
    weights, offsets, means = _with_new(detector, numbers, stand_ins)
    centre = _usual_features(features, usual)
    target = _target(captions, numbers, vocabulary)
    missing = target - (features @ weights + offsets)
    if first_new is not None:
        missing[:, :known] = 0
    change = _change(features - centre, missing, known, _PRIORS)
    return WordDetector.of_map(
        numbers, weights + change, offsets - centre @ change, means, _STEPS
    )


def word_detector_of_kind(
    detector: WordDetector,
    features: np.ndarray,
    captions: Sequence[Sequence[Sequence[str]]],
    vocabulary: Vocabulary,
    stand_ins: Mapping[int, int],
) -> WordDetector:
    """Make a word detector for pictures of one kind alone.

    As `adapt_word_detector`, but what is usual is what people write of these pictures:
    the words that they write of all of them say nothing about any.

    Args:
        detector: That of the model.
        features: Of N pictures, `[N, P]`, float32; see `mean_features`.
        captions: For each picture its captions, each as its words.
        vocabulary: The words of the model, new ones at its end.
        stand_ins: For new words that are like a known one the number of that.
    """
    numbers = _numbers_with_new(detector, captions, vocabulary, 0)
    weights, _, _ = _with_new(detector, numbers, stand_ins)
    target = _target(captions, numbers, vocabulary)
    centre, means = features.mean(axis=0, dtype=np.float64), target.mean(axis=0)
    difference = features - centre
    missing = target - means - difference @ weights
    known = len(detector.numbers)
    weights += _change(difference, missing, known, _PRIORS_OF_KIND)
    return WordDetector.of_map(
        numbers, weights, means - centre @ weights, means, _STEPS
    )


def _with_new(
    detector: WordDetector, numbers: np.ndarray, stand_ins: Mapping[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the map, the offsets and what is usual, new words as what they are like.

    Args:
        detector: The detector.
        numbers: Its words and new ones, `[M]`.
        stand_ins: For new words that are like a known one the number of that.

    Returns:
        `[P, M]`, `[M]` and `[M]`.
    """
    known = len(detector.numbers)
    weights = np.zeros((len(detector.rounded), len(numbers)))
    weights[:, :known] = detector.rounded * detector.scales
    offsets, means = np.zeros((2, len(numbers)))
    offsets[:known], means[:known] = detector.offsets, detector.usual
    column = {number: i for i, number in enumerate(numbers.tolist())}
    for new, like in stand_ins.items():
        if new in column and like in column:
            for known_of_each in (weights.T, offsets, means):
                known_of_each[column[new]] = known_of_each[column[like]]
    return weights, offsets, means


def _change(
    difference: np.ndarray, missing: np.ndarray, known: int, priors: np.ndarray
) -> np.ndarray:
    """Return what is added to a map so that it says what is missing, `[P, M]`.

    Args:
        difference: How the features of N pictures differ from the usual, `[N, P]`.
        missing: What the map does not say of them, `[N, M]`.
        known: How many of the words are not new.
        priors: How many pictures it may take to outweigh what was known.
    """
    products = difference @ difference.T
    typical = float(np.mean(np.diag(products)))
    prior = _choose_prior(products / typical, missing[:, :known], priors)
    # Of a new word nothing was known that could be outweighed.
    solved = [
        np.linalg.solve(products + each * typical * np.eye(len(products)), part)
        for each, part in (
            (prior, missing[:, :known]),
            (_PRIOR_PICTURES_OF_NEW_WORD, missing[:, known:]),
        )
    ]
    change: np.ndarray = difference.T @ np.hstack(solved)
    return change


def _choose_prior(
    products: np.ndarray, missing: np.ndarray, priors: np.ndarray
) -> float:
    """Choose the prior that tells of each picture, from the others, what is missing."""
    values, vectors = np.linalg.eigh(products)
    turned = vectors.T @ missing
    errors = []
    for prior in priors:
        kept = values / (values + prior)
        left = missing - vectors @ (kept[:, np.newaxis] * turned)
        own = (vectors**2) @ kept
        errors.append(((left / (1 - own)[:, np.newaxis]) ** 2).sum())
    return float(priors[np.argmin(errors)])


def _numbers_with_new(
    detector: WordDetector,
    captions: Sequence[Sequence[Sequence[str]]],
    vocabulary: Vocabulary,
    first: int,
) -> np.ndarray:
    """Return the words that the detector knows, and then those to be added.

    Args:
        detector: The detector as it was.
        captions: For each picture its captions, each as its words.
        vocabulary: The words of the model.
        first: The number from which on words may be added.
    """
    said = {word for group in captions for caption in group for word in caption}
    known = set(detector.numbers.tolist())
    added = [
        number
        for number, word in enumerate(vocabulary.words)
        if word in said and number >= first and number not in known
    ]
    return np.array([*detector.numbers, *added], np.int32)


def _usual_features(
    features: np.ndarray, usual: OutOfDistribution | None
) -> np.ndarray:
    if usual is None:
        return np.zeros(features.shape[1], np.float32)
    # It knows their mean after they were brought to length one.
    length = np.linalg.norm(features, axis=1).mean()
    centre: np.ndarray = length * usual.mean[: features.shape[1]]
    return centre


def _target(
    captions: Sequence[Sequence[Sequence[str]]],
    numbers: np.ndarray,
    vocabulary: Vocabulary,
) -> np.ndarray:
    """Return the mean weight of each word in the captions of each picture."""
    columns = {vocabulary.words[number]: i for i, number in enumerate(numbers)}
    target = np.zeros((len(captions), len(numbers)))
    for row, group in zip(target, captions, strict=True):
        for caption in group:
            for word, weight in word_weights(caption, vocabulary).items():
                if word in columns:
                    row[columns[word]] += weight / len(group)
    return target
