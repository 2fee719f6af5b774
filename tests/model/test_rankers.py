"""Agreement of captions, against the definition written out."""

import math

import numpy as np
import pytest
from test_beam_search import PICTURES, VOCABULARY, TableDecoder

from imagecap.model.beam_search import BeamSettings
from imagecap.model.decoding import Decoding, decode
from imagecap.model.rankers import MinimumBayesRisk, mbr_scores
from imagecap.text.lexicon import repeats_itself

CAPTIONS = [
    sentence.split()
    for sentence in (
        "a dog runs",
        "a dog runs through the grass",
        "a brown dog runs through the tall grass",
        "a man and a man and a man",
        "snow",
        "a dog",
    )
]
WEIGHTS = np.array([0.3, 1.0, 0.5, 0.2, 0.1, 0.7])
RARITIES = {"a": 0.0, "dog": 0.5, "runs": 1.5, "snow": 1.0, "grass": 2.0}


def idf(word: str) -> float:
    return RARITIES.get(word, 0.8)


def alike(_word: str) -> float:
    return 1.0


def ngrams(words: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def cider(one: list[str], other: list[str]) -> float:
    total = 0.0
    for n in range(1, 5):
        ours, theirs = ngrams(one, n), ngrams(other, n)
        if not ours or not theirs:
            continue
        counts = {g: sum(map(idf, g)) / n for g in (*ours, *theirs)}
        common = sum(
            min(ours.count(g), theirs.count(g)) * theirs.count(g) * counts[g] ** 2
            for g in set(ours)
        )
        squares = [
            sum((a.count(g) * counts[g]) ** 2 for g in set(a)) for a in (ours, theirs)
        ]
        if all(squares):
            total += common / math.sqrt(squares[0] * squares[1])
    return total / 4 * math.exp(-((len(one) - len(other)) ** 2) / 72)


def test_agreement_is_the_weighted_mean_of_cider_d_with_the_rarity_of_words() -> None:
    expected = [
        sum(w * cider(one, other) for w, other in zip(WEIGHTS, CAPTIONS, strict=True))
        / WEIGHTS.sum()
        for one in CAPTIONS
    ]
    assert mbr_scores(CAPTIONS, WEIGHTS, idf) == pytest.approx(expected, abs=1e-12)


def test_what_most_captions_say_is_agreed_on() -> None:
    values = mbr_scores(CAPTIONS, np.ones(len(CAPTIONS)), alike)
    assert values.argmax() == 1
    assert values.argmin() == 4


@pytest.mark.parametrize("power", [0.0, 0.15, 50.0])
def test_a_search_by_consensus_orders_what_a_plain_one_finds(power: float) -> None:
    decoder = TableDecoder(5, 7)
    plain = Decoding(BeamSettings(12, 5))
    ranker = MinimumBayesRisk(vote_exponent=power)
    by_consensus = Decoding(BeamSettings(12, 5), ranker)
    for before, after in zip(
        decode(decoder, PICTURES, VOCABULARY, plain),
        decode(decoder, PICTURES, VOCABULARY, by_consensus),
        strict=True,
    ):
        assert set(before) == set(after)
        weights = np.array([caption.probability**power for caption in after])
        values = mbr_scores([caption.words for caption in after], weights, alike)
        keys = [
            (not repeats_itself(caption.words), value)
            for caption, value in zip(after, values, strict=True)
        ]
        assert keys == sorted(keys, reverse=True)


def test_a_caption_with_all_the_weight_agrees_with_itself() -> None:
    weights = np.array([0, 0, 1, 0, 0, 0])
    assert mbr_scores(CAPTIONS, weights, alike)[2] == pytest.approx(1)
    assert mbr_scores(CAPTIONS, weights, alike).argmax() == 2
