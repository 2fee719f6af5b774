"""Going on from a finished model."""

import math
from pathlib import Path

import keras
import numpy as np
import pytest

from imagecap.model.bundle import Bundle, BundleError, find_bundle, load_bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.architectures import decoder_config
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.from_bundle import (
    extend_vocabulary,
    load_decoder,
    load_encoder,
    settings_of_bundle,
)
from imagecap.training.networks.merge_decoder import build_merge_decoder


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(find_bundle("fast"))


def sizes(bundle: Bundle, vocabulary: Vocabulary) -> DecoderConfig:
    settings = settings_of_bundle(bundle)
    return decoder_config(settings, len(vocabulary), bundle.feature_shape[-1])


def test_known_words_keep_their_numbers_and_new_ones_follow() -> None:
    known = Vocabulary(["dog", "a"])
    pictures = [[["a", "zebra"], ["a", "zebra", "yak"]]]
    assert extend_vocabulary(known, pictures, 2).words[4:] == ("dog", "a", "zebra")


def test_known_words_stay_as_rare_as_they_were() -> None:
    pictures = [[["a", "zebra"]], [["a", "yak"]]]
    extended = extend_vocabulary(Vocabulary(["dog", "a"], [1.5, 0.5]), pictures, 1)
    assert extended.idfs == (1.5, 0.5, math.log(2), math.log(2))
    uncounted = extend_vocabulary(Vocabulary(["dog"]), pictures, 1)
    assert uncounted.idfs == ()
    assert uncounted.idf("yak") == uncounted.idf("dog") == 1


def test_new_words_share_what_the_unknown_word_had(bundle: Bundle) -> None:
    known = bundle.vocabulary
    extended = extend_vocabulary(known, [[["zebra-crossing", "okapi", "dog"]]], 1)
    before = build_merge_decoder(sizes(bundle, known)).training
    after = build_merge_decoder(sizes(bundle, extended)).training
    load_decoder(after, before, bundle)

    features = np.full((1, *bundle.feature_shape), 0.03, np.float32)
    words = np.array([[Vocabulary.START, *known.encode(["a", "brown"])]], np.int32)
    was = np.asarray(keras.ops.softmax(before.predict_on_batch([features, words])))
    now = np.asarray(keras.ops.softmax(after.predict_on_batch([features, words])))
    assert now.shape[-1] == was.shape[-1] + 2
    unknown = Vocabulary.UNKNOWN
    others = np.arange(len(known)) != unknown
    np.testing.assert_allclose(
        now[..., : len(known)][..., others], was[..., others], rtol=1e-5, atol=1e-12
    )
    shared = now[..., [unknown, -2, -1]]
    np.testing.assert_allclose(shared.sum(-1), was[..., unknown], rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(shared[..., 0], shared[..., 1], rtol=1e-5, atol=1e-12)


def test_damaged_weights_are_named(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "encoder.weights.h5").write_bytes(b"nonsense")
    damaged = Bundle(tmp_path, bundle.manifest, bundle.vocabulary)
    with pytest.raises(BundleError, match=r"encoder.weights.h5 is damaged"):
        load_encoder(keras.Sequential([keras.Input((3,))]), damaged)
