"""The second member of an ensemble, read back from the networks that serve.

A bundle keeps for retraining the weights of its first member. Those of the second are
in its LiteRT networks only, in 8 bits, as those that are kept are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras
import numpy as np

from imagecap.model.bundle import DECODER_START, DECODER_STEP, Bundle, naming
from imagecap.model.litert import LiteRTDecoder
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.ensemble import join_decoders
from imagecap.training.export.ensemble_gate import build_gate
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.decoder import LARGE, Decoder, DecoderConfig
from imagecap.training.networks.serving_weights import (
    ServingArrays,
    of_last,
    read_arrays,
)
from imagecap.training.run.validation import KerasDecoderStep
from imagecap.training.settings import TEMPERATURE_AFTER_SMOOTHING

_LEAST_CORRELATION = 0.995


@dataclass(frozen=True)
class SecondMember:
    """The second of two decoders that serve as one.

    Attributes:
        decoder: It, with the weights that serve.
        config: Its sizes.
        translation: The number of each of the bundle's words in it, `[vocabulary]`,
            int32; that of the unknown where it does not know the word.
        gate: From pooled features to how much it counts; `None` where that is half.
    """

    decoder: Decoder
    config: DecoderConfig
    translation: np.ndarray
    gate: keras.Model | None


def read_second_member(bundle: Bundle, first: Decoder) -> SecondMember:
    """Read the second member of a bundle that is an ensemble.

    Args:
        bundle: The model.
        first: The decoder of its first member.

    Raises:
        BundleError: If a network is damaged, or holds no such member.
    """
    bundle.verify(DECODER_START, DECODER_STEP)
    with naming(bundle.folder / DECODER_START, "holds no second member"):
        start = read_arrays(bundle.folder / DECODER_START)
        step = read_arrays(bundle.folder / DECODER_STEP)
        arrays = ServingArrays([*of_last(start), *of_last(step)])
        same = np.arange(len(bundle.vocabulary), dtype=np.int32)
        # Where both number words alike, the networks translate nothing.
        translation = next(
            (
                array
                for _, array in step
                if array.shape == same.shape and array.dtype == np.int32
            ),
            same,
        )
        gate = _read_gate(ServingArrays(start), bundle.feature_shape[-1])
        grid = bundle.feature_shape[:-1] if arrays.has("query") else ()
        config = _read_sizes(arrays, grid)
        for temperature in (1.0, TEMPERATURE_AFTER_SMOOTHING):
            config = replace(config, temperature=temperature)
            decoder = ARCHITECTURES["attention" if grid else "merge"].build(config)
            for weight in decoder.training.weights:
                weight.assign(arrays.weight(weight))
            member = SecondMember(decoder, config, translation, gate)
            networks = join_decoders(
                first, decoder, bundle.feature_shape, translation, gate
            )
            if predict_alike(bundle, *networks):
                return member
        raise ValueError("what was read does not predict what the model does")


def _read_sizes(arrays: ServingArrays, grid: tuple[int, ...]) -> DecoderConfig:
    """Tell the sizes of a member from those of its layers."""
    features, image = arrays.kernel("image").shape
    cell = arrays.find("lstm" if grid else "lstm_cell", dimensions=1)
    words, embedding = arrays.find("embedding", dimensions=2).shape
    hidden = 0
    if arrays.has("next_word"):
        hidden = arrays.kernel("next_word").shape[0]
    return DecoderConfig(
        words, features, embedding, len(cell) // 4, image, hidden, grid=grid
    )


def _read_gate(arrays: ServingArrays, features: int) -> keras.Model | None:
    if not arrays.has("weigh"):
        return None
    gate = build_gate(features)
    for weight in gate.weights:
        weight.assign(arrays.weight(weight))
    return gate


def predict_alike(bundle: Bundle, start: keras.Model, step: keras.Model) -> bool:
    """Tell whether a decoder predicts the first words that a bundle does.

    Args:
        bundle: The model.
        start: Of the decoder; see `Decoder`.
        step: The same.
    """
    generator = np.random.default_rng(0)
    features = generator.random((2, *bundle.feature_shape), np.float32)
    features /= np.linalg.norm(features, axis=-1, keepdims=True)
    words = np.full(2, Vocabulary.START, np.int32)
    expected, found = (
        decoder.step(words, decoder.start(features))[0]
        for decoder in (LiteRTDecoder(bundle), KerasDecoderStep(start, step))
    )
    possible = expected > -LARGE / 2
    together = np.corrcoef(expected[possible], found[possible])
    return bool(together[0, 1] >= _LEAST_CORRELATION)
