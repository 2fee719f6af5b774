"""Words that people use of the same pictures, as far as a model has learned it."""

from __future__ import annotations

import functools

import numpy as np

from imagecap.errors import ImagecapError
from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.model.captioner import DEFAULT_MODEL
from imagecap.model.confidence import load_confidence
from imagecap.model.word_detector import load_word_detector
from imagecap.text.lexicon import FUNCTION_WORDS

# Chosen by eye over thirty words; more directions bring noise, fewer blur.
_DIRECTIONS = 32
_LEAST_COSINE, _LEAST_SHARE, _MOST = 0.45, 0.6, 3


def near_words(word: str) -> tuple[str, ...]:
    """Return words that are said of pictures of which this one is said.

    The word detector maps what a picture shows to words. Within the directions in which
    pictures differ most, those words are near whose maps point the same way, above all
    those that pictures often have: “puppy” leads to “dog”.

    Args:
        word: In lower case.

    Returns:
        Up to three, the nearest first; none for a word that the model does not know.
    """
    words, maps = _maps()
    if word not in words:
        return ()
    lengths = np.linalg.norm(maps, axis=0) + 1e-12
    place = words.index(word)
    cosines = maps[:, place] @ maps / (lengths * lengths[place])
    is_other = np.array([one != word and one not in FUNCTION_WORDS for one in words])
    weights = np.where(is_other & (cosines >= _LEAST_COSINE), cosines, 0) * lengths**0.5
    best = np.argsort(-weights)[:_MOST]
    least = max(float(weights[best[0]]) * _LEAST_SHARE, 1e-12)
    return tuple(words[number] for number in best if weights[number] >= least)


@functools.cache
def _maps() -> tuple[list[str], np.ndarray]:
    """Return the words and what they have to do with each direction, `[K, M]`."""
    try:
        bundle = load_bundle(find_bundle(DEFAULT_MODEL))
        detector, confidence = load_word_detector(bundle), load_confidence(bundle)
    except ImagecapError:
        return [], np.empty((0, 0))
    subspace = confidence.out_of_distribution if confidence else None
    if detector is None or subspace is None:
        return [], np.empty((0, 0))
    weights = detector.rounded * detector.scales
    # Of grids the first half are the means, which the detector reads.
    directions = subspace.directions[:_DIRECTIONS, : len(weights)]
    words = [bundle.vocabulary.words[number] for number in detector.numbers]
    return words, directions @ weights
