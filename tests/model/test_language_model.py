"""A language model learned from captions, kept in a bundle, and what it has to say."""

import io
import itertools
import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from test_beam_search import PICTURES, VOCABULARY, TableDecoder

from imagecap.model.beam_search import BeamSettings
from imagecap.model.bundle import LANGUAGE_MODEL, BundleError, load_bundle
from imagecap.model.decoding import Decoding, LanguageWeights, decode
from imagecap.model.language_model import (
    NOTHING,
    LanguageModel,
    load_language_model,
)
from imagecap.model.sealing import update_bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.fit_language_model import (
    LanguageError,
    fit_language_model,
    with_language,
)

WORDS = Vocabulary(["a", "bed", "dog", "dogs", "in", "park", "runs"])
CAPTIONS = [
    line.split()
    for line in ("a dog runs", "a dog runs in a park", "dogs in a park", "a bed")
]
# Half a step of what a file keeps, which is rounded to bytes.
NEAR = 0.041


def gains_of(model: LanguageModel, words: np.ndarray) -> np.ndarray:
    """What each word gains after the words of captions, `[N, vocabulary]`."""
    numbers, gains = model.said_again(words)
    found = np.zeros((len(words), len(model.families)), np.float32)
    np.put_along_axis(found, numbers, gains, axis=1)
    return found


def witten_bell(captions: Sequence[Sequence[str]], words: Sequence[int]) -> float:
    """The log-probability of the last word after the others, written out by dicts."""
    lines = [[1, *WORDS.encode(caption), 2] for caption in captions]
    count = sum(len(line) - 1 for line in lines)
    last = words[-1]
    found = sum(line[1:].count(last) for line in lines) + 1
    probability = found / (count + len(WORDS))
    for n in range(1, len(words)):
        context = list(words[-n - 1 : -1])
        after = [
            line[i + n]
            for line in lines
            for i in range(len(line) - n)
            if line[i : i + n] == context
        ]
        new = len(set(after))
        if after:
            probability = (after.count(last) + new * probability) / (len(after) + new)
    return math.log(probability)


def test_probabilities_are_those_of_witten_and_bell() -> None:
    model = fit_language_model(CAPTIONS, WORDS, least_gain=-math.inf)
    contexts = [[1], [1, 4], [4, 6], [1, 4, 6], [8, 4, 9], [6, 10, 8], [5, 5, 5]]
    for context in contexts:
        words = range(2, len(WORDS))
        ngrams = np.array([[*context, word] for word in words])
        expected = [witten_bell(CAPTIONS, [*context, word]) for word in words]
        found = model.last_words(ngrams)
        assert found == pytest.approx(expected, abs=1e-4)


def test_a_mean_counts_each_word_and_the_end() -> None:
    model = fit_language_model(CAPTIONS, WORDS, least_gain=0)
    ngrams = [[NOTHING, NOTHING, 1, 4], [NOTHING, 1, 4, 5], [1, 4, 5, 2]]
    (bed, nonsense) = model.word_means([[4, 5], [5, 5, 4]])
    assert bed == pytest.approx(model.last_words(np.array(ngrams)).mean())
    assert nonsense < bed - 1


def test_what_says_hardly_more_than_shorter_ngrams_is_left_out() -> None:
    captions = [list(words) for words in itertools.product("abc", repeat=3)] * 20
    captions += [["a", "b", "c", "d"]] * 20
    vocabulary = Vocabulary("abcd")
    whole = fit_language_model(captions, vocabulary, least_gain=-math.inf)
    small = fit_language_model(captions, vocabulary, least_gain=100_000)
    assert 0 < small.ngrams < whole.ngrams / 2
    assert len(small.to_bytes()) < len(whole.to_bytes())
    # What is left still sums up to one.
    after = small.last_words(np.array([[4, 5, 6, word] for word in range(8)]))
    assert np.exp(after[1:]).sum() == pytest.approx(1, abs=0.01)


def test_words_of_a_stem_come_again_as_often_as_in_captions() -> None:
    captions = [
        *[["a", "dog", "in", "a", "park"]] * 30,
        *[["dog", "dogs", "runs"]] * 10,
    ]
    model = fit_language_model(captions, WORDS, least_gain=0)
    gains = gains_of(model, np.array([[6], [4]]))
    a, bed, dog, dogs = WORDS.encode(["a", "bed", "dog", "dogs"])
    assert gains[0, [dog, dogs]] == pytest.approx(math.log(10.2 / 50), abs=1e-5)
    assert gains[0, [a, bed]].tolist() == [0, 0]
    assert gains[1, a] == pytest.approx(math.log(30.2 / 40), abs=1e-5)
    # Before the first word nothing was said.
    assert not gains_of(model, np.zeros((2, 0), np.int32)).any()


def test_new_words_at_the_end_change_nothing_of_the_old() -> None:
    model = fit_language_model(CAPTIONS, WORDS, least_gain=0)
    grown = model.with_words(np.full(2, Vocabulary.UNKNOWN))
    assert grown.word_means([[4, 6, 10]]) == model.word_means([[4, 6, 10]])
    # What comes after one is what comes after any unknown word.
    unknown = model.last_words(np.array([[NOTHING, 1, 4, 3], [1, 4, 3, 2]]))
    first = model.last_words(np.array([[NOTHING, NOTHING, 1, 4]]))
    assert grown.word_means([[4, 11]]) == pytest.approx((first + unknown[1:]) / 2)
    assert not gains_of(grown, np.array([[12]]))[0, :12].any()


def test_a_new_word_comes_where_the_one_does_that_it_is_like(bundle: Path) -> None:
    language = fit_language_model(CAPTIONS, WORDS, least_gain=0)
    a, dog, runs, rex = 4, 6, 10, len(WORDS)
    grown = language.with_words(np.array([dog]))
    ngrams = np.array([[NOTHING, NOTHING, 1, a], [1, a, dog, runs], [a, dog, runs, 2]])
    expected = language.last_words(ngrams).mean()
    assert grown.word_means([[a, rex, runs]]) == pytest.approx(expected)
    # What is said of the dog is said of it.
    assert gains_of(grown, np.array([[rex]]))[0, dog] < 0
    twice = grown.with_words(np.array([rex]))
    assert twice.word_means([[a, rex + 1, runs]]) == pytest.approx(expected)

    loaded = load_bundle(bundle)
    size = len(loaded.vocabulary)
    known = Vocabulary(loaded.vocabulary.words[len(Vocabulary.SPECIAL) : size - 1])
    short = fit_language_model(CAPTIONS, known, least_gain=0)
    (like,) = known.encode(["dog"])
    kept = short.with_words(np.array([like]))
    update_bundle(loaded, loaded.manifest, {LANGUAGE_MODEL: kept.to_bytes()})
    read = load_language_model(load_bundle(bundle))
    assert read is not None
    after = kept.word_means([[4, size - 1]])
    assert read.word_means([[4, size - 1]]) == pytest.approx(after, abs=NEAR)


class Said:
    """Finds one word unlikely, and that nobody says one again."""

    def __init__(self, unlikely: int) -> None:
        self.unlikely = unlikely

    def word_means(self, captions: Sequence[Sequence[int]]) -> np.ndarray:
        return np.array([-float(self.unlikely in words) for words in captions])

    def said_again(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return words, np.full(words.shape, -100.0, np.float32)


def test_it_has_its_say_in_the_choice_and_in_the_search() -> None:
    decoder, search = TableDecoder(4, 3), BeamSettings(12, 4)
    unlikely = len(Vocabulary.SPECIAL)
    plain = decode(decoder, PICTURES, VOCABULARY, Decoding(search))
    assert any(len(set(one.words)) < len(one.words) for one in plain[0])
    language = LanguageWeights(choice=100.0, repetition=1.0)
    settings = Decoding(search, language=language)
    found = decode(decoder, PICTURES, VOCABULARY, settings, None, Said(unlikely))
    for candidates in found:
        best = candidates[0]
        assert len(set(best.words)) == len(best.words)
        has = [VOCABULARY.words[unlikely] in one.words for one in candidates]
        assert has == sorted(has)
    # Without weights, or without a model, it says nothing.
    without = Decoding(search)
    assert decode(decoder, PICTURES, VOCABULARY, without, None, Said(4)) == plain
    assert decode(decoder, PICTURES, VOCABULARY, settings) == plain


@pytest.fixture
def bundle(untrained_bundle: Path, tmp_path: Path) -> Path:
    """A bundle with a language model."""
    folder = Path(shutil.copytree(untrained_bundle, tmp_path / "talking"))
    loaded = load_bundle(folder)
    model = learn(loaded.vocabulary)
    manifest = with_language(loaded.manifest, model, 2)
    update_bundle(loaded, manifest, {LANGUAGE_MODEL: model.to_bytes()})
    return folder


def learn(vocabulary: Vocabulary) -> LanguageModel:
    words = list(vocabulary.words[4:])
    return fit_language_model([words, words[::-1]], vocabulary, least_gain=0)


def test_a_bundle_keeps_it(bundle: Path, untrained_bundle: Path) -> None:
    loaded = load_bundle(bundle)
    found = load_language_model(loaded)
    assert found is not None
    assert found.to_bytes() == learn(loaded.vocabulary).to_bytes()
    captions = [[4, 5], [5, 4, 4]]
    expected = learn(loaded.vocabulary)
    assert found.word_means(captions) == pytest.approx(
        expected.word_means(captions), abs=4 * NEAR
    )
    said = np.array([[4, 5]])
    assert gains_of(found, said) == pytest.approx(gains_of(expected, said), abs=NEAR)
    assert loaded.manifest.decoding.language == LanguageWeights()
    assert loaded.manifest.version != load_bundle(untrained_bundle).manifest.version
    card = (bundle / "README.md").read_text(encoding="utf-8")
    assert "A language model of captions has its say in the choice" in card
    assert "was learned from 2 captions and keeps" in card
    assert load_language_model(load_bundle(untrained_bundle)) is None


def damage(name: str, array: np.ndarray, content: bytes) -> bytes:
    """Put another array into an `.npz` file."""
    with np.load(io.BytesIO(content)) as archive:
        arrays = {**archive, name: array}
    changed = io.BytesIO()
    np.savez_compressed(changed, allow_pickle=False, **arrays)
    return changed.getvalue()


def test_a_damaged_one_is_named(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    whole = (bundle / LANGUAGE_MODEL).read_bytes()
    words = np.full(2, 60_000, np.uint16)
    for content in (
        b"",
        whole[:-10],
        damage("families", words, whole),
        damage("families", np.full(len(loaded.vocabulary), 60_000, np.uint16), whole),
        damage("words_2", words, whole),
        damage("words_3", np.zeros(3, np.float32), whole),
        damage("continuations_2", words, whole),
        damage("chances_1", np.zeros(2, np.uint8), whole),
    ):
        update_bundle(load_bundle(bundle), loaded.manifest, {LANGUAGE_MODEL: content})
        with pytest.raises(BundleError, match=r"language_model\.npz does not suit"):
            load_language_model(load_bundle(bundle))


def test_too_many_words_are_refused() -> None:
    vocabulary = Vocabulary(f"w{number}" for number in range(70_000))
    with pytest.raises(LanguageError, match="at most 65,535 words"):
        fit_language_model([["w1"]], vocabulary)
