"""The weights of decoders read back from the networks that serve."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from imagecap.model.bundle import (
    DECODER_STEP,
    DECODER_WEIGHTS,
    BundleError,
    load_bundle,
)
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.from_bundle import networks_from_bundle


def weights(folder: Path) -> dict[str, np.ndarray]:
    _, decoder = networks_from_bundle(load_bundle(folder))
    return {weight.path: np.array(weight) for weight in decoder.training.weights}


def copy_without_weights(folder: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(DECODER_WEIGHTS))
    return copy


@pytest.mark.parametrize("name", ["default", "fast"])
def test_what_serves_is_what_is_kept_for_retraining(name: str, tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "models" / name
    kept = weights(folder)
    read = weights(copy_without_weights(folder, tmp_path))
    assert read.keys() == kept.keys()
    for path, array in kept.items():
        if path == "join/bias":
            never_said = [Vocabulary.PADDING, Vocabulary.START, Vocabulary.UNKNOWN]
            array[never_said] = 0
        # Stored in 8 bits once more; word vectors with one scale for all.
        step = np.abs(array).max() / 127
        np.testing.assert_allclose(read[path], array, atol=step, rtol=0)
        if array.size > 1:
            assert np.corrcoef(read[path].ravel(), array.ravel())[0, 1] > 0.999


def test_a_network_of_another_decoder_is_refused(
    tmp_path: Path, untrained_bundle: Path, untrained_attention_bundle: Path
) -> None:
    copy = copy_without_weights(untrained_bundle, tmp_path)
    shutil.copy(untrained_attention_bundle / DECODER_STEP, copy)
    with pytest.raises(BundleError, match="decoder"):
        weights(copy)
