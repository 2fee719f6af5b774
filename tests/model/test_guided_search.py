"""Searches that are told which words to expect."""

import numpy as np
import pytest
from test_beam_search import PICTURES, VOCABULARY, TableDecoder

from imagecap.model.beam_search import BeamSettings, beam_search
from imagecap.model.caption import Caption
from imagecap.model.decoding import Decoding, decode
from imagecap.model.rankers import (
    ExpectedWords,
    MinimumBayesRisk,
    expected_cider,
    mbr_scores,
)
from imagecap.text.lexicon import repeats_itself
from imagecap.text.vocabulary import Vocabulary


def with_detector(width: int, max_length: int, length_penalty: float = 0.7) -> Decoding:
    """What is expected counts in the search and in the choice, as in shipped models."""
    search = BeamSettings(width, max_length, length_penalty, word_bias=3.0)
    return Decoding(search, MinimumBayesRisk(expected_cider_weight=10.0))


def test_captions_are_ordered_by_agreement_and_by_what_is_expected() -> None:
    decoder = TableDecoder(5, 7)
    weights = np.zeros((len(PICTURES), len(VOCABULARY)), np.float32)
    weights[:, 4:] = 0.02, 0.3, -0.1
    expected = ExpectedWords(weights, np.zeros_like(weights))
    settings = with_detector(12, 5)
    plain = decode(decoder, PICTURES, VOCABULARY, settings)
    found = decode(decoder, PICTURES, VOCABULARY, settings, expected)
    changed = 0
    for before, after, row in zip(plain, found, weights, strict=True):
        assert set(before) == set(after)
        words = [caption.words for caption in after]
        values = mbr_scores(
            words,
            np.array([caption.probability**0.2 for caption in after]),
            VOCABULARY.idf,
        ) + 10 * expected_cider(words, row, VOCABULARY)
        keys = [
            (not repeats_itself(one), value)
            for one, value in zip(words, values, strict=True)
        ]
        assert keys == sorted(keys, reverse=True)
        changed += before != after
    assert changed


def expected_of_two_pictures(seed: int) -> ExpectedWords:
    generator = np.random.default_rng(seed)
    arrays = np.zeros((2, len(PICTURES), len(VOCABULARY)), np.float32)
    arrays[..., 4:] = generator.normal(0, 0.5, (2, len(PICTURES), 3))
    return ExpectedWords(*arrays)


@pytest.mark.parametrize("seed", range(5))
def test_words_gain_once_in_the_search(seed: int) -> None:
    decoder, expected = TableDecoder(4, seed), expected_of_two_pictures(seed)
    # Wide enough for all captions in the making, not for all that end.
    settings = with_detector(30, 4)
    found = decode(decoder, PICTURES, VOCABULARY, settings, expected)
    plain = decode(decoder, PICTURES, VOCABULARY, settings)
    plainly, guided = [], []
    for picture in (0, 1):
        bias = dict(zip(VOCABULARY, 3 * expected.word_bias[picture], strict=True))
        every = sorted(
            decoder.all_captions(picture, 4),
            key=lambda caption: (
                (caption.log_probability + sum(bias[w] for w in set(caption.words)))
                / (len(caption.words) + 1) ** 0.7
            ),
            reverse=True,
        )
        assert len(every) == 39
        wanted = {caption.words: caption.log_probability for caption in every[:30]}
        # What is said of a caption stays what the decoder says.
        assert {
            caption.words: caption.log_probability for caption in found[picture]
        } == pytest.approx(wanted, abs=1e-4)
        plainly.append({caption.words for caption in plain[picture]})
        guided.append(wanted.keys())
    assert plainly != guided


@pytest.mark.parametrize("seed", range(4))
def test_what_is_expected_of_a_picture_does_not_disturb_another(seed: int) -> None:
    decoder, expected = TableDecoder(12, seed), expected_of_two_pictures(seed)
    decoder.table[0, ..., Vocabulary.END] += 2.0
    settings = with_detector(6, 12, 1.0)
    alone = []
    for i in range(2):
        row = slice(i, i + 1)
        own = ExpectedWords(expected.weights[row], expected.word_bias[row])
        alone += decode(decoder, PICTURES[row], VOCABULARY, settings, own)
    assert decode(decoder, PICTURES, VOCABULARY, settings, expected) == alone


def test_a_search_by_probability_alone_does_not_ask_it() -> None:
    decoder, settings = TableDecoder(5, 7), Decoding(BeamSettings(3, 5))
    assert decode(
        decoder, PICTURES, VOCABULARY, settings, expected_of_two_pictures(0)
    ) == decode(decoder, PICTURES, VOCABULARY, settings)


@pytest.mark.parametrize("word_bias", [1.0, 6.0])
def test_the_bias_counts_as_much_as_the_settings_say(word_bias: float) -> None:
    decoder, bias = TableDecoder(4, 1), expected_of_two_pictures(1).word_bias

    def search(weight: float, bias: np.ndarray) -> list[list[Caption]]:
        settings = BeamSettings(6, 4, word_bias=weight)
        return beam_search(decoder, PICTURES, VOCABULARY, settings, bias)

    found = search(word_bias, bias)
    assert found == search(1.0, word_bias * bias)
    assert found != search(0.0, bias)


def test_what_is_expected_counts_as_much_in_the_choice_as_the_ranker_says() -> None:
    decoder, expected = TableDecoder(5, 7), expected_of_two_pictures(7)
    candidates = decode(decoder, PICTURES, VOCABULARY, with_detector(12, 5), expected)[
        0
    ]
    by_agreement = MinimumBayesRisk(expected_cider_weight=0.0)
    by_both = MinimumBayesRisk(expected_cider_weight=4.0)
    difference = by_both.scores(candidates, VOCABULARY) - by_agreement.scores(
        candidates, VOCABULARY
    )
    expected_ciders = [4 * (one.expected_cider or 0) for one in candidates]
    assert difference == pytest.approx(expected_ciders)
    assert any(expected_ciders)
