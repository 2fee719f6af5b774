"""Known words that new ones are like, told by pictures."""

from __future__ import annotations

import numpy as np
import pytest

from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.stand_ins import find_stand_ins, with_idfs_of

KNOWN = ("dog", "cat", "sits", "grass")
DOG, CAT, _, GRASS = range(4, 8)
UNKNOWN = Vocabulary.UNKNOWN


def stand_ins(captions: list[str], pictures: list[list[float]], *new: str) -> list[int]:
    """Those of new words; pictures are how much they show of each known word."""
    none = np.zeros(len(KNOWN))
    numbers = np.arange(4, 8, dtype=np.int32)
    detector = WordDetector.of_map(numbers, np.eye(len(KNOWN)), none, none)
    vocabulary = Vocabulary((*KNOWN, *new))
    groups = [[caption.split()] for caption in captions]
    features = np.array(pictures, np.float32)
    found = find_stand_ins(detector, features, groups, vocabulary, len(KNOWN) + 4)
    return [int(number) for number in found]


def test_a_name_is_like_what_is_seen_and_not_said() -> None:
    captions = ["rex sits", "rex on grass", "a cat sits", "rex again"]
    pictures = [[0.4, 0, 0.2, 0], [0.2, 0, 0, 0.5], [0, 0.6, 0, 0], [0.3, 0.1, 0, 0]]
    assert stand_ins(captions, pictures, "rex") == [DOG]


@pytest.mark.parametrize(
    ("captions", "pictures"),
    [
        (["the dog rex", "our dog rex", "rex the dog"], [[0.4, 0, 0, 0]] * 3),
        (["rex"] * 3, [[0.05, 0, 0, 0.01]] * 3),
        # What one of three pictures shows is no reason, nor is what two leave out.
        (["rex"] * 3, [[0.9, 0, 0, 0], [0, 0, 0, 0.3], [0, 0, 0, 0]]),
        (["rex", "rex"], [[0.9, 0, 0, 0], [0.9, 0, 0, 0]]),
        (["dog"], [[0.4, 0, 0, 0]]),
    ],
)
def test_where_nothing_is_missing_it_is_like_nothing(
    captions: list[str], pictures: list[list[float]]
) -> None:
    assert stand_ins(captions, pictures, "rex") == [UNKNOWN]


def test_each_has_its_own() -> None:
    captions = ["rex and momo"] * 3 + ["momo"] * 4
    pictures = [*[[0.4, 0.3, 0, 0]] * 3, *[[0, 0.3, 0, 0.1]] * 4]
    assert stand_ins(captions, pictures, "rex", "momo") == [DOG, CAT]


def test_without_a_detector_nothing_is_known() -> None:
    vocabulary = Vocabulary((*KNOWN, "rex"))
    features = np.ones((1, 4), np.float32)
    assert find_stand_ins(None, features, [[["rex"]]], vocabulary, 8) == [UNKNOWN]


def test_a_name_is_as_rare_as_what_it_is_like() -> None:
    vocabulary = Vocabulary(("dog", "cat", "rex", "momo", "zoo"), (3.0, 1, 2, 2, 2))
    found = with_idfs_of(vocabulary, np.array([DOG, CAT, UNKNOWN]))
    assert found.words == vocabulary.words
    assert found.idfs == (3, 1, 3, 2, 2)
    uncounted = Vocabulary(("dog", "rex"))
    assert with_idfs_of(uncounted, np.array([DOG])).idfs == ()
