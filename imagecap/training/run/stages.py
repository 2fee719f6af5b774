"""The stages of a training run: decoder, fine-tuning, self-critical training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras.optimizers.schedules import CosineDecay

from imagecap.model.beam_search import BeamSettings
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.batches.distillation import (
    TaughtBatches,
    TaughtModel,
    Teacher,
    taught_caption_loss,
)
from imagecap.training.batches.scheduled_sampling import ScheduledSampling
from imagecap.training.batches.self_critical import (
    SampledBatches,
    advantage_loss,
    build_policy,
)
from imagecap.training.batches.teacher_forcing import (
    CaptionBatches,
    PictureBatches,
    SeededBatches,
    TokenizedExample,
)
from imagecap.training.features.extract import Extract, temporary_features
from imagecap.training.networks.decoder import CaptioningModel, Decoder
from imagecap.training.networks.encoders import freeze_before
from imagecap.training.networks.losses import (
    Loss,
    caption_loss,
    smoothed_caption_loss,
)
from imagecap.training.networks.optimizers import TwoRateAdam
from imagecap.training.networks.precision import compute_in_bfloat16
from imagecap.training.networks.static_shapes import needs_static_shapes
from imagecap.training.run.dev_splits import DevSplits, all_of
from imagecap.training.run.loop import Stage, record_scores, train_stage
from imagecap.training.run.run_folder import Progress, Run
from imagecap.training.run.validation import evaluate_decoder
from imagecap.training.settings import TrainingSettings

_PICTURES_TO_SAMPLE = 50
_STAGES = ("decoder", "fine-tune", "self-critical")


class Stages:
    """The stages of one run, over the same models.

    Each does nothing where the run is past it, and goes on where it was interrupted.

    Args:
        settings: What the run is asked to do.
        run: Where state and record are kept.
        progress: How far it has come; brought forward in place.
        encoder: From pixels to features.
        decoder: The decoder in its uses.
        vocabulary: Names the words.
        save_every: Seconds between two savings of the state.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        run: Run,
        progress: Progress,
        encoder: keras.Model,
        decoder: Decoder,
        vocabulary: Vocabulary,
        save_every: float,
    ) -> None:
        self._settings = settings
        self._run = run
        self._progress = progress
        self._encoder = encoder
        self._decoder = decoder
        self._vocabulary = vocabulary
        self._save_every = save_every
        # The loss on dev is computed with it in every stage.
        decoder.training.compile(loss=caption_loss)
        self.best_variables = [*encoder.weights, *decoder.training.weights]

    def score_start(
        self,
        dev_splits: DevSplits,
        features: Mapping[str, np.ndarray],
    ) -> None:
        """Record how good the model is that the run begins with; the best so far."""
        if self._progress.stage:
            return
        scores = self._evaluate(dev_splits, features)
        best = self.best_variables
        record_scores(self._run, self._progress, best, ("start", 0), {}, scores)

    def train_decoder(
        self,
        train_split: Sequence[TokenizedExample],
        dev_splits: DevSplits,
        features: Mapping[str, np.ndarray],
    ) -> None:
        """Train the decoder on features that stay as they are."""
        settings, chosen = self._settings, self._settings.decoder
        if self._is_past("decoder") or not chosen.epochs:
            return
        # A model of its own: the decoder's is compiled with the loss on dev.
        model = keras.Model(
            self._decoder.training.inputs, self._decoder.training.outputs
        )
        batches: SeededBatches = CaptionBatches(
            features,
            train_split,
            chosen.batch_size,
            settings.seed,
            needs_static_shapes(),
        )
        if chosen.scheduled_sampling:
            batches = ScheduledSampling(
                batches, self._decoder, chosen.scheduled_sampling, chosen.epochs
            )
        rate = CosineDecay(chosen.learning_rate, chosen.epochs * len(batches))
        optimizer = TwoRateAdam(rate, averaging=settings.weight_averaging)
        _compile(model, optimizer, smoothed_caption_loss(settings.label_smoothing))
        self._train(
            Stage(
                "decoder",
                model,
                batches,
                chosen.epochs,
                settings.patience,
                lambda: self._evaluate(dev_splits, features),
                reads_ahead=not chosen.scheduled_sampling,
            )
        )

    def fine_tune(
        self,
        train_split: Sequence[TokenizedExample],
        dev_splits: DevSplits,
        teachers: Sequence[Teacher],
        features_stem: Path,
        extract: Extract,
    ) -> None:
        """Train encoder and decoder together, from the best decoder so far.

        Args:
            train_split: What is learned.
            dev_splits: What is scored.
            teachers: Whose predictions are learned, too.
            features_stem: Where their features are kept, before their names.
            extract: Extracts them.
        """
        if self._is_past("fine-tune"):
            return
        settings, chosen = self._settings, self._settings.fine_tune
        pictures = PictureBatches(
            train_split,
            self._encoder.input_shape[1],
            chosen.picture_batch_size,
            chosen.largest_zoom,
            mirror=True,
            seed=settings.seed,
            one_shape=needs_static_shapes(),
        )
        batches: SeededBatches = pictures
        loss = smoothed_caption_loss(settings.label_smoothing)
        if teachers:
            examples = [item.example for item in train_split]
            features = []
            for one in teachers:
                stem = features_stem.with_name(f"{features_stem.name}-{one.name}")
                seen = extract(
                    one.encoder, one.settings, examples, stem, self._run.report
                )
                features.append(seen.arrays)
            batches = TaughtBatches(pictures, features)
            loss = taught_caption_loss
        self._begin_from_best("fine-tune")
        if chosen.first_layer:
            freeze_before(self._encoder, chosen.first_layer)
        model = (
            TaughtModel(self._encoder, self._decoder, teachers)
            if teachers
            else CaptioningModel(self._encoder, self._decoder)
        )
        _build(model, batches)
        rate = CosineDecay(chosen.learning_rate, chosen.epochs * len(batches))
        slow_factor = chosen.encoder_learning_rate / chosen.learning_rate
        optimizer = TwoRateAdam(
            rate, self._encoder.variables, slow_factor, settings.weight_averaging
        )
        _compile(model, optimizer, loss)
        self._train(
            Stage(
                "fine-tune",
                model,
                batches,
                chosen.epochs,
                settings.patience,
                lambda: self._evaluate_encoder(dev_splits),
                while_training=(
                    partial(compute_in_bfloat16, self._encoder)
                    if chosen.mixed_precision
                    else nullcontext
                ),
            )
        )

    def train_self_critically(
        self,
        train_split: Sequence[TokenizedExample],
        dev_splits: DevSplits,
    ) -> None:
        """Train the decoder on captions of its own, from the best model so far."""
        settings, chosen = self._settings, self._settings.self_critical
        self._run.load_best(self.best_variables)
        # The encoder stays as it is from here on, so its features are computed once.
        with (
            self._encoded(train_split, "train") as train_features,
            self._encoded(all_of(dev_splits), "dev") as dev_features,
        ):
            batches = SampledBatches(
                self._decoder,
                train_features,
                train_split,
                self._vocabulary,
                _PICTURES_TO_SAMPLE,
                BeamSettings().max_length,
                settings.seed,
            )
            model = build_policy(self._decoder.training)
            averaging = settings.weight_averaging
            optimizer = TwoRateAdam(chosen.learning_rate, averaging=averaging)
            _compile(model, optimizer, advantage_loss)
            self._train(
                Stage(
                    "self-critical",
                    model,
                    batches,
                    chosen.epochs,
                    settings.patience,
                    lambda: self._evaluate(dev_splits, dev_features),
                    reads_ahead=False,
                )
            )

    def _is_past(self, stage: str) -> bool:
        if not self._progress.stage:
            return False
        return _STAGES.index(self._progress.stage) > _STAGES.index(stage)

    def _begin_from_best(self, stage: str) -> None:
        if self._progress.stage not in ("", stage):
            self._run.load_best(self.best_variables)

    def _train(self, stage: Stage) -> None:
        train_stage(
            stage, self._run, self._progress, self.best_variables, self._save_every
        )

    def _evaluate(
        self, splits: DevSplits, features: Mapping[str, np.ndarray]
    ) -> dict[str, float]:
        return evaluate_decoder(
            self._decoder,
            features,
            splits,
            self._vocabulary,
            self._settings.search.beam_width,
        )

    def _evaluate_encoder(self, splits: DevSplits) -> dict[str, float]:
        with self._encoded(all_of(splits), "dev") as features:
            return self._evaluate(splits, features)

    def _encoded(
        self, split: Sequence[TokenizedExample], name: str
    ) -> AbstractContextManager[Mapping[str, np.ndarray]]:
        """Compute the features that the encoder as it now is gives a split."""
        examples = [item.example for item in split]
        stem = self._run.folder / name
        return temporary_features(self._encoder, self._settings, examples, stem)


def _compile(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: Loss
) -> None:
    model.compile(optimizer, loss=loss)
    optimizer.build(model.trainable_variables)


def _build(model: CaptioningModel, batches: SeededBatches) -> None:
    """Let a subclassed model make its variables before the first batch."""
    inputs, _ = batches[0]
    # Of shapes alone nothing is computed.
    model([keras.KerasTensor(array.shape, array.dtype) for array in inputs])
