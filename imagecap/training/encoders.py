"""The convolutional networks that turn pictures into features."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from imagecap.errors import ImagecapError


class EncoderError(ImagecapError):
    """An encoder cannot be built, or its weights cannot be had."""


@dataclass(frozen=True)
class EncoderType:
    """One kind of encoder: a network and how pictures enter it.

    Attributes:
        image_size: Height and width of the square picture it reads, in pixels.
        network: Builds the convolutional network; its argument is `"imagenet"` for
            pretrained weights, which may be downloaded, or `None` for random ones.
            It reads pixels from −1 to 1 and returns a grid of features
            `[N, rows, columns, channels]`, or already a vector `[N, size]`.
        pretrained: Whether weights trained on ImageNet exist. Those of an encoder
            without are learned from the captions alone.
    """

    image_size: int
    network: Callable[[str | None], keras.Model]
    pretrained: bool = True


def _xception_to_block_13(weights: str | None) -> keras.Model:
    network = keras.applications.Xception(
        include_top=False, weights=weights, input_shape=(299, 299, 3)
    )
    before_block_14 = network.get_layer("block14_sepconv1").input
    return keras.Model(network.input, before_block_14)


def _small_network(_weights: str | None) -> keras.Model:
    """A network for drawn scenes; no pooling, since places matter there."""
    pixels = keras.Input((64, 64, 3))
    grid = pixels
    for filters in (24, 32, 48, 64):
        grid = keras.layers.Conv2D(
            filters, 3, strides=2, padding="same", activation="relu"
        )(grid)
    return keras.Model(pixels, keras.layers.Flatten()(grid))


ENCODERS = {
    "xception": EncoderType(
        299,
        lambda weights: keras.applications.Xception(
            include_top=False, weights=weights, input_shape=(299, 299, 3)
        ),
    ),
    "xception13": EncoderType(299, _xception_to_block_13),
    "mobilenetv2": EncoderType(
        224,
        lambda weights: keras.applications.MobileNetV2(
            include_top=False, weights=weights, input_shape=(224, 224, 3)
        ),
    ),
    "small": EncoderType(64, _small_network, pretrained=False),
}


def build_encoder(
    name: str, weights: Path | None = None, download: bool = True
) -> keras.Model:
    """Build an encoder with its preprocessing inside.

    Args:
        name: A key of `ENCODERS`.
        weights: A Keras weight file for the network without its classification top.
        download: Whether, without a weight file, pretrained weights are taken from
            `keras.applications`, which downloads and verifies them once.

    Returns:
        A model from pixels `[N, size, size, 3]`, float32, 0–255 RGB, to features
        `[N, feature size]`, float32, each vector of length one (Tanti et al. 2018,
        "Where to put the image in an image caption generator").

    Raises:
        EncoderError: If the name is not known, or the weights cannot be had or read.
    """
    if name not in ENCODERS:
        raise EncoderError(
            f"There is no encoder “{name}”. There are: {', '.join(ENCODERS)}."
        )
    encoder_type = ENCODERS[name]
    wants_download = encoder_type.pretrained and weights is None and download
    try:
        network = encoder_type.network("imagenet" if wants_download else None)
    except Exception as error:
        if not wants_download:
            raise
        raise EncoderError(
            f"The ImageNet weights of {name} could not be downloaded ({error}). "
            "Connect to the internet and start again, or give a weight file with "
            "--encoder-weights FILE."
        ) from error
    if weights is not None:
        _load_weights(network, name, weights)
    size = encoder_type.image_size
    pixels = keras.Input((size, size, 3), name="pixels")
    features = network(keras.layers.Rescaling(1 / 127.5, offset=-1)(pixels))
    if len(features.shape) == 4:
        features = keras.layers.GlobalAveragePooling2D()(features)
    features = keras.layers.UnitNormalization(name="features")(features)
    return keras.Model(pixels, features, name=name)


def _load_weights(network: keras.Model, name: str, weights: Path) -> None:
    if not weights.is_file():
        raise EncoderError(f"There is no weight file {weights}.")
    try:
        network.load_weights(weights)
    except Exception as error:
        raise EncoderError(
            f"{weights} does not hold weights of {name} without its top ({error})."
        ) from error


def freeze_before(encoder: keras.Model, layer: str) -> None:
    """Keep the layers before a layer of the network from being trained.

    The first layers see edges and textures, which captions do not change, and cost
    the most time.

    Args:
        encoder: From pixels to features.
        layer: The name of the first layer that is trained.

    Raises:
        EncoderError: If the network has no such layer.
    """
    (network,) = (part for part in encoder.layers if isinstance(part, keras.Model))
    names = [part.name for part in network.layers]
    if layer not in names:
        raise EncoderError(
            f"{encoder.name} has no layer “{layer}”. It has: {', '.join(names)}."
        )
    for part in network.layers[: names.index(layer)]:
        part.trainable = False


def encoder_identity(name: str, encoder: keras.Model) -> str:
    """Name an encoder together with its weights.

    Two encoders with the same identity compute the same features.

    Returns:
        The name and the SHA-256 of all weights, `"mobilenetv2:4f0c…"`.
    """
    digest = hashlib.sha256()
    for weight in encoder.weights:
        digest.update(np.ascontiguousarray(weight.numpy()).tobytes())
    return f"{name}:{digest.hexdigest()}"
