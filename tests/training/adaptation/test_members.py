"""The decoders of a model read back, also the one whose weights only serve."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from imagecap.model.bundle import (
    DECODER_STEP,
    DECODER_WEIGHTS,
    Bundle,
    BundleError,
    load_bundle,
)
from imagecap.model.sealing import seal_bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.members import load_members
from imagecap.training.adaptation.second_member import predict_alike
from imagecap.training.export.ensemble import build_ensemble
from imagecap.training.networks.from_bundle import networks_from_bundle
from imagecap.training.networks.weight_files import save_weights
from imagecap.training.run.validation import KerasDecoderStep

NO_NEW_WORDS = np.zeros(0, np.int32)


def with_other_weights(bundle: Bundle, folder: Path, seed: int) -> Bundle:
    """Copy a bundle that has learned nothing; equal weights would be stored once."""
    shutil.copytree(bundle.folder, folder)
    _, decoder = networks_from_bundle(bundle)
    generator = np.random.default_rng(seed)
    for weight in decoder.training.weights:
        weight.assign(generator.normal(0, 0.3, weight.shape))
    save_weights(decoder.training, folder / DECODER_WEIGHTS)
    seal_bundle(folder, bundle.manifest)
    return load_bundle(folder)


@pytest.fixture(
    scope="module", params=[False, True], ids=["attention+merge", "merge+attention"]
)
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    untrained_attention_bundle: Path,
    untrained_bundle: Path,
) -> Bundle:
    folder = tmp_path_factory.mktemp("joined")
    kinds = [untrained_attention_bundle, untrained_bundle]
    if request.param:
        kinds.reverse()
    first, second = (
        with_other_weights(load_bundle(kind), folder / f"{seed}", seed)
        for seed, kind in enumerate(kinds)
    )
    build_ensemble(first, second, folder / "both")
    return load_bundle(folder / "both")


def test_both_members_are_read_and_predict_as_before(both: Bundle) -> None:
    members = load_members(both, both.vocabulary, NO_NEW_WORDS)
    assert len(members.each) == 2
    assert predict_alike(both, members.start, members.step)
    second = members.each[1]
    second.assign([1 + weight for weight in second.weights])
    assert not predict_alike(both, members.start, members.step)


def test_new_words_take_their_place_in_both_members(both: Bundle) -> None:
    known = both.vocabulary.words[len(Vocabulary.SPECIAL) :]
    larger = Vocabulary((*known, "zebra"))
    (like,) = both.vocabulary.encode(["dog"])
    members = load_members(both, larger, np.array([like]))
    step = KerasDecoderStep(members.start, members.step)
    features = np.zeros((1, *both.feature_shape), np.float32)
    start = np.array([Vocabulary.START], np.int32)
    found, _, _ = step.step(start, step.start(features))
    assert found.shape == (1, len(larger))
    # The biases apart, it begins as the word that it is like.
    assert found[0, -1] == pytest.approx(found[0, like] - np.log(2), abs=1e-4)
    for member in members.each:
        assert (
            member.features(features[0]).shape
            == (member.decoder.training.inputs[0].shape[1:])
        )


def test_a_bundle_without_the_second_member_it_names_is_damaged(both: Bundle) -> None:
    path = both.folder / DECODER_STEP
    content = path.read_bytes()
    path.write_bytes(content[:100])
    try:
        with pytest.raises(BundleError, match="damaged"):
            load_members(both, both.vocabulary, NO_NEW_WORDS)
    finally:
        path.write_bytes(content)
