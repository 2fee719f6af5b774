"""The training loop: epochs, scores on dev, early stopping, saving, resuming."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from types import FrameType
from typing import Any

import keras
import numpy as np

from imagecap.progress import progress_bar
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.teacher_forcing import SeededBatches
from imagecap.training.features.prefetch import prefetch
from imagecap.training.networks.devices import (
    from_first_machine,
    on_any_machine,
    own_share,
)
from imagecap.training.run.run_folder import Progress, Run


class Interrupted(Exception):  # noqa: N818 – not an error: the state is saved
    """The run was asked to stop, and its state is saved."""


@dataclass(frozen=True)
class Stage:
    """A part of a run: one model trained on one kind of batches.

    Attributes:
        name: Its name in the record.
        model: The compiled model; `model.optimizer` must be built.
        batches: What it is trained on.
        epochs: Most epochs.
        patience: Epochs without a better CIDEr after which it ends.
        evaluate: Scores the model on dev; must give `CIDEr` and `dev loss`.
        reads_ahead: Whether a batch may be made before the one before it is learned.
        while_training: What holds while batches are learned, and not while dev is
            scored.
    """

    name: str
    model: keras.Model
    batches: SeededBatches
    epochs: int
    patience: int
    evaluate: Callable[[], dict[str, float]]
    reads_ahead: bool = True
    while_training: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    def variables(self) -> list[keras.Variable]:
        """Everything that a resumed run needs: weights, dropout seeds, moments."""
        return [*self.model.variables, *self.model.optimizer.variables]


def train_stage(
    stage: Stage,
    run: Run,
    progress: Progress,
    best_variables: Sequence[keras.Variable],
    save_every: float,
) -> None:
    """Train one stage to its end, or go on where it was interrupted.

    Args:
        stage: What is trained.
        run: Where state and record are kept.
        progress: How far the run has come; brought forward in place.
        best_variables: What is saved whenever CIDEr on dev is better than ever.
        save_every: Seconds between two savings of the state.

    Raises:
        Interrupted: On Ctrl-C or SIGTERM, after saving.
        TrainingError: If the state cannot be read or written.
    """
    if progress.stage == stage.name:
        run.load(stage.variables)
    else:
        progress.stage, progress.epoch, progress.batch = stage.name, 0, 0
        progress.loss, progress.words, progress.seconds = 0.0, 0, 0.0
        progress.epochs_without_gain = 0
    with _stop_requests(run.report) as stop_requested:
        while (
            progress.epoch < stage.epochs
            and progress.epochs_without_gain < stage.patience
        ):
            with stage.while_training():
                _train_epoch(stage, run, progress, save_every, stop_requested)
            _finish_epoch(stage, run, progress, best_variables)
            if on_any_machine(stop_requested()):
                raise Interrupted


def _train_epoch(
    stage: Stage,
    run: Run,
    progress: Progress,
    save_every: float,
    stop_requested: Callable[[], bool],
) -> None:
    stage.batches.start_epoch(progress.epoch)
    last_saved = last_step = time.monotonic()
    remaining = range(progress.batch, len(stage.batches))
    task = f"{stage.name}, epoch {progress.epoch + 1}/{stage.epochs}"
    with progress_bar(task, len(stage.batches), "batch", progress.batch) as bar:
        made = (prefetch if stage.reads_ahead else map)(
            stage.batches.__getitem__, remaining
        )
        for inputs, target in made:
            stage.model.reset_metrics()
            loss = float(stage.model.train_on_batch(*own_share((inputs, target))))
            words = int(np.count_nonzero(inputs[1] != Vocabulary.PADDING))
            progress.loss += loss * words
            progress.words += words
            progress.batch += 1
            now = time.monotonic()
            progress.seconds += now - last_step
            last_step = now
            bar.update()
            bar.set_postfix(loss=f"{progress.loss / progress.words:.3f}")
            if on_any_machine(stop_requested()):
                run.save(progress, stage.variables)
                raise Interrupted
            if now - last_saved > save_every:
                run.save(progress, stage.variables)
                last_saved = time.monotonic()
    # To score dev may take minutes, in which the run may be killed.
    run.save(progress, stage.variables)


def _finish_epoch(
    stage: Stage,
    run: Run,
    progress: Progress,
    best_variables: Sequence[keras.Variable],
) -> None:
    learned = {
        "train loss": round(progress.loss / progress.words, 5),
        "learning rate": float(f"{float(stage.model.optimizer.learning_rate):.4g}"),
        "seconds": round(progress.seconds, 1),
    }
    progress.epoch += 1
    progress.batch, progress.loss, progress.words = 0, 0.0, 0
    progress.seconds = 0.0
    place = (stage.name, progress.epoch)
    with _averaged_weights(stage.model):
        # They decide what comes next, and other processors round in other ways.
        scores = from_first_machine(stage.evaluate())
        gained = record_scores(run, progress, best_variables, place, learned, scores)
    progress.epochs_without_gain = 0 if gained else progress.epochs_without_gain + 1
    if reason := _why_ended(stage, progress):
        run.report(f"{stage.name} ended: {reason}.")
        progress.history[-1]["ended"] = reason
        run.write_history(progress.history)
    run.save(progress, stage.variables)


def _why_ended(stage: Stage, progress: Progress) -> str | None:
    if progress.epochs_without_gain >= stage.patience:
        best = progress.epoch - progress.epochs_without_gain
        return f"no better CIDEr after epoch {best}"
    if progress.epoch >= stage.epochs:
        return "all its epochs are done"
    return None


@contextmanager
def _averaged_weights(model: keras.Model) -> Iterator[None]:
    """Put the average of the weights over the last steps, if one is kept, in them."""
    if not model.optimizer.use_ema:
        yield
        return
    swap = keras.callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap.on_test_begin()
    yield
    swap.on_test_end()


def record_scores(
    run: Run,
    progress: Progress,
    best_variables: Sequence[keras.Variable],
    place: tuple[str, int],
    learned: Mapping[str, float],
    scores: Mapping[str, float],
) -> bool:
    """Write down and tell how good the model is now; keep it if it is the best so far.

    Args:
        run: Where the record is kept.
        progress: Its history gains a row.
        best_variables: What is saved if the scores are better than ever.
        place: The stage and the epoch of it.
        learned: Of the epoch, `train loss` in nats per word (its mean), `learning rate`
            (at its end, of the decoder where the encoder has another) and `seconds`
            (without the scoring); empty where nothing was learned.
        scores: Those on dev, as `evaluate_decoder` gives them.

    Returns:
        Whether it is the best so far.
    """
    stage, epoch = place
    row = {
        "stage": stage,
        "epoch": epoch,
        "train loss": learned.get("train loss"),
        **{name: round(score, 5) for name, score in scores.items()},
        "learning rate": learned.get("learning rate"),
        "seconds": learned.get("seconds"),
        "ended": None,
    }
    progress.history.append(row)
    best = progress.best is row
    if best:
        run.save_best(best_variables)
    run.write_history(progress.history)
    loss = f"loss {learned['train loss']:.3f}, " if learned else ""
    ciders = [
        f"{name} {score:.1f}" for name, score in scores.items() if "CIDEr" in name
    ]
    run.report(
        f"{stage}, epoch {epoch}: {loss}dev loss {scores['dev loss']:.3f}, "
        f"BLEU-4 {scores['BLEU-4']:.1f}, {', '.join(ciders)}"
    )
    return best


@contextmanager
def _stop_requests(report: Callable[[str], None]) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a request that the loop can ask for."""
    requested = False
    previous: dict[int, Any] = {}

    def request(number: int, _frame: FrameType | None) -> None:
        nonlocal requested
        requested = True
        report("Stopping after this step; the state is saved…")
        signal.signal(number, previous[number])

    for caught in (signal.SIGINT, signal.SIGTERM):
        previous[caught] = signal.signal(caught, request)
    try:
        yield lambda: requested
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
