"""Going on from a finished model: its encoder, its decoder, its words and new ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np

from imagecap.errors import ImagecapError
from imagecap.model.bundle import DECODER_WEIGHTS, ENCODER_WEIGHTS, Bundle
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.declaration import TrainingSettingsError
from imagecap.training.networks.architectures import ARCHITECTURES, build_decoder
from imagecap.training.networks.decoder import Decoder
from imagecap.training.networks.encoders import build_encoder
from imagecap.training.networks.serving_weights import read_decoder_weights
from imagecap.training.networks.weight_files import load_weights
from imagecap.training.settings import TrainingSettings


class BundleWeightsError(ImagecapError):
    """A model cannot be gone on with."""


def extend_vocabulary(
    vocabulary: Vocabulary,
    pictures: Iterable[Iterable[Sequence[str]]],
    minimum_count: int,
) -> Vocabulary:
    """Add the words that captions use often enough; known ones keep their numbers.

    Args:
        vocabulary: The words of the model.
        pictures: For each picture of the new training split its captions, each as its
            words.
        minimum_count: How often a new word must occur to be added.
    """
    new = Vocabulary.from_captions(pictures, minimum_count)
    count = len(Vocabulary.SPECIAL)
    known = vocabulary.words[count:]
    added = [word for word in new.words[count:] if word not in vocabulary]
    idfs = [*vocabulary.idfs, *map(new.idf, added)]
    counted = len(vocabulary.idfs) == len(known)
    return Vocabulary((*known, *added), idfs if counted else ())


def load_encoder(encoder: keras.Model, bundle: Bundle) -> None:
    """Load into an encoder the weights of a bundle.

    Raises:
        BundleWeightsError: If the bundle's weights are damaged or of another network.
        BundleError: If their file is missing or damaged.
    """
    _load(encoder, bundle, ENCODER_WEIGHTS)


def load_decoder(decoder: keras.Model, same_size: keras.Model, bundle: Bundle) -> None:
    """Load into a decoder the weights of a bundle that knows fewer words.

    A new word begins as what it was until now, an unknown one, and shares the
    probability of that with the others.

    Args:
        decoder: The training model of the decoder to start; its vocabulary begins with
            the words of the bundle.
        same_size: One built for the vocabulary of the bundle.
        bundle: The model to start from.

    Raises:
        BundleWeightsError: If the bundle's weights are damaged or of another network.
        BundleError: If their file is missing or damaged.
    """
    _load_decoder(same_size, bundle, settings_of_bundle(bundle))
    copy_to_larger(same_size, decoder)


def copy_to_larger(
    decoder: keras.Model, larger: keras.Model, stand_ins: np.ndarray | None = None
) -> None:
    """Give a decoder the weights of one that knows fewer words; see `load_decoder`.

    Args:
        decoder: The training model of the one that knows fewer.
        larger: That of the other one.
        stand_ins: For each of the words that only that one knows the number of a word
            that it begins as, `[new]`; by default all begin as an unknown one.
    """
    for weight, known in zip(larger.weights, decoder.weights, strict=True):
        weight.assign(_extend(np.asarray(known), weight.shape, stand_ins))


def settings_of_bundle(bundle: Bundle) -> TrainingSettings:
    """Return the settings that a bundle was trained with.

    Raises:
        BundleWeightsError: If its record holds what cannot be, or lacks what must be.
    """
    try:
        return TrainingSettings.from_json(bundle.manifest.training.settings)
    except TrainingSettingsError as error:
        raise BundleWeightsError(
            f"The manifest of the model in {bundle.folder} is damaged: {error} Take "
            "another copy of the model."
        ) from error


def networks_from_bundle(bundle: Bundle) -> tuple[keras.Model, Decoder]:
    """Return the encoder and the decoder of a bundle, with its weights.

    Raises:
        BundleWeightsError: If the bundle's weights are damaged or of another network.
        BundleError: If their files are missing or damaged.
    """
    encoder, decoder = _encoder_and_loaded_decoder(bundle)
    load_encoder(encoder, bundle)
    return encoder, decoder


def decoder_from_bundle(bundle: Bundle) -> tuple[Decoder, tuple[int, ...]]:
    """Return the decoder of a bundle, and the shape of the features that it reads.

    Raises:
        BundleWeightsError: If the bundle's weights are damaged or of another network.
        BundleError: If their files are missing or damaged.
    """
    encoder, decoder = _encoder_and_loaded_decoder(bundle)
    return decoder, encoder.output_shape[1:]


def _encoder_and_loaded_decoder(bundle: Bundle) -> tuple[keras.Model, Decoder]:
    settings = settings_of_bundle(bundle)
    architecture = ARCHITECTURES[settings.architecture]
    encoder = build_encoder(
        settings.encoder, download=False, grid=architecture.reads_grid
    )
    decoder = build_decoder(settings, len(bundle.vocabulary), encoder)
    _load_decoder(decoder.training, bundle, settings)
    return encoder, decoder


def _extend(
    known: np.ndarray, shape: tuple[int, ...], stand_ins: np.ndarray | None
) -> np.ndarray:
    """Repeat words along the axis, if any, that has grown."""
    for axis, (size, wanted) in enumerate(zip(known.shape, shape, strict=True)):
        added = wanted - size
        if added:
            if stand_ins is None:
                stand_ins = np.full(added, Vocabulary.UNKNOWN)
            new = np.take(known, stand_ins, axis)
            if known.ndim == 1:
                # A bias: the logarithm of how often the word comes.
                each = np.log(np.bincount(stand_ins, minlength=size) + 1)
                new = new - each[stand_ins]
                known = known.copy()
                known[Vocabulary.UNKNOWN] -= each[Vocabulary.UNKNOWN]
            known = np.concatenate([known, new], axis)
    return known


def _load_decoder(
    decoder: keras.Model, bundle: Bundle, settings: TrainingSettings
) -> None:
    if (bundle.folder / DECODER_WEIGHTS).exists():
        _load(decoder, bundle, DECODER_WEIGHTS)
    else:
        read_decoder_weights(decoder, bundle, settings.temperature)


def _load(network: keras.Model, bundle: Bundle, name: str) -> None:
    bundle.verify(name)
    path: Path = bundle.folder / name
    try:
        load_weights(network, path)
    except Exception as error:
        raise BundleWeightsError(
            f"{path} does not hold weights of this network ({error})."
        ) from error
