"""The word detector adapted: to own pictures, and to no others."""

from __future__ import annotations

import numpy as np

from imagecap.model.confidence import OutOfDistribution
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.adapt_word_detector import adapt_word_detector

VOCABULARY = Vocabulary(("dog", "cat", "momo"), (1.0, 1.0, 3.0))
DOG, CAT, MOMO = VOCABULARY.encode(["dog", "cat", "momo"])


def detector() -> WordDetector:
    """Sees dogs in the first feature and cats in the second."""
    weights = np.eye(8, 2)
    means = np.full(2, 0.1)
    return WordDetector.of_map(np.array([DOG, CAT], np.int32), weights, means, means)


def usual() -> OutOfDistribution:
    mean = np.full(8, 1, np.float32) / np.sqrt(8)
    return OutOfDistribution(mean, np.zeros((0, 8), np.float32))


def own_pictures() -> np.ndarray:
    """Twelve pictures of what lies in the third feature."""
    noise = np.random.default_rng(0).normal(0, 0.05, (12, 8))
    pictures = np.eye(8)[[2]] + noise
    return (pictures / np.linalg.norm(pictures, axis=1, keepdims=True)).astype("f4")


def weights(one: WordDetector, features: np.ndarray) -> np.ndarray:
    return one.detect(features[np.newaxis].astype(np.float32), VOCABULARY).weights[0]


def test_a_new_word_is_seen_in_pictures_like_those_it_was_written_of() -> None:
    own = own_pictures()
    adapted = adapt_word_detector(
        detector(), own, [[["momo"]]] * 12, VOCABULARY, usual(), {}
    )
    assert MOMO in adapted.numbers
    assert weights(adapted, own[0])[MOMO] > 0.5
    assert weights(adapted, np.eye(8)[0])[MOMO] < 0.2


def test_what_it_knew_of_the_usual_picture_stays() -> None:
    own = own_pictures()
    before = detector()
    adapted = adapt_word_detector(
        before, own, [[["cat"]]] * 12, VOCABULARY, usual(), {}
    )
    mean = usual().mean * np.linalg.norm(own, axis=1).mean()
    np.testing.assert_allclose(
        weights(adapted, mean)[[DOG, CAT]],
        weights(before, mean)[[DOG, CAT]],
        atol=0.03,
    )
    assert weights(adapted, own[0])[CAT] > weights(before, own[0])[CAT] + 0.3


def test_captions_that_say_what_it_expects_change_next_to_nothing() -> None:
    own = np.eye(8, dtype=np.float32)[[0] * 6]
    before = WordDetector.of_map(
        np.array([DOG], np.int32), np.eye(8, 1), np.zeros(1), np.zeros(1)
    )
    adapted = adapt_word_detector(before, own, [[["dog"]]] * 6, VOCABULARY, None, {})
    for picture in np.eye(8):
        np.testing.assert_allclose(
            weights(adapted, picture), weights(before, picture), atol=0.01
        )


def test_a_new_word_is_seen_wherever_the_one_is_that_it_is_like() -> None:
    """Three pictures with a name, of which the usual one is a little of everything."""
    own = np.eye(8, dtype=np.float32)[[0, 0, 0]]
    captions = [[["momo"]]] * 3
    like, unlike = (
        adapt_word_detector(detector(), own, captions, VOCABULARY, usual(), stand_ins)
        for stand_ins in ({MOMO: DOG}, {})
    )
    # Another dog, in another light.
    picture = (np.eye(8)[0] + np.eye(8)[5]) / np.sqrt(2)
    assert weights(like, picture)[MOMO] > weights(unlike, picture)[MOMO] + 0.1
    cat = np.eye(8)[1]
    assert weights(like, cat)[MOMO] < 0.2


def test_captions_that_have_nothing_to_do_with_the_pictures_change_little() -> None:
    generator = np.random.default_rng(0)
    own = generator.random((40, 8)).astype(np.float32)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    said = [["dog"] if one else ["cat"] for one in generator.random(40) < 0.5]
    before = WordDetector.of_map(
        np.array([DOG, CAT], np.int32), np.eye(8, 2) / 100, np.full(2, 0.5), np.ones(2)
    )
    adapted = adapt_word_detector(
        before, own, [[caption] for caption in said], VOCABULARY, usual(), {}
    )
    differences = [weights(adapted, one) - weights(before, one) for one in own]
    assert np.abs(differences).max() < 0.05
