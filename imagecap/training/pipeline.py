"""From a data set to a bundle: all stages of a training run in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras.optimizers.schedules import CosineDecay
from tqdm import tqdm

from imagecap.bundle import find_bundle, load_bundle
from imagecap.decoding import BeamSettings
from imagecap.text import Vocabulary, tokenize
from imagecap.training.architectures import ARCHITECTURES
from imagecap.training.datasets import Dataset, Example
from imagecap.training.encoders import (
    ENCODERS,
    build_encoder,
    encoder_identity,
    freeze_before,
)
from imagecap.training.encoding import encode_pictures
from imagecap.training.evaluation import KerasDecoderStep, evaluate_decoder
from imagecap.training.features import Features, extract_features
from imagecap.training.fit import Stage, record_scores, train_stage
from imagecap.training.grid_features import (
    delete_grid_features,
    extract_grid_features,
    grid_path,
)
from imagecap.training.loader import (
    CaptionBatches,
    NumberedExample,
    PictureBatches,
    number_captions,
)
from imagecap.training.models import (
    CaptioningModel,
    Decoder,
    advantage_loss,
    build_policy,
    caption_loss,
)
from imagecap.training.optimizers import TwoRateAdam
from imagecap.training.run import Progress, Run, TrainingError
from imagecap.training.self_critical import SampledBatches
from imagecap.training.settings import TrainingSettings
from imagecap.training.starting_point import (
    extend_vocabulary,
    load_decoder,
    load_encoder,
)

_PICTURES_TO_SAMPLE = 50
_STAGES = ("decoder", "fine-tune", "self-critical")


@dataclass(frozen=True)
class TrainedModel:
    """What a run ends with: the best weights of it, loaded.

    Attributes:
        encoder: From pixels to features.
        decoder: The decoder in its three uses.
        vocabulary: Names the words.
        progress: The record of the run.
    """

    encoder: keras.Model
    decoder: Decoder
    vocabulary: Vocabulary
    progress: Progress


def train(
    dataset: Dataset,
    settings: TrainingSettings,
    run: Run,
    features_folder: Path,
    encoder_weights: Path | None,
    save_every: float,
) -> TrainedModel:
    """Do all of a training run, or what is left of it.

    Args:
        dataset: Pictures and captions; needs a train and a dev split.
        settings: What to do.
        run: Where state and record are kept.
        features_folder: Where feature pickles are kept.
        encoder_weights: A weight file for the encoder, or `None` to download it.
        save_every: Seconds between two savings of the state.

    Raises:
        ImagecapError: If something is wrong that a person can mend.
        Interrupted: On Ctrl-C or SIGTERM, after saving.
    """
    keras.utils.set_random_seed(settings.seed)
    progress = run.load_progress() or Progress()
    start = load_bundle(find_bundle(settings.start)) if settings.start else None
    vocabulary = extend_vocabulary(
        start.vocabulary if start else Vocabulary(()),
        (tokenize(c) for example in dataset.train for c in example.captions),
        settings.minimum_count,
    )
    train_split = number_captions(dataset.train, vocabulary, settings.max_length)
    dev_split = number_captions(dataset.dev, vocabulary, settings.max_length)
    if not train_split or not dev_split:
        raise TrainingError(
            f"{dataset.name}: training needs pictures with captions in a train and "
            f"a dev split; there are {len(train_split)} and {len(dev_split)}."
        )
    architecture = ARCHITECTURES[settings.architecture]
    encoder = build_encoder(
        settings.encoder,
        encoder_weights,
        download=not start,
        grid=architecture.reads_grid,
    )
    # Not before all that can be wrong has been looked at: a run that could not begin
    # must not be in the way of the next try.
    run.begin(settings.to_json())
    decoder = _build_decoder(settings, vocabulary, encoder)
    if start:
        load_encoder(encoder, start)
        same_size = _build_decoder(settings, start.vocabulary, encoder)
        load_decoder(decoder.training, same_size.training, start)
    trained = _Training(
        settings, run, progress, encoder, decoder, vocabulary, save_every
    )
    if ENCODERS[settings.encoder].pretrained or start:
        features = _extract(
            encoder,
            settings,
            [item.example for item in (*train_split, *dev_split)],
            features_folder / f"{dataset.name}-{settings.encoder}",
        )
        for sentence in features.unreadable:
            tqdm.write(sentence)
        train_split = _readable(train_split, features.arrays)
        dev_split = _readable(dev_split, features.arrays)
        if start:
            trained.score_start(dev_split, features.arrays)
        trained.train_decoder(train_split, dev_split, features.arrays)
    if settings.fine_tune_epochs:
        trained.fine_tune(train_split, dev_split)
    if settings.self_critical_epochs:
        trained.train_self_critically(train_split, dev_split)
    run.load_best(trained.best_variables)
    return TrainedModel(encoder, decoder, vocabulary, progress)


def _build_decoder(
    settings: TrainingSettings, vocabulary: Vocabulary, encoder: keras.Model
) -> Decoder:
    sizes = settings.decoder_sizes(len(vocabulary), *encoder.output_shape[1:])
    return ARCHITECTURES[settings.architecture].build(sizes)


def _extract(
    encoder: keras.Model,
    settings: TrainingSettings,
    examples: Sequence[Example],
    stem: Path,
) -> Features:
    identity = encoder_identity(settings.encoder, encoder)
    if ARCHITECTURES[settings.architecture].reads_grid:
        return extract_grid_features(encoder, identity, examples, grid_path(stem))
    pickle = stem.with_name(f"{stem.name}.pkl")
    return extract_features(encoder, identity, examples, pickle)


def _readable(
    examples: Sequence[NumberedExample], features: Mapping[str, np.ndarray]
) -> list[NumberedExample]:
    return [item for item in examples if item.example.name in features]


class _Training:
    """The stages of one run, over the same models."""

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
        dev_split: Sequence[NumberedExample],
        features: Mapping[str, np.ndarray],
    ) -> None:
        """Record how good the model is that the run begins with; the best so far."""
        if self._progress.stage:
            return
        scores = self._evaluate(dev_split, features)
        best = self.best_variables
        record_scores(self._run, self._progress, best, ("start", 0), None, scores)

    def train_decoder(
        self,
        train_split: Sequence[NumberedExample],
        dev_split: Sequence[NumberedExample],
        features: Mapping[str, np.ndarray],
    ) -> None:
        """Train the decoder on features that stay as they are."""
        if self._is_past("decoder"):
            return
        settings = self._settings
        model = self._decoder.training
        batches = CaptionBatches(
            features, train_split, settings.batch_size, settings.seed
        )
        rate = CosineDecay(settings.learning_rate, settings.epochs * len(batches))
        _compile(model, TwoRateAdam(rate))
        self._train(
            Stage(
                "decoder",
                model,
                batches,
                settings.epochs,
                settings.patience,
                lambda: self._evaluate(dev_split, features),
            )
        )

    def fine_tune(
        self,
        train_split: Sequence[NumberedExample],
        dev_split: Sequence[NumberedExample],
    ) -> None:
        """Train encoder and decoder together, from the best decoder so far."""
        if self._is_past("fine-tune"):
            return
        settings = self._settings
        batches = PictureBatches(
            train_split,
            self._encoder.input_shape[1],
            settings.picture_batch_size,
            settings.largest_zoom,
            mirror=True,
            seed=settings.seed,
        )
        self._begin_from_best("fine-tune")
        if settings.fine_tune_from:
            freeze_before(self._encoder, settings.fine_tune_from)
        model = CaptioningModel(self._encoder, self._decoder)
        _build(model, batches)
        rate = CosineDecay(
            settings.fine_tune_learning_rate,
            settings.fine_tune_epochs * len(batches),
        )
        slow_factor = settings.encoder_learning_rate / settings.fine_tune_learning_rate
        _compile(model, TwoRateAdam(rate, self._encoder.variables, slow_factor))
        self._train(
            Stage(
                "fine-tune",
                model,
                batches,
                settings.fine_tune_epochs,
                settings.patience,
                lambda: self._evaluate_encoder(dev_split),
            )
        )

    def train_self_critically(
        self,
        train_split: Sequence[NumberedExample],
        dev_split: Sequence[NumberedExample],
    ) -> None:
        """Train the decoder on captions of its own, from the best model so far."""
        self._run.load_best(self.best_variables)
        # The encoder stays as it is from here on, so its features are computed once.
        with (
            self._encoded(train_split, "train") as train_features,
            self._encoded(dev_split, "dev") as dev_features,
        ):
            self._train_on_samples(train_split, train_features, dev_split, dev_features)

    def _train_on_samples(
        self,
        train_split: Sequence[NumberedExample],
        train_features: Mapping[str, np.ndarray],
        dev_split: Sequence[NumberedExample],
        dev_features: Mapping[str, np.ndarray],
    ) -> None:
        settings = self._settings
        batches = SampledBatches(
            KerasDecoderStep(self._decoder),
            train_features,
            train_split,
            self._vocabulary,
            _PICTURES_TO_SAMPLE,
            BeamSettings().max_length,
            settings.seed,
        )
        model = build_policy(self._decoder.training)
        optimizer = TwoRateAdam(settings.self_critical_learning_rate)
        model.compile(optimizer, loss=advantage_loss)
        optimizer.build(model.trainable_variables)
        self._train(
            Stage(
                "self-critical",
                model,
                batches,
                settings.self_critical_epochs,
                settings.patience,
                lambda: self._evaluate(dev_split, dev_features),
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
        self, split: Sequence[NumberedExample], features: Mapping[str, np.ndarray]
    ) -> dict[str, float]:
        return evaluate_decoder(
            self._decoder, features, split, self._vocabulary, self._settings.beam_width
        )

    def _evaluate_encoder(self, split: Sequence[NumberedExample]) -> dict[str, float]:
        with self._encoded(split, "dev") as features:
            return self._evaluate(split, features)

    @contextmanager
    def _encoded(
        self, split: Sequence[NumberedExample], name: str
    ) -> Iterator[Mapping[str, np.ndarray]]:
        """Compute the features that the encoder as it now is gives a split.

        Grids are kept on the disk for as long as they are used.
        """
        examples = [item.example for item in split]
        if not ARCHITECTURES[self._settings.architecture].reads_grid:
            arrays: dict[str, np.ndarray] = {}
            for batch in encode_pictures(self._encoder, examples):
                arrays.update(batch.arrays)
            yield arrays
            return
        stem = self._run.folder / name
        try:
            yield _extract(self._encoder, self._settings, examples, stem).arrays
        finally:
            delete_grid_features(grid_path(stem))


def _compile(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    model.compile(optimizer, loss=caption_loss)
    optimizer.build(model.trainable_variables)


def _build(model: CaptioningModel, batches: PictureBatches) -> None:
    """Let a subclassed model make its variables before the first batch."""
    (pixels, words), _ = batches[0]
    model([pixels[:1], words[:1]])
