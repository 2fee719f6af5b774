"""The decoders of a model that is gone on with: one, or two that serve as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from imagecap.model.bundle import Bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.second_member import read_second_member
from imagecap.training.export.ensemble import join_decoders
from imagecap.training.networks.architectures import ARCHITECTURES, decoder_config
from imagecap.training.networks.decoder import Decoder, DecoderConfig
from imagecap.training.networks.from_bundle import (
    copy_to_larger,
    decoder_from_bundle,
    settings_of_bundle,
)

Weights = Sequence[np.ndarray]


@dataclass(frozen=True)
class Member:
    """One decoder, with what it reads of the features and of the words.

    Attributes:
        decoder: It.
        channels: Which channels of the model's features it reads.
        reads_grid: Whether it reads each place, or their mean.
        translation: The number of each of the model's words in it, `[vocabulary]`,
            int32; that of the unknown where it does not know the word.
        label_smoothing: That with which it was trained.
    """

    decoder: Decoder
    channels: slice
    reads_grid: bool
    translation: np.ndarray
    label_smoothing: float

    def features(self, of_model: np.ndarray) -> np.ndarray:
        """Return what it reads of the model's features of one picture."""
        own = of_model[..., self.channels].astype(np.float32)
        if self.reads_grid or own.ndim == 1:
            return own
        mean: np.ndarray = own.mean(axis=(0, 1))
        return mean

    @property
    def weights(self) -> list[np.ndarray]:
        """Copies of its weights, which may be assigned to again."""
        return [np.asarray(one).copy() for one in self.decoder.training.weights]

    def assign(self, weights: Weights) -> None:
        """Take weights."""
        for weight, array in zip(self.decoder.training.weights, weights, strict=True):
            weight.assign(array)


@dataclass(frozen=True)
class Members:
    """All decoders of a model, for a vocabulary that may know more words than it.

    Attributes:
        each: One, or two.
        start: From the model's features to the state of all.
        step: From a word and that state to the next word; see `Decoder`.
    """

    each: tuple[Member, ...]
    start: keras.Model
    step: keras.Model


class PartOfFeatures(Mapping[str, np.ndarray]):
    """What a member reads of the features of each picture, made when it is read.

    Args:
        member: The member.
        features: Picture name → the model's features.
    """

    def __init__(self, member: Member, features: Mapping[str, np.ndarray]) -> None:
        self._member = member
        self._features = features

    def __getitem__(self, name: str) -> np.ndarray:
        return self._member.features(self._features[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)


def load_members(
    bundle: Bundle, vocabulary: Vocabulary, stand_ins: np.ndarray
) -> Members:
    """Load the decoders of a bundle and let them have more words.

    Args:
        bundle: The model.
        vocabulary: Begins with the words of the bundle.
        stand_ins: For each further word the number of one of these that it begins as,
            `[new]`.

    Raises:
        BundleWeightsError: If its weights are damaged.
        BundleError: If another of its files is.
    """
    settings = settings_of_bundle(bundle)
    architecture = ARCHITECTURES[settings.architecture]
    decoder, shape = decoder_from_bundle(bundle)
    known, new = len(bundle.vocabulary), len(stand_ins)
    config = decoder_config(settings, known, *shape)
    first = Member(
        _enlarge(decoder, config, stand_ins),
        slice(0, shape[-1]),
        architecture.reads_grid,
        np.arange(len(vocabulary), dtype=np.int32),
        settings.label_smoothing,
    )
    if bundle.manifest.ensemble is None:
        return Members((first,), first.decoder.start, first.decoder.step)
    read = read_second_member(bundle, decoder)
    more = read.config.vocabulary + np.arange(new, dtype=np.int32)
    second = Member(
        _enlarge(read.decoder, read.config, read.translation[stand_ins]),
        slice(shape[-1], None),
        bool(read.config.grid),
        np.concatenate([read.translation, more]),
        0.0,
    )
    start, step = join_decoders(
        first.decoder,
        second.decoder,
        bundle.feature_shape,
        second.translation,
        read.gate,
    )
    return Members((first, second), start, step)


def _enlarge(decoder: Decoder, config: DecoderConfig, stand_ins: np.ndarray) -> Decoder:
    """Return the same decoder with further words, each like one that it has."""
    new = len(stand_ins)
    if not new:
        return decoder
    architecture = ARCHITECTURES["attention" if config.grid else "merge"]
    larger = architecture.build(replace(config, vocabulary=config.vocabulary + new))
    copy_to_larger(decoder.training, larger.training, stand_ins)
    return larger
