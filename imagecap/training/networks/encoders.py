"""The convolutional networks that turn pictures into features."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import applications, ops

from imagecap.errors import ImagecapError

# Small enough for the features of a network with random weights.
_LEAST_SQUARES = 1e-30


class EncoderError(ImagecapError):
    """An encoder cannot be built, or its weights cannot be had."""


@dataclass(frozen=True)
class EncoderType:
    """One kind of encoder: a network and how pictures enter it.

    Attributes:
        image_size: Height and width of the square picture it reads, in pixels.
        preprocess: Turns RGB pixels from 0 to 255 into what the network reads.
        network: Builds the convolutional network; its argument is `"imagenet"` for
            pretrained weights, which may be downloaded, or `None` for random ones.
            It returns a grid of features `[N, rows, columns, channels]`.
        pretrained: Whether weights trained on ImageNet exist. Those of an encoder
            without are learned from the captions alone.
        pooled: Whether the vector of a picture is the mean of the grid. Else it is
            the whole grid, one cell after the other, and keeps the places.
    """

    image_size: int
    preprocess: Callable[[keras.KerasTensor], keras.KerasTensor]
    network: Callable[[str | None], keras.Model]
    pretrained: bool = True
    pooled: bool = True


def _application(
    build: Callable[..., keras.Model],
    preprocess: Callable[[keras.KerasTensor], keras.KerasTensor],
    image_size: int,
    before: str = "",
) -> EncoderType:
    """Take a network of `keras.applications`.

    Args:
        build: Builds the network.
        preprocess: The function that comes with it. Some networks have their
            preprocessing inside; it then leaves pixels as they are.
        image_size: Height and width of the pictures that it is given, in pixels.
        before: The grid is what enters this layer; by default what the network gives.
    """

    def network(weights: str | None) -> keras.Model:
        whole = build(
            include_top=False, weights=weights, input_shape=(image_size, image_size, 3)
        )
        if not before:
            return whole
        return keras.Model(whole.input, whole.get_layer(before).input)

    return EncoderType(image_size, preprocess, network)


def _small_network(_weights: str | None) -> keras.Model:
    """Build a network for drawn scenes."""
    pixels = keras.Input((64, 64, 3))
    grid = pixels
    for filters in (24, 32, 48, 64):
        grid = keras.layers.Conv2D(
            filters, 3, strides=2, padding="same", activation="relu"
        )(grid)
    return keras.Model(pixels, grid)


ENCODERS = {
    "xception": _application(
        applications.Xception, applications.xception.preprocess_input, 299
    ),
    "xception13": _application(
        applications.Xception,
        applications.xception.preprocess_input,
        299,
        before="block14_sepconv1",
    ),
    # Smaller pictures cost little more than half the time.
    "xception13_224": _application(
        applications.Xception,
        applications.xception.preprocess_input,
        224,
        before="block14_sepconv1",
    ),
    "xception13_192": _application(
        applications.Xception,
        applications.xception.preprocess_input,
        192,
        before="block14_sepconv1",
    ),
    "inceptionv3": _application(
        applications.InceptionV3, applications.inception_v3.preprocess_input, 299
    ),
    # Of the fifth block before its pooling, as in Xu et al. 2015: 14 × 14 cells.
    "vgg16": _application(
        applications.VGG16,
        applications.vgg16.preprocess_input,
        224,
        before="block5_pool",
    ),
    "resnet50v2": _application(
        applications.ResNet50V2, applications.resnet_v2.preprocess_input, 224
    ),
    "efficientnetv2b0": _application(
        applications.EfficientNetV2B0,
        applications.efficientnet_v2.preprocess_input,
        224,
    ),
    "efficientnetv2s": _application(
        applications.EfficientNetV2S, applications.efficientnet_v2.preprocess_input, 384
    ),
    "mobilenetv2": _application(
        applications.MobileNetV2, applications.mobilenet_v2.preprocess_input, 224
    ),
    "mobilenetv3large": _application(
        applications.MobileNetV3Large, applications.mobilenet_v3.preprocess_input, 224
    ),
    # Not pooled, since places matter in scenes.
    "small": EncoderType(
        64,
        applications.mobilenet_v2.preprocess_input,
        _small_network,
        pretrained=False,
        pooled=False,
    ),
}


def same_network(one: str, other: str) -> bool:
    """Return whether two encoders differ at most in the size of the picture.

    Then they have the same weights.

    Args:
        one: A key of `ENCODERS`, such as "xception13_224".
        other: Another one, such as "xception13".
    """
    return re.sub(r"_\d+$", "", one) == re.sub(r"_\d+$", "", other)


def build_encoder(
    name: str,
    weights: Path | None = None,
    download: bool = True,
    grid: bool = False,
) -> keras.Model:
    """Build an encoder with its preprocessing inside.

    Args:
        name: A key of `ENCODERS`.
        weights: A Keras weight file for the network without its classification top.
        download: Whether, without a weight file, pretrained weights are taken from
            `keras.applications`, which downloads and verifies them once.
        grid: Whether a grid is wanted rather than one vector.

    Returns:
        A model from pixels `[N, size, size, 3]`, float32, 0–255 RGB, to features
        `[N, feature size]`, or a grid `[N, rows, columns, channels]`, float32; each
        vector, or each cell of the grid, is of length one (Tanti et al. 2018, "Where
        to put the image in an image caption generator").

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
    features = network(encoder_type.preprocess(pixels))
    if not grid:
        to_vector = (
            keras.layers.GlobalAveragePooling2D()
            if encoder_type.pooled
            else keras.layers.Flatten()
        )
        features = to_vector(features)
    # `UnitNormalization` takes 1 / √0 where a cell is zero, which LiteRT makes NaN.
    squares = ops.sum(ops.square(features), axis=-1, keepdims=True)
    features = features / ops.sqrt(ops.maximum(squares, _LEAST_SQUARES))
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
    for part in layers_before(encoder, layer):
        part.trainable = False


def layers_before(encoder: keras.Model, layer: str) -> list[keras.Layer]:
    """Return the layers of the network that come before one of it.

    Raises:
        EncoderError: If the network has no such layer.
    """
    (network,) = (part for part in encoder.layers if isinstance(part, keras.Model))
    names = [part.name for part in network.layers]
    if layer not in names:
        raise EncoderError(
            f"{encoder.name} has no layer “{layer}”. It has: {', '.join(names)}."
        )
    return list(network.layers[: names.index(layer)])


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
