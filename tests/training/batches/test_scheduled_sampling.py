from pathlib import Path

import keras
import numpy as np
import pytest

from imagecap.datasets.dataset import Example
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.scheduled_sampling import ScheduledSampling
from imagecap.training.batches.teacher_forcing import CaptionBatches, tokenize_examples
from imagecap.training.networks.decoder import DecoderConfig
from imagecap.training.networks.merge_decoder import build_merge_decoder

VOCABULARY = Vocabulary(["a", "dog", "runs"])

EPOCHS = 3


@pytest.fixture(scope="module")
def batches() -> tuple[CaptionBatches, ScheduledSampling]:
    texts = ("a dog runs", "runs a dog a dog", "dog")
    examples = [Example(f"{n}.jpg", Path(f"{n}.jpg"), texts) for n in range(200)]
    numbered = tokenize_examples(examples, VOCABULARY, 9)
    features = {example.name: np.ones(3, np.float32) for example in examples}
    keras.utils.set_random_seed(0)
    decoder = build_merge_decoder(DecoderConfig(len(VOCABULARY), 3, 8, 8, 8))
    plain = CaptionBatches(features, numbered, 200, seed=0)
    same = CaptionBatches(features, numbered, 200, seed=0)
    return plain, ScheduledSampling(same, decoder, 0.5, EPOCHS)


def test_the_share_of_words_of_its_own_rises(
    batches: tuple[CaptionBatches, ScheduledSampling],
) -> None:
    plain, mixed = batches
    shares = []
    for epoch in range(EPOCHS):
        changed = read = 0
        plain.start_epoch(epoch)
        mixed.start_epoch(epoch)
        for index in range(len(plain)):
            (_, true_words), true_next = plain[index]
            (_, words), next_words = mixed[index]
            np.testing.assert_array_equal(next_words, true_next)
            np.testing.assert_array_equal(words[:, 0], Vocabulary.START)
            padding = true_words == Vocabulary.PADDING
            assert not words[padding].any()
            changed += int((words != true_words).sum())
            read += int((~padding[:, 1:]).sum())
        shares.append(changed / read)
    assert shares[0] == 0
    # A drawn word may be the true one, so somewhat less than a quarter and a half.
    assert 0.1 < shares[1] < 0.25
    assert 0.25 < shares[2] < 0.5


def test_the_same_seed_draws_the_same(
    batches: tuple[CaptionBatches, ScheduledSampling],
) -> None:
    _, mixed = batches
    mixed.start_epoch(2)
    (_, first), _ = mixed[0]
    (_, again), _ = mixed[0]
    np.testing.assert_array_equal(first, again)
