import csv
from pathlib import Path

import keras
import numpy as np
import pytest

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


def test_another_data_set_that_gets_worse_keeps_the_earlier_epoch(
    tmp_path: Path,
) -> None:
    """The mean over dev of all data sets decides, not the first of them."""
    model, weights, said = build(0.0), list[np.ndarray](), list[str]()

    def evaluate() -> dict[str, float]:
        weights.append(np.asarray(model.weights[0]).copy())
        own, other = 50.0 + len(weights), 40.0 - 9 * len(weights)
        scores = {"dev loss": 1.0, "BLEU-4": 0.0, "CIDEr": own, "CIDEr more": other}
        return {**scores, "mean CIDEr": (own + other) / 2}

    run, progress = Run(tmp_path, said.append), Progress()
    stage = Stage("lines", model, Lines(0), 9, 2, evaluate)
    train_stage(stage, run, progress, model.weights, save_every=1e9)
    assert len(weights) == 3
    assert progress.best["epoch"] == 1
    assert said[0].endswith("CIDEr 51.0, CIDEr more 31.0, mean CIDEr 41.0")
    run.load_best(model.weights)
    np.testing.assert_array_equal(model.weights[0], weights[0])


def test_an_epoch_whose_scoring_was_broken_off_is_not_learned_again(
    tmp_path: Path,
) -> None:
    def killed() -> dict[str, float]:
        raise KeyboardInterrupt

    model, run = build(0.0), Run(tmp_path)
    stage = Stage("lines", model, Lines(0), 1, 9, killed)
    with pytest.raises(KeyboardInterrupt):
        train_stage(stage, run, Progress(), model.weights, save_every=1e9)
    learned = np.asarray(model.weights[0]).copy()

    model, progress = build(0.0), run.load_progress()
    assert progress is not None
    scores = {"dev loss": 1.0, "BLEU-4": 0.0, "CIDEr": 1.0}
    stage = Stage("lines", model, Lines(0), 1, 9, lambda: scores)
    train_stage(stage, run, progress, model.weights, save_every=1e9)
    np.testing.assert_array_equal(model.weights[0], learned)
    assert [row["epoch"] for row in progress.history] == [1]


def test_the_record_tells_rate_seconds_and_why_it_ended(tmp_path: Path) -> None:
    scores = iter([50.0, 51.0, 40.0, 41.0])
    said = list[str]()

    def evaluate() -> dict[str, float]:
        return {"dev loss": 1.0, "BLEU-4": 0.0, "CIDEr": next(scores)}

    model, run, progress = build(0.0), Run(tmp_path, said.append), Progress()
    stage = Stage("lines", model, Lines(0), 9, 2, evaluate)
    train_stage(stage, run, progress, model.weights, save_every=1e9)
    with (tmp_path / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["learning rate"] for row in rows} == {"0.1"}
    assert all(0 <= float(row["seconds"]) < 60 for row in rows)
    why = "no better CIDEr after epoch 2"
    assert [row["ended"] for row in rows] == ["", "", "", why]
    assert said[-1] == f"lines ended: {why}."
    stage = Stage("more", model, Lines(0), 1, 2, lambda: {**evaluate(), "CIDEr": 60.0})
    scores = iter([0.0])
    train_stage(stage, run, progress, model.weights, save_every=1e9)
    assert progress.history[-1]["ended"] == "all its epochs are done"
