"""What a training run is asked to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from imagecap.training.networks.decoder import DecoderConfig

# Smoothed labels leave predictions too flat to be searched. On dev, and on MS-COCO, a
# MobileNetV2 merge model says more at this temperature; without smoothing it does not,
# nor with a teacher.
TEMPERATURE_AFTER_SMOOTHING = 1 / 1.2


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that decides the outcome of a run, recorded with it.

    Attributes:
        encoder: A key of `imagecap.training.networks.encoders.ENCODERS`.
        start: The name or folder of the model that the run begins with; empty for a
            new one.
        architecture: A key of `imagecap.training.networks.architectures.ARCHITECTURES`.
        seed: Decides weights, order, dropout and augmentation.
        limit_captions: Train pictures are chosen at random, with all their captions,
            until they have this many; 0 takes all.
        minimum_count: How often a word must occur in the train split to be known.
        max_length: Words after which a training caption is cut off.
        embedding, lstm, image, hidden, dropout: Sizes; see `DecoderConfig`.
        epochs: Most epochs of training the decoder on extracted features.
        batch_size: Captions in a batch of these.
        learning_rate: Adam's rate for these; it falls to zero along a cosine
            (Loshchilov and Hutter 2017).
        fine_tune_epochs: Epochs of training encoder and decoder together after that;
            0 leaves the encoder as it is.
        fine_tune_from: The first layer of the encoder that is trained in these; all of
            it where empty.
        picture_batch_size: Pictures, with all their captions, in a batch of these.
        fine_tune_learning_rate: The same for the decoder in these.
        encoder_learning_rate: The same for the encoder.
        self_critical_epochs: Epochs of self-critical training of the decoder at the
            end; 0 for none.
        self_critical_learning_rate: Adam's rate in these.
        largest_zoom: Pictures are cropped at random and enlarged up to this much.
        teacher: The names or folders of the models whose predictions are learned, too,
            while encoder and decoder are trained together.
        label_smoothing: Probability that the loss takes from the true word and spreads
            over all, in all stages but the self-critical one. Captions are then
            searched for at a temperature below one.
        weight_averaging: What is scored and kept is a running average of the weights,
            of which this much is kept at each step; 0 takes the weights themselves.
        scheduled_sampling: The share of words, in the last epoch of the decoder, that
            it reads from what it would say itself; it rises from 0.
        word_vectors: A text file of word vectors that the embedding begins with; empty
            for random ones.
        mixed_precision: Whether the encoder computes in bfloat16 while it is trained;
            weights, scores and the exported model stay in float32.
        patience: Epochs without a better CIDEr on dev after which a stage ends.
        beam_width: Captions kept in parallel by the beam search that scores dev.
        consensus_width: Captions that the finished model finds, to choose the one that
            they agree on; with 0 it takes the most probable one of `beam_width`.
    """

    encoder: str = "xception"
    start: str = ""
    architecture: str = "merge"
    seed: int = 0
    limit_captions: int = 0
    minimum_count: int = 4
    max_length: int = 40
    embedding: int = 256
    lstm: int = 256
    image: int = 256
    hidden: int = 0
    dropout: float = 0.5
    epochs: int = 6
    batch_size: int = 128
    learning_rate: float = 1e-3
    fine_tune_epochs: int = 0
    fine_tune_from: str = ""
    picture_batch_size: int = 25
    fine_tune_learning_rate: float = 4e-4
    encoder_learning_rate: float = 1e-4
    self_critical_epochs: int = 0
    self_critical_learning_rate: float = 1e-4
    largest_zoom: float = 1.2
    teacher: tuple[str, ...] = ()
    label_smoothing: float = 0.0
    weight_averaging: float = 0.0
    scheduled_sampling: float = 0.0
    word_vectors: str = ""
    mixed_precision: bool = False
    patience: int = 3
    beam_width: int = 3
    consensus_width: int = 8

    def __post_init__(self) -> None:
        """Take the list that JSON makes of a tuple."""
        object.__setattr__(self, "teacher", tuple(self.teacher))

    @property
    def temperature(self) -> float:
        """By which logits are divided when captions are searched for."""
        return TEMPERATURE_AFTER_SMOOTHING if self.label_smoothing else 1.0

    def decoder_config(self, vocabulary: int, *features: int) -> DecoderConfig:
        """Give the sizes of the decoder for a vocabulary and an encoder.

        Args:
            vocabulary: Number of words, the special ones included.
            *features: Shape of the encoder's output for one picture: its length, or
                rows, columns and channels.
        """
        *grid, length = features
        return DecoderConfig(
            vocabulary,
            length,
            self.embedding,
            self.lstm,
            self.image,
            self.hidden,
            self.dropout,
            tuple(grid),
            self.temperature,
        )

    def to_json(self) -> dict[str, Any]:
        """Give the settings as a JSON object."""
        return asdict(self)
