"""What the benchmarks count and measure against is what they say it is."""

import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.encoders import build_encoder

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])


def test_the_arithmetic_of_a_network_is_that_of_its_paper() -> None:
    """300 million multiply-adds (Sandler et al. 2018, table 4), two operations each."""
    from extraction import count_operations

    network = build_encoder("mobilenetv2", download=False)
    assert count_operations(network) == pytest.approx(2 * 300e6, rel=0.02)


def test_the_classical_attention_learns() -> None:
    from classical_attention import ClassicalAttention

    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    sizes = DecoderConfig(20, 6, 8, 12, 8, 12, dropout=0.0, grid=(2, 2))
    model = ClassicalAttention(sizes, 0.02)
    grids = generator.normal(size=(4, 2, 2, 6)).astype(np.float32)
    words = generator.integers(4, 20, (4, 4)).astype(np.int32)
    next_words = np.pad(words[:, 1:], ((0, 0), (0, 1)))
    losses = [model.train_on_batch((grids, words), next_words) for _ in range(40)]
    # Nothing is known at first, and all words are as probable.
    assert losses[0] == pytest.approx(np.log(20), rel=0.1)
    assert losses[-1] < 0.3
