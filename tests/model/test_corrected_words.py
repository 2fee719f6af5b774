"""What people said of pictures changes what is expected of others that are alike."""

from __future__ import annotations

import numpy as np
import pytest

from imagecap.model.corrected_words import CorrectedWords, Correction
from imagecap.model.embedding import Embedding
from imagecap.model.rankers import ExpectedWords
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "tram", "bus"], [0.1, 2.0, 4.0, 4.0])
A, DOG, TRAM, BUS = VOCABULARY.encode(["a", "dog", "tram", "bus"])
DETECTOR = WordDetector.of_map(
    np.array([DOG, BUS], np.int32), np.eye(3, 2), np.zeros(2), np.array([0.1, 0.1])
)
EMBEDDING = Embedding(np.zeros(3), np.eye(3), np.eye(2, 3))
STREET, ANOTHER_STREET = np.array([[0, 0.6, 0.8], [0, 0.5, 0.866]], np.float32)
MEADOW = np.array([1, 0, 0], np.float32)


class Written:
    def __init__(self, *corrections: Correction) -> None:
        self.corrections = list(corrections)
        self.asked = 0

    def version(self) -> int:
        return len(self.corrections)

    def read(self) -> list[Correction]:
        self.asked += 1
        return self.corrections


def expect(
    written: Written, *vectors: np.ndarray, embedding: Embedding | None = EMBEDDING
) -> tuple[ExpectedWords, ExpectedWords]:
    features = np.stack(vectors)
    before = DETECTOR.detect(features, VOCABULARY)
    corrected = CorrectedWords(written, lambda: embedding, DETECTOR, VOCABULARY)
    return before, corrected.correct(before, features)


def test_a_word_of_the_correction_gains_where_pictures_are_alike() -> None:
    written = Written(*[Correction(STREET, [["a", "tram"]])] * 6)
    before, after = expect(written, ANOTHER_STREET, MEADOW)
    assert after.weights[0, TRAM] > before.weights[0, TRAM] + 0.3
    assert after.weights[0, BUS] < before.weights[0, BUS]
    gained = after.weights - before.weights
    assert after.word_bias[0, TRAM] == pytest.approx(4 * gained[0, TRAM], rel=1e-4)
    assert gained[1] == pytest.approx(np.zeros(len(VOCABULARY)), abs=1e-6)
    assert (gained[:, : len(Vocabulary.SPECIAL)] == 0).all()


def test_more_corrections_say_more() -> None:
    gains = []
    for count in (1, 5, 50):
        written = Written(*[Correction(STREET, [["a", "tram"]])] * count)
        before, after = expect(written, ANOTHER_STREET)
        gains.append(after.weights[0, TRAM] - before.weights[0, TRAM])
    assert 0 < gains[0] < gains[1] < gains[2] < 1


def test_a_picture_is_not_told_by_what_was_said_of_itself() -> None:
    before, after = expect(Written(Correction(STREET, [["a", "tram"]])), STREET)
    assert (after.weights == before.weights).all()


def test_words_that_the_model_does_not_know_are_left_out() -> None:
    written = Written(Correction(STREET, [["zyzzyva"]]))
    before, after = expect(written, ANOTHER_STREET)
    assert (after.weights[:, TRAM] == before.weights[:, TRAM]).all()
    assert (after.weights[:, Vocabulary.UNKNOWN] == 0).all()


def test_without_corrections_nothing_changes_and_nothing_is_computed() -> None:
    before, after = expect(Written(), STREET, embedding=None)
    assert after is before


def test_vectors_of_another_length_have_no_say() -> None:
    before, after = expect(Written(Correction(np.ones(2), [["tram"]])), STREET)
    assert after is before


def test_new_corrections_count_from_the_next_picture_on() -> None:
    written = Written()
    corrected = CorrectedWords(written, lambda: EMBEDDING, DETECTOR, VOCABULARY)
    features = ANOTHER_STREET[np.newaxis]
    before = DETECTOR.detect(features, VOCABULARY)
    assert corrected.correct(before, features) is before
    written.corrections.append(Correction(STREET, [["a", "tram"]]))
    after = corrected.correct(before, features)
    assert after.weights[0, TRAM] > before.weights[0, TRAM]
    corrected.correct(before, features)
    assert written.asked == 2


def test_what_is_not_like_any_correction_is_left_alone() -> None:
    written = Written(*[Correction(STREET, [["a", "tram"]])] * 6)
    # What little it has in common with the street is not enough.
    other = np.array([0.98, 0.12, 0.16], np.float32)
    before, after = expect(written, other)
    assert (after.weights == before.weights).all()
    assert (after.word_bias == before.word_bias).all()
