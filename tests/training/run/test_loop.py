from pathlib import Path

import keras
import numpy as np

from imagecap.training.batches.teacher_forcing import SeededBatches
from imagecap.training.networks.optimizers import TwoRateAdam
from imagecap.training.run.loop import Stage, train_stage
from imagecap.training.run.run_folder import Progress, Run

AVERAGING = 0.6


class Lines(SeededBatches):
    """Batches of the kind that the loop expects: inputs, the second of them words."""

    def _shuffle(self, generator: np.random.Generator) -> None:
        self.numbers = generator.normal(size=(4, 5, 2)).astype(np.float32)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(
        self, index: int
    ) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        numbers = self.numbers[index]
        return (numbers, np.ones((5, 1), np.int32)), numbers.sum(axis=1, keepdims=True)


def build(averaging: float) -> keras.Model:
    numbers, words = keras.Input((2,)), keras.Input((1,), dtype="int32")
    dense = keras.layers.Dense(1, kernel_initializer="ones")
    model = keras.Model([numbers, words], dense(numbers) * 1.0 + words * 0)
    model.compile(TwoRateAdam(0.1, averaging=averaging), loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_the_average_of_the_weights_is_scored_and_kept(tmp_path: Path) -> None:
    by_hand = build(0.0)
    weights, averages, batches = [], [], Lines(0)
    for epoch in range(2):
        batches.start_epoch(epoch)
        for index in range(len(batches)):
            by_hand.train_on_batch(*batches[index])
            weights.append(np.asarray(by_hand.weights[0]).copy())
            before = averages[-1] if averages else weights[-1]
            averages.append(AVERAGING * before + (1 - AVERAGING) * weights[-1])

    model, scored = build(AVERAGING), []

    def evaluate() -> dict[str, float]:
        scored.append(np.asarray(model.weights[0]).copy())
        return {"dev loss": 1.0, "BLEU-4": 0.0, "CIDEr": float(len(scored))}

    run = Run(tmp_path)
    stage = Stage("lines", model, Lines(0), 2, 9, evaluate)
    train_stage(stage, run, Progress(), model.weights, save_every=1e9)
    np.testing.assert_allclose(scored, averages[3::4], rtol=1e-5)
    np.testing.assert_allclose(model.weights[0], weights[-1], rtol=1e-5)
    run.load_best(model.weights)
    np.testing.assert_allclose(model.weights[0], averages[-1], rtol=1e-5)
