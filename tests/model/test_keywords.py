"""Keywords of a picture, chosen from what a word detector expects."""

from __future__ import annotations

import numpy as np

from imagecap.model.keywords import choose_keywords
from imagecap.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["dog", "grass", "the", "black", "two", "ball"])


def expected(**weights: float) -> np.ndarray:
    found = np.zeros(len(VOCABULARY), np.float32)
    for word, weight in weights.items():
        found[VOCABULARY.encode([word])] = weight
    return found


def test_the_words_of_most_weight_come_first() -> None:
    weights = expected(dog=0.2, grass=0.3, ball=0.1)
    assert choose_keywords(weights, VOCABULARY, 9, 0.1) == ("grass", "dog", "ball")
    assert choose_keywords(weights, VOCABULARY, 2, 0.1) == ("grass", "dog")
    assert choose_keywords(weights, VOCABULARY, 9, 0.15) == ("grass", "dog")
    assert choose_keywords(weights, VOCABULARY, 9, 1.0) == ()


def test_words_that_name_nothing_are_none() -> None:
    weights = expected(the=0.9, black=0.8, two=0.7, dog=0.6)
    assert choose_keywords(weights, VOCABULARY, 1, 0.1) == ("dog",)
    # A limit of zero or a threshold of zero names no special tokens.
    assert choose_keywords(weights, VOCABULARY, 0, 0.1) == ()
    assert set(choose_keywords(weights, VOCABULARY, 99, 0.0)) <= {
        "dog",
        "grass",
        "ball",
    }


def test_of_two_forms_of_a_word_the_likelier_one_is_enough() -> None:
    words = Vocabulary(["dog", "dogs", "grass"])
    weights = np.zeros(len(words), np.float32)
    weights[words.encode(["dogs", "dog", "grass"])] = (0.5, 0.4, 0.3)
    assert choose_keywords(weights, words, 2, 0.1) == ("dogs", "grass")
