"""Candidates ranked by a weighted sum of what is known of them."""

import math

import pytest

from imagecap.model.caption import Caption
from imagecap.model.decoding import Decoding
from imagecap.model.log_linear import MEASURES, LogLinear, measure_candidates
from imagecap.model.rankers import MinimumBayesRisk, order_candidates
from imagecap.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "runs", "snow"], [0.5, 2.0, 1.0, 3.0])


def caption(text: str, log_probability: float, **known: float) -> Caption:
    words = tuple(text.split())
    shares = tuple(0.5 / (place + 1) for place in range(len(words)))
    return Caption(words, log_probability, shares, **known)  # type: ignore[arg-type]


CANDIDATES = [
    caption("a dog runs", -4.0, expected_cider=0.2, similarity=0.1),
    caption("a dog", -3.0, expected_cider=0.3, similarity=0.4),
    caption("snow", -6.0, expected_cider=0.1, similarity=0.9),
]


def test_what_is_known_of_candidates() -> None:
    known = measure_candidates(CANDIDATES, VOCABULARY, vote_exponent=0.2)
    first, _, last = (dict(zip(MEASURES, row, strict=True)) for row in known.tolist())
    assert first["expected_cider"] == 0.2
    assert first["similarity"] == 0.1
    assert first["log_probability"] == -4.0
    assert first["mean_log_probability"] == -1.0
    assert first["least_log_probability"] == pytest.approx(math.log(0.5 / 3))
    assert first["length"] == 3
    assert first["rarity"] == pytest.approx((0.5 + 2 + 1) / 3)
    assert last["rarity"] == 3.0
    assert first["agreement"] > last["agreement"]


def test_weights_decide_which_is_first() -> None:
    for name, best in [
        ("similarity", "snow"),
        ("log_probability", "a dog"),
        ("length", "a dog runs"),
        ("rarity", "snow"),
    ]:
        weights = {"agreement": 0.0, "expected_cider": 0.0, name: 1.0}
        ranked = order_candidates(LogLinear(**weights), CANDIDATES, VOCABULARY)  # type: ignore[arg-type]
        assert " ".join(ranked[0].words) == best


def test_with_the_weights_of_the_former_ranker_it_says_the_same() -> None:
    former = MinimumBayesRisk(vote_exponent=0.3, expected_cider_weight=4.0)
    own = LogLinear(vote_exponent=0.3, expected_cider=4.0)
    expected = former.scores(CANDIDATES, VOCABULARY)
    assert own.scores(CANDIDATES, VOCABULARY) == pytest.approx(expected)


def test_nothing_known_and_no_words_count_nothing() -> None:
    empty = Caption((), -1.0, ())
    assert measure_candidates([empty], VOCABULARY, 0.2)[0].tolist() == [
        0.0,
        0.0,
        0.0,
        -1.0,
        -1.0,
        *[0.0] * 6,
    ]


def test_it_is_named_by_how_many_it_chooses_among() -> None:
    assert str(Decoding(ranker=LogLinear())) == "choice of 3"
