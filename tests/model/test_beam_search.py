"""Beam search against trying every caption there is."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from imagecap.model.beam_search import BeamSettings, State
from imagecap.model.caption import Caption
from imagecap.model.decoding import Decoding, decode
from imagecap.model.rankers import Likelihood
from imagecap.text.lexicon import repeats_itself
from imagecap.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "runs"])
WORDS = [4, 5, 6]


class TableDecoder:
    """Predicts from the picture, the last word and the place in the caption.

    The state holds what changes (the place) and what does not (the picture).
    """

    def __init__(self, places: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        size = len(VOCABULARY)
        logits = generator.normal(0, 2, (2, places + 1, size, size))
        logits[..., [0, 1, 3]] = -1e9
        totals = np.logaddexp.reduce(logits, axis=-1, keepdims=True)
        self.table = (logits - totals).astype(np.float32)

    def start(self, features: np.ndarray) -> State:
        return {
            "picture": features[:, 0].astype(np.int32),
            "place": np.zeros(len(features), np.int32),
        }

    def step(
        self, words: np.ndarray, state: State
    ) -> tuple[np.ndarray, State, np.ndarray | None]:
        log_probabilities = self.table[state["picture"], state["place"], words]
        grid = np.zeros((len(words), 2, 2), np.float32)
        grid[:, 0, 0] = words
        return log_probabilities, {"place": state["place"] + 1}, grid

    def all_captions(self, picture: int, max_length: int) -> Iterator[Caption]:
        for length in range(1, max_length):
            for words in itertools.product(WORDS, repeat=length):
                before = (Vocabulary.START, *words)
                after = (*words, Vocabulary.END)
                steps = [
                    float(self.table[picture, place, last, following])
                    for place, (last, following) in enumerate(
                        zip(before, after, strict=True)
                    )
                ]
                yield Caption(
                    VOCABULARY.decode(words),
                    sum(steps),
                    tuple(np.exp(steps[:-1]).tolist()),
                )


PICTURES = np.array([[0.0], [1.0]], np.float32)


def likeliest(width: int, max_length: int, length_penalty: float = 0.7) -> Decoding:
    """Captions ordered by their probability alone."""
    search = BeamSettings(width, max_length, length_penalty)
    return Decoding(search, Likelihood(length_penalty=length_penalty))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("length_penalty", [0.0, 0.7, 1.0])
def test_a_wide_beam_finds_the_best_captions(seed: int, length_penalty: float) -> None:
    max_length = 4
    decoder = TableDecoder(max_length, seed)
    settings = likeliest(200, max_length, length_penalty)
    found = decode(decoder, PICTURES, VOCABULARY, settings)
    for picture in (0, 1):
        expected = sorted(
            decoder.all_captions(picture, max_length),
            key=lambda c: (not repeats_itself(c.words), c.score(length_penalty)),
            reverse=True,
        )
        for ours, theirs in zip(found[picture][:10], expected[:10], strict=True):
            assert ours.words == theirs.words
            assert ours.log_probability == pytest.approx(theirs.log_probability, 1e-5)
            assert ours.word_probabilities == pytest.approx(
                theirs.word_probabilities, 1e-5
            )


def test_a_caption_that_repeats_itself_comes_last() -> None:
    vocabulary = Vocabulary(["red", "and", "dog"])
    red, both, dog = vocabulary.encode(["red", "and", "dog"])
    decoder = TableDecoder(8, 0)
    decoder.table = np.full((2, 8, 7, 7), -20.0, np.float32)
    # "Red and red" is likelier than "red and dog".
    for place, last, following, probability in (
        (0, Vocabulary.START, red, 0.9),
        (1, red, both, 0.9),
        (2, both, red, 0.8),
        (2, both, dog, 0.2),
        (3, red, Vocabulary.END, 0.9),
        (3, dog, Vocabulary.END, 0.9),
    ):
        decoder.table[:, place, last, following] = np.log(probability)
    best, *others = decode(decoder, PICTURES, vocabulary, likeliest(3, 8, 0))[0]
    assert best.words == ("red", "and", "dog")
    assert ("red", "and", "red") in [caption.words for caption in others]


def test_a_beam_of_one_finds_no_less_than_the_greedy_caption() -> None:
    decoder = TableDecoder(12, 3)
    settings = likeliest(1, 12, 0)
    for picture, captions in enumerate(decode(decoder, PICTURES, VOCABULARY, settings)):
        word, words = Vocabulary.START, []
        for place in range(12):
            word = int(decoder.table[picture, place, word].argmax())
            if word == Vocabulary.END:
                break
            words.append(word)
        if words and word == Vocabulary.END:
            assert (
                captions[0].log_probability
                >= sum(
                    decoder.table[picture, place, last, following]
                    for place, (last, following) in enumerate(
                        itertools.pairwise((Vocabulary.START, *words, Vocabulary.END))
                    )
                )
                - 1e-5
            )


@pytest.mark.parametrize("seed", range(8))
def test_pictures_do_not_disturb_each_other(seed: int) -> None:
    decoder = TableDecoder(12, seed)
    # Many words, of which few are likely to be the last: what is found late differs.
    decoder.table[0, ..., Vocabulary.END] += 2.0
    settings = likeliest(6, 12, 1.0)
    together = decode(decoder, PICTURES, VOCABULARY, settings)
    alone = [
        decode(decoder, PICTURES[i : i + 1], VOCABULARY, settings)[0] for i in range(2)
    ]
    assert together == alone


def test_captions_carry_their_attention_and_only_known_words() -> None:
    decoder = TableDecoder(8, 2)
    for captions in decode(decoder, PICTURES, VOCABULARY, likeliest(3, 8)):
        for caption in captions:
            assert caption.attention is not None
            assert caption.attention.shape == (len(caption.words), 2, 2)
            # The map of a word was made when the word before it was read.
            assert caption.attention[0, 0, 0] == Vocabulary.START
            assert set(caption.words) <= {"a", "dog", "runs"}


def test_a_picture_has_one_beam_until_it_branches() -> None:
    rows = []

    class CountingDecoder(TableDecoder):
        def step(
            self, words: np.ndarray, state: State
        ) -> tuple[np.ndarray, State, np.ndarray | None]:
            rows.append(len(words))
            return super().step(words, state)

    decode(CountingDecoder(8, 2), PICTURES, VOCABULARY, likeliest(3, 8))
    assert rows[:2] == [2, 6]


@pytest.mark.parametrize("size", [10, 96, 97, 250])
@pytest.mark.parametrize("width", [1, 3, 12])
def test_the_best_of_many_words_are_found_wherever_they_stand(
    size: int, width: int
) -> None:
    """Against sorting all, with the likeliest words beside each other or far apart."""
    vocabulary = Vocabulary([f"w{number}" for number in range(size - 4)])
    generator = np.random.default_rng(size * width)
    table = generator.normal(0, 1, (2, 3, size, size)).astype(np.float32)
    table[0] = np.sort(table[0], axis=-1)
    table[1] = -np.sort(-table[1], axis=-1)
    table[..., Vocabulary.END] = -np.inf
    decoder = TableDecoder(2, 0)
    decoder.table = table
    found = decode(decoder, PICTURES, vocabulary, likeliest(width, 2, 0))
    for picture, captions in enumerate(found):
        first = table[picture, 0, Vocabulary.START]
        best = np.argsort(-first)[:width]
        both = first[best, np.newaxis] + table[picture, 1, best]
        expected = -np.sort(-both, axis=None)[:width]
        ours = sorted((one.log_probability for one in captions), reverse=True)
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def test_a_caption_that_never_ends_is_cut_off() -> None:
    decoder = TableDecoder(5, 0)
    decoder.table[..., Vocabulary.END] = -np.inf
    captions = decode(decoder, PICTURES, VOCABULARY, likeliest(2, 5))[0]
    assert len(captions[0].words) == 5


def test_more_captions_are_kept_than_searched_in_parallel() -> None:
    decoder = TableDecoder(5, 0)
    few = decode(decoder, PICTURES, VOCABULARY, likeliest(3, 5))
    search = BeamSettings(3, 5, 0.7, kept=9)
    many = decode(decoder, PICTURES, VOCABULARY, Decoding(search, Likelihood()))
    for best, found in zip(few, many, strict=True):
        assert 3 == len(best) < len(found) <= 9
        assert len({one.words for one in found}) == len(found)
        assert {one.words for one in best} <= {one.words for one in found}


def test_rare_words_gain_once() -> None:
    idfs = Vocabulary(["a", "dog", "runs"], [0.0, 5.0, 0.0])
    decoder = TableDecoder(5, 0)

    def dogs(rarity: float | None) -> list[int]:
        search = BeamSettings(4, 5, 0.7, rarity=rarity)
        found = decode(decoder, PICTURES, idfs, Decoding(search, Likelihood()))
        return [sum("dog" in one.words for one in group) for group in found]

    assert dogs(0.0) == dogs(None)
    assert sum(dogs(2.0)) == 8 > sum(dogs(None))
