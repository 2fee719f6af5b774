"""What a training run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import Any, ClassVar

from imagecap.interval import Interval
from imagecap.training.declaration import (
    Section,
    Setting,
    TrainingSettingsError,
    setting,
    settings_of,
)

# Smoothed labels leave predictions too flat to be searched. On dev, and on MS-COCO, a
# MobileNetV2 merge model says more at this temperature; without smoothing it does not,
# nor with a teacher.
TEMPERATURE_AFTER_SMOOTHING = 1 / 1.2

# Those of `ENCODERS` and `ARCHITECTURES` in `imagecap.training.networks`, which are
# built from settings and so cannot be imported here.
_ENCODERS = (
    "xception",
    "xception13",
    "xception13_224",
    "xception13_192",
    "inceptionv3",
    "vgg16",
    "resnet50v2",
    "efficientnetv2b0",
    "efficientnetv2s",
    "mobilenetv2",
    "mobilenetv3large",
    "small",
)
_ARCHITECTURES = ("merge", "attention")

_SIZE = Interval(1, 8192)
_COUNT = Interval(1)
_EPOCHS = Interval(0)
_RATE = Interval(0, 1, above=True)
_SHARE = Interval(0, 1)
_MODEL = "NAME_OR_PATH"


@dataclass(frozen=True)
class DecoderSettings(Section):
    """The decoder, and how it is trained on extracted features.

    The learning rates of all sections are Adam's. This one and those of fine-tuning
    fall to zero along a cosine (Loshchilov and Hutter 2017).
    """

    section: ClassVar[str] = "decoder"

    embedding: int = setting(256, "--embedding", "Length of a word vector.", _SIZE)
    lstm: int = setting(256, "--lstm", "Units of the LSTM.", _SIZE)
    image: int = setting(
        256, "--image", "Length of the dense vector of the image.", _SIZE
    )
    hidden: int = setting(
        0, "--hidden", "Units of the joint layer; 0: none.", Interval(0, 8192)
    )
    dropout: float = setting(
        0.5, "--dropout", "Fraction dropped.", Interval(0, 1, below=True)
    )
    word_vectors: str = setting(
        "",
        "--word-vectors",
        "Begin with the word vectors of a GloVe text file.",
        metavar="FILE",
    )
    epochs: int = setting(
        6,
        "--epochs",
        "Most epochs for the decoder alone; 0: fine-tune at once, as is always done "
        "with an encoder that is not pretrained.",
        _EPOCHS,
    )
    batch_size: int = setting(128, "--batch-size", "Captions in a batch.", _COUNT)
    learning_rate: float = setting(
        1e-3, "--learning-rate", "Adam's rate for the decoder.", _RATE
    )
    scheduled_sampling: float = setting(
        0.0,
        "--scheduled-sampling",
        "Share of words that the decoder reads from what it would say itself, in its "
        "last epoch; it rises from 0.",
        _SHARE,
    )


@dataclass(frozen=True)
class FineTuneSettings(Section):
    """Training encoder and decoder together, after the decoder alone."""

    section: ClassVar[str] = "fine_tune"

    epochs: int = setting(
        0,
        "--fine-tune-epochs",
        "Most epochs of training the encoder, too; 0: it stays as it is.",
        _EPOCHS,
    )
    first_layer: str = setting(
        "",
        "--fine-tune-from",
        "Leave the encoder before this layer as it is.",
        metavar="LAYER",
    )
    picture_batch_size: int = setting(
        25, "", "Pictures, with all their captions, in a batch.", _COUNT
    )
    encoder_learning_rate: float = setting(
        1e-4,
        "--encoder-learning-rate",
        "Adam's rate for the encoder in these; the decoder's is then four times that.",
        _RATE,
    )
    learning_rate: float = setting(
        4e-4, "", "The same for the decoder.", Interval(0, 4, above=True)
    )
    largest_zoom: float = setting(
        1.2, "", "Pictures are cropped at random and enlarged up to this.", Interval(1)
    )
    teacher: tuple[str, ...] = setting(
        (),
        "--teacher",
        "Learn what this model predicts, too, while fine-tuning. May be given several "
        "times: then the mean of what they predict.",
        metavar=_MODEL,
    )
    mixed_precision: bool = setting(
        False,
        "--mixed-precision",
        "Fine-tune in bfloat16 where the machine is not slower so: faster with large "
        "encoders such as Xception.",
    )


@dataclass(frozen=True)
class SelfCriticalSettings(Section):
    """Training the decoder on its own captions, rewarded by CIDEr, at the end."""

    section: ClassVar[str] = "self_critical"

    epochs: int = setting(
        0,
        "--self-critical-epochs",
        "Then train the decoder on its own captions, rewarded by CIDEr.",
        _EPOCHS,
    )
    learning_rate: float = setting(1e-4, "", "Adam's rate in these.", _RATE)


@dataclass(frozen=True)
class SearchSettings(Section):
    """The search for captions, on dev and by the finished model."""

    section: ClassVar[str] = "search"

    beam_width: int = setting(
        3, "--beam-width", "Width of the beam search that scores dev.", Interval(1, 50)
    )
    consensus_width: int = setting(
        8,
        "--consensus-width",
        "The model then says what this many captions agree on; 0: the most probable "
        "one of the beam, which is faster.",
        Interval(0, 50),
    )


@dataclass(frozen=True)
class TrainingSettings(Section):
    """Everything that decides the outcome of a run, recorded with it."""

    start: str = setting(
        "",
        "--from",
        "Go on from a model: its encoder, its words, its weights; offline.",
        metavar=_MODEL,
    )
    encoder: str = setting(
        "xception",
        "--encoder",
        "The network that features come from.",
        choices=_ENCODERS,
    )
    architecture: str = setting(
        "merge",
        "--architecture",
        "How the decoder sees the picture: as a whole, or a part of it for each word.",
        choices=_ARCHITECTURES,
    )
    limit_captions: int = setting(
        0,
        "--limit-captions",
        "Learn from this many captions: pictures chosen at random, with all of theirs; "
        "0: all.",
        Interval(0),
    )
    minimum_count: int = setting(
        4, "--minimum-count", "Words used less often are not learned.", _COUNT
    )
    max_length: int = setting(
        40, "", "Words after which a training caption is cut off.", _COUNT
    )
    label_smoothing: float = setting(
        0.0,
        "--label-smoothing",
        "Probability that is taken from the true word and spread over all.",
        Interval(0, 0.5),
    )
    weight_averaging: float = setting(
        0.0,
        "--weight-averaging",
        "Keep a running average of the weights, such as 0.998; 0: none.",
        Interval(0, 1, below=True),
    )
    patience: int = setting(
        3, "--patience", "Epochs without a better CIDEr that end a stage.", _COUNT
    )
    seed: int = setting(0, "--seed", "Same seed, same model.", Interval(0, 2**32 - 1))
    decoder: DecoderSettings = DecoderSettings()
    fine_tune: FineTuneSettings = FineTuneSettings()
    self_critical: SelfCriticalSettings = SelfCriticalSettings()
    search: SearchSettings = SearchSettings()

    @property
    def temperature(self) -> float:
        """By which logits are divided when captions are searched for."""
        return TEMPERATURE_AFTER_SMOOTHING if self.label_smoothing else 1.0

    def value(self, path: str) -> Any:  # noqa: ANN401 – of the type of the setting
        """Return the value of a setting by its path, such as `decoder.lstm`."""
        return attrgetter(path)(self)

    def with_values(self, values: Mapping[str, Any]) -> TrainingSettings:
        """Return these settings with other values.

        Args:
            values: By path, such as `decoder.lstm`.

        Raises:
            TrainingSettingsError: If a setting cannot have its value.
        """
        sections: dict[str, dict[str, Any]] = {}
        for path, value in values.items():
            section, _, name = path.rpartition(".")
            sections.setdefault(section, {})[name] = value
        own = sections.pop("", {})
        for section, changes in sections.items():
            own[section] = replace(getattr(self, section), **changes)
        return replace(self, **own)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a JSON object, sections as objects inside it."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> TrainingSettings:
        """Read a record as `to_json` writes it, or as it was before it had sections.

        What it lacks gets its default, unless the networks are built by it; what is
        unknown is left out.

        Raises:
            TrainingSettingsError: If a setting cannot have its value, or one by which
                the networks are built is missing.
        """
        flat = not any(name in record for name in SECTIONS)
        values = {}
        for path in SETTINGS:
            section, _, name = path.rpartition(".")
            place = record if flat or not section else record.get(section, {})
            if not isinstance(place, Mapping):
                raise TrainingSettingsError(f"The settings {section} are no object.")
            name = _FORMER_NAMES.get(path, name) if flat else name
            if name in place:
                value = place[name]
                values[path] = tuple(value) if isinstance(value, list) else value
        settings = cls().with_values(values)
        if missing := [path for path in NETWORK_SETTINGS if path not in values]:
            raise TrainingSettingsError(f"The setting {missing[0]} is missing.")
        return settings


SECTIONS: Mapping[str, type[Section]] = {
    part.section: part
    for part in (
        DecoderSettings,
        FineTuneSettings,
        SelfCriticalSettings,
        SearchSettings,
    )
}
SETTINGS: Mapping[str, Setting] = {
    one.path: one
    for one in chain(
        settings_of(TrainingSettings), *map(settings_of, SECTIONS.values())
    )
}
# Those by which the networks are built; the weights of a model fit no others.
NETWORK_SETTINGS = (
    "encoder",
    "architecture",
    "decoder.embedding",
    "decoder.lstm",
    "decoder.image",
    "decoder.hidden",
)
# Of settings whose names in records without sections were not those of today.
_FORMER_NAMES = {
    "fine_tune.epochs": "fine_tune_epochs",
    "fine_tune.first_layer": "fine_tune_from",
    "fine_tune.learning_rate": "fine_tune_learning_rate",
    "self_critical.epochs": "self_critical_epochs",
    "self_critical.learning_rate": "self_critical_learning_rate",
}
