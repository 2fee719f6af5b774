"""The decoders of a model read back, also the one whose weights only serve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imagecap.model.bundle import DECODER_STEP, Bundle, BundleError, load_bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.members import load_members
from imagecap.training.adaptation.second_member import predict_alike
from imagecap.training.export.ensemble import build_ensemble
from imagecap.training.run.validation import KerasDecoderStep


@pytest.fixture(
    scope="module",
    params=[(0, 1), (0, 0), (1, 0), (1, 1)],
    ids=["attention+merge", "attention twice", "merge+attention", "merge twice"],
)
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    untrained_attention_bundle: Path,
    untrained_bundle: Path,
) -> Bundle:
    folder = tmp_path_factory.mktemp("joined") / "both"
    kinds = (untrained_attention_bundle, untrained_bundle)
    first, second = (load_bundle(kinds[which]) for which in request.param)
    build_ensemble(first, second, folder)
    return load_bundle(folder)


def test_both_members_are_read_and_predict_as_before(both: Bundle) -> None:
    members = load_members(both, both.vocabulary)
    assert len(members.each) == 2
    assert predict_alike(both, members.start, members.step)
    second = members.each[1]
    second.assign([1 + weight for weight in second.weights])
    assert not predict_alike(both, members.start, members.step)


def test_new_words_take_their_place_in_both_members(both: Bundle) -> None:
    known = both.vocabulary.words[len(Vocabulary.SPECIAL) :]
    larger = Vocabulary((*known, "zebra"))
    members = load_members(both, larger)
    step = KerasDecoderStep(members.start, members.step)
    features = np.zeros((1, *both.feature_shape), np.float32)
    start = np.array([Vocabulary.START], np.int32)
    found, _, _ = step.step(start, step.start(features))
    assert found.shape == (1, len(larger))
    assert found[0, -1] > -100
    for member in members.each:
        assert member.features(features[0]).shape == (
            member.decoder.training.inputs[0].shape[1:]
        )


def test_a_bundle_without_the_second_member_it_names_is_damaged(both: Bundle) -> None:
    path = both.folder / DECODER_STEP
    content = path.read_bytes()
    path.write_bytes(content[:100])
    try:
        with pytest.raises(BundleError, match="damaged"):
            load_members(both, both.vocabulary)
    finally:
        path.write_bytes(content)
