"""How probable given captions are: what the search that found them says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imagecap.model.beam_search import BeamSettings, beam_search
from imagecap.model.bundle import load_bundle
from imagecap.model.caption_probability import mean_log_probabilities
from imagecap.model.litert import LiteRTDecoder
from imagecap.text.vocabulary import Vocabulary


def test_captions_are_as_probable_as_the_search_says(untrained_bundle: Path) -> None:
    bundle = load_bundle(untrained_bundle)
    vocabulary, decoder = bundle.vocabulary, LiteRTDecoder(bundle)
    features = np.random.default_rng(0).random((3, *bundle.feature_shape), np.float32)
    settings = BeamSettings(width=4, max_length=6)
    found = beam_search(decoder, features, vocabulary, settings)
    captions, pictures, expected = [], [], []
    for picture, candidates in enumerate(found):
        for one in candidates:
            numbers = vocabulary.encode(one.words)
            # Of what was cut off the search does not tell how probable its end is.
            if len(numbers) < settings.max_length:
                captions.append((Vocabulary.START, *numbers, Vocabulary.END))
                pictures.append(picture)
                expected.append(one.log_probability / (len(numbers) + 1))
    assert captions
    means = mean_log_probabilities(
        decoder, features, captions, pictures, len(vocabulary)
    )
    assert means == pytest.approx(expected, abs=1e-3)


def test_words_that_are_not_known_do_not_count(untrained_bundle: Path) -> None:
    bundle = load_bundle(untrained_bundle)
    decoder, known = LiteRTDecoder(bundle), len(bundle.vocabulary)
    features = np.zeros((1, *bundle.feature_shape), np.float32)
    unknown = (Vocabulary.START, Vocabulary.UNKNOWN, Vocabulary.END)
    first, last = (
        mean_log_probabilities(decoder, features, [caption], [0], most)
        for caption, most in ((unknown, known), (unknown[:2], known))
    )
    assert first < 0
    assert last == 0
