import itertools
from collections import Counter

import keras
import numpy as np
import pytest

from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.scheduled_sampling import build_word_sampler
from imagecap.training.batches.self_critical import CaptionSampler
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.decoder import Decoder, DecoderConfig
from imagecap.training.networks.sampling import draw_words
from imagecap.training.run.validation import KerasDecoderStep

WORDS = 7


@pytest.fixture(params=list(ARCHITECTURES))
def decoder(request: pytest.FixtureRequest) -> Decoder:
    keras.utils.set_random_seed(1)
    grid = (2, 2) if ARCHITECTURES[request.param].reads_grid else ()
    sizes = DecoderConfig(WORDS, 3, 4, 5, 6, 0, 0.5, grid)
    built = ARCHITECTURES[request.param].build(sizes)
    for weight in built.training.weights:
        weight.assign(np.random.default_rng(4).normal(0, 0.4, weight.shape))
    return built


def features_for(decoder: Decoder, pictures: int) -> np.ndarray:
    shape = (pictures, *decoder.start.input.shape[1:])
    return np.random.default_rng(0).normal(0, 0.1, shape).astype(np.float32)


def test_a_number_picks_the_word_in_whose_share_it_falls() -> None:
    probabilities = np.array([[0.0, 0.25, 0.0, 0.75, 0.0]] * 4, np.float32)
    uniform = np.array([0.0, 0.2, 0.26, 0.9999999], np.float32)
    np.testing.assert_array_equal(draw_words(probabilities, uniform), [1, 1, 3, 3])


def test_samples_are_as_frequent_as_they_are_probable(decoder: Decoder) -> None:
    features = features_for(decoder, 1)
    sampler = CaptionSampler(decoder, samples=20_000, max_length=3)
    drawn = sampler.draw(features, np.random.default_rng(0))
    found = Counter(map(tuple, drawn))
    step = KerasDecoderStep(decoder.start, decoder.step)
    for words in [(4,), (5, 6)]:
        caption = (Vocabulary.START, *words, Vocabulary.END)
        state, log_probability = dict(step.start(features)), 0.0
        for word, following in itertools.pairwise(caption):
            log_probabilities, changed, _ = step.step(np.array([word], np.int32), state)
            state.update(changed)
            log_probability += float(log_probabilities[0, following])
        expected = np.exp(log_probability)
        assert expected > 0.005
        assert found[caption] / len(drawn) == pytest.approx(expected, abs=0.005)
    assert max(map(len, drawn)) == 1 + 3
    assert not {0, 1, 3} & {word for caption in drawn for word in caption[1:]}


def test_samples_of_a_picture_follow_each_other(decoder: Decoder) -> None:
    """A picture drawn alone gives what it gives among others."""
    features = features_for(decoder, 2)
    sampler = CaptionSampler(decoder, samples=3, max_length=5)
    both = sampler.draw(features, np.random.default_rng(5))
    alone = sampler.draw(features[:1], np.random.default_rng(5))
    assert len(both) == 6
    assert both[:3] == alone


def test_a_next_word_is_drawn_after_each_word(decoder: Decoder) -> None:
    count = 4_000
    features = np.repeat(features_for(decoder, 1), count, axis=0)
    words = np.tile(np.array([[Vocabulary.START, 5]], np.int32), (count, 1))
    uniform = np.random.default_rng(0).random(words.shape, np.float32)
    drawn = build_word_sampler(decoder).predict_on_batch([features, words, uniform])
    step = KerasDecoderStep(decoder.start, decoder.step)
    state = dict(step.start(features[:1]))
    for place in range(2):
        log_probabilities, changed, _ = step.step(words[:1, place], state)
        state.update(changed)
        shares = np.bincount(np.asarray(drawn)[:, place], minlength=WORDS) / count
        np.testing.assert_allclose(shares, np.exp(log_probabilities[0]), atol=0.03)
