"""New words find their places, whatever else is learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.model.bundle import load_bundle
from imagecap.model.caption_probability import mean_log_probabilities
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.fit_decoder import Course, DecoderFit
from imagecap.training.adaptation.members import load_members
from imagecap.training.batches.teacher_forcing import tokenize_examples
from imagecap.training.networks.from_bundle import extend_vocabulary
from imagecap.training.run.validation import KerasDecoderStep


def test_a_name_is_learned_where_nothing_else_is(untrained_bundle: Path) -> None:
    bundle = load_bundle(untrained_bundle)
    known = len(bundle.vocabulary)
    vocabulary = extend_vocabulary(bundle.vocabulary, [[["momo"]]], 1)
    members = load_members(bundle, vocabulary, np.array([Vocabulary.UNKNOWN]))
    (member,) = members.each
    names = ["cat.jpg", "other.jpg"]
    drawn = np.random.default_rng(0).random((2, *bundle.feature_shape), np.float32)
    word = bundle.vocabulary.words[-1]
    examples = [
        Example(name, Path(name), (caption,))
        for name, caption in zip(names, ("momo", word), strict=True)
    ]
    fit = DecoderFit(member, dict(zip(names, drawn, strict=True)), known, 0)
    tokenized = tokenize_examples(examples, vocabulary, 40)
    captions = [one.captions[0] for one in tokenized]
    step = KerasDecoderStep(members.start, members.step)

    def probable() -> np.ndarray:
        return mean_log_probabilities(step, drawn, captions, [0, 1], len(vocabulary))

    before, weights = probable(), member.weights
    fit.fit(tokenized, Course(0, 0.5))
    assert probable()[0] > before[0] + 0.3
    for old, new in zip(weights, member.weights, strict=True):
        grown = [axis for axis, size in enumerate(old.shape) if size == known + 1]
        for axis in grown:
            old, new = (np.take(one, range(known), axis) for one in (old, new))
        assert (old == new).all()
