"""Searches that are told which words to expect."""

import numpy as np
import pytest
from test_beam_search import PICTURES, VOCABULARY, TableDecoder

from imagecap.model.beam_search import BeamSettings, beam_search
from imagecap.model.rankers import ExpectedWords, expected_cider, mbr_scores
from imagecap.text.lexicon import repeats_itself
from imagecap.text.vocabulary import Vocabulary


def test_captions_are_ordered_by_agreement_and_by_what_is_expected() -> None:
    decoder = TableDecoder(5, 7)
    weights = np.zeros((len(PICTURES), len(VOCABULARY)), np.float32)
    weights[:, 4:] = 0.02, 0.3, -0.1
    expected = ExpectedWords(weights, np.zeros_like(weights))
    settings = BeamSettings(12, 5, consensus=0.2)
    plain = beam_search(decoder, PICTURES, VOCABULARY, settings)
    found = beam_search(decoder, PICTURES, VOCABULARY, settings, expected)
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
    settings = BeamSettings(30, 4, consensus=0.2)
    found = beam_search(decoder, PICTURES, VOCABULARY, settings, expected)
    plain = beam_search(decoder, PICTURES, VOCABULARY, settings)
    plainly, guided = [], []
    for picture in (0, 1):
        gains = dict(zip(VOCABULARY, 3 * expected.gains[picture], strict=True))
        every = sorted(
            decoder.all_captions(picture, 4),
            key=lambda caption: (
                (caption.log_probability + sum(gains[w] for w in set(caption.words)))
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
    settings = BeamSettings(6, 12, 1.0, consensus=0.2)
    alone = []
    for i in range(2):
        row = slice(i, i + 1)
        own = ExpectedWords(expected.weights[row], expected.gains[row])
        alone += beam_search(decoder, PICTURES[row], VOCABULARY, settings, own)
    assert beam_search(decoder, PICTURES, VOCABULARY, settings, expected) == alone


def test_a_search_by_probability_alone_does_not_ask_it() -> None:
    decoder, settings = TableDecoder(5, 7), BeamSettings(3, 5)
    assert beam_search(
        decoder, PICTURES, VOCABULARY, settings, expected_of_two_pictures(0)
    ) == beam_search(decoder, PICTURES, VOCABULARY, settings)
