from pathlib import Path

import keras
import numpy as np
import pytest
from test_beam_search import VOCABULARY

from imagecap.datasets.datasets import Example
from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.self_critical import SampledBatches
from imagecap.training.batches.teacher_forcing import tokenize_examples
from imagecap.training.networks.caption_sampler import CaptionSampler
from imagecap.training.networks.decoder import DecoderConfig, build_policy
from imagecap.training.networks.losses import advantage_loss
from imagecap.training.networks.merge_decoder import build_merge_decoder


def test_loss_is_the_weighted_surprise() -> None:
    logits = np.random.default_rng(0).normal(size=(1, 3, 5)).astype(np.float32)
    words, advantages = np.array([[4, 2, 0]]), np.array([[0.5, 0.5, 0.5]])
    log_probabilities = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    expected = -0.5 * (log_probabilities[0, 0, 4] + log_probabilities[0, 1, 2]) / 2
    target = np.stack([words, advantages], axis=-1).astype(np.float32)
    assert float(advantage_loss(target, logits)) == pytest.approx(expected, rel=1e-5)


def test_captions_earn_more_after_training() -> None:
    keras.utils.set_random_seed(0)
    captions = {
        "one.jpg": ("a dog runs",),
        "two.jpg": ("runs a dog a",),
        "three.jpg": ("dog dog dog",),
    }
    examples = tokenize_examples(
        [Example(name, Path(name), texts) for name, texts in captions.items()],
        VOCABULARY,
        9,
    )
    features = dict(zip(captions, np.eye(3, dtype=np.float32), strict=True))
    decoder = build_merge_decoder(DecoderConfig(len(VOCABULARY), 3, 8, 8, 8, 16, 0.5))
    batches = SampledBatches(decoder, features, examples, VOCABULARY, 3, 6, seed=0)
    policy = build_policy(decoder.training)
    (features_of_samples, words), target = batches[0]
    probabilities = keras.ops.softmax(policy([features_of_samples, words]))
    never = [Vocabulary.PADDING, Vocabulary.START, Vocabulary.UNKNOWN]
    # Otherwise training would move all probability where no sample ever shows it.
    assert float(np.asarray(probabilities)[..., never].max()) == 0
    policy.compile(keras.optimizers.Adam(0.01), loss=advantage_loss)

    def mean_reward() -> float:
        cider = CiderD({name: [texts[0].split()] for name, texts in captions.items()})
        names = np.repeat(list(captions), 50)
        drawn = CaptionSampler(decoder, 50, 6).draw(
            np.stack(list(features.values())), np.random.default_rng(1)
        )
        words = [VOCABULARY.decode(n for n in row if n > 3) for row in drawn]
        return float(np.mean(list(map(cider.score, names, words))))

    before = mean_reward()
    for epoch in range(150):
        batches.start_epoch(epoch)
        inputs, target = batches[0]
        assert target.shape == (15, inputs[1].shape[1], 2)
        advantages = target[:, 0, 1].reshape(3, 5)
        np.testing.assert_allclose(advantages.sum(axis=1), 0, atol=1e-5)
        policy.train_on_batch(inputs, target)
    assert mean_reward() > before + 1
