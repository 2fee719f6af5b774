"""New words find their places, and what was known stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from caption_probability import mean_log_probabilities
from untrained_model import WORDS

from imagecap.datasets.dataset import Example
from imagecap.model.bundle import load_bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.fit_decoder import Course, DecoderFit
from imagecap.training.adaptation.members import load_members
from imagecap.training.batches.teacher_forcing import tokenize_examples
from imagecap.training.networks.from_bundle import extend_vocabulary
from imagecap.training.run.validation import KerasDecoderStep

NEW = "momo"


class Decoder:
    """A small one that knows one word more than it has learned, and made-up pictures.

    Args:
        folder: Its bundle.
        captions: One of each picture.
    """

    def __init__(self, folder: Path, captions: Sequence[str]) -> None:
        bundle = load_bundle(folder)
        self.known = len(bundle.vocabulary)
        vocabulary = extend_vocabulary(bundle.vocabulary, [[[NEW]]], 1)
        members = load_members(bundle, vocabulary, np.array([Vocabulary.UNKNOWN]))
        (self.member,) = members.each
        self._step = KerasDecoderStep(members.start, members.step)
        shape = (len(captions), *bundle.feature_shape)
        self._features = np.random.default_rng(0).random(shape, np.float32)
        examples = [
            Example(f"{number}.jpg", Path(f"{number}.jpg"), (caption,))
            for number, caption in enumerate(captions)
        ]
        self.pictures = tokenize_examples(examples, vocabulary, 40)

    def fit(self) -> DecoderFit:
        """Begin with the weights that it has."""
        names = [item.example.name for item in self.pictures]
        features = dict(zip(names, self._features, strict=True))
        return DecoderFit(self.member, features, self.known, 0)

    def probable(self) -> np.ndarray:
        """Tell how probable each picture's caption is to it."""
        captions = [item.captions[0] for item in self.pictures]
        each = range(len(captions))
        return mean_log_probabilities(
            self._step, self._features, captions, each, self.known + 1
        )


def test_a_name_is_learned_where_nothing_else_is(untrained_bundle: Path) -> None:
    decoder = Decoder(untrained_bundle, [NEW, "the"])
    before, weights = decoder.probable(), decoder.member.weights
    decoder.fit().fit(decoder.pictures, Course(0, 0.5))
    assert decoder.probable()[0] > before[0] + 0.3
    for old, new in zip(weights, decoder.member.weights, strict=True):
        grown = [axis for axis, size in enumerate(old.shape) if size > decoder.known]
        for axis in grown:
            old, new = (np.take(one, range(decoder.known), axis) for one in (old, new))
        assert (old == new).all()


def test_a_new_word_is_not_expected_of_other_pictures(untrained_bundle: Path) -> None:
    decoder = Decoder(untrained_bundle, [NEW] * 2 + ["a dog sits on the grass"] * 60)
    before = decoder.probable()
    decoder.fit().fit(decoder.pictures, Course(0, 0.5))
    gained = decoder.probable() - before
    assert gained[:2].min() > 1
    assert gained[2:].mean() > -0.05


def test_a_part_of_the_way_is_gone_only_from_what_is_known(
    untrained_bundle: Path,
) -> None:
    """All of it where nothing is known, a quarter where all is that can be."""
    keras.utils.set_random_seed(0)
    drawn = np.random.default_rng(0).choice(WORDS, (60, 5))
    decoder = Decoder(untrained_bundle, [" ".join(words) for words in drawn])
    folds = [(decoder.pictures[:40], decoder.pictures[40:])]
    fit = decoder.fit()
    assert fit.choose_course(folds).share == 1
    fit.fit(decoder.pictures, Course(80, 1))
    assert decoder.fit().choose_course(folds).share == 0.25
