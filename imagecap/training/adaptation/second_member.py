"""The second member of an ensemble, read back from the networks that serve.

A bundle keeps for retraining the weights of its first member. Those of the second are
in its LiteRT networks only, in 8 bits, as those that are kept are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from imagecap.model.bundle import DECODER_START, DECODER_STEP, Bundle, naming
from imagecap.model.litert import LiteRTDecoder, load_network
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.export.ensemble import join_decoders
from imagecap.training.export.ensemble_gate import build_gate
from imagecap.training.networks.architectures import ARCHITECTURES
from imagecap.training.networks.decoder import (
    FEATURE_SCALE,
    LARGE,
    Decoder,
    DecoderConfig,
)
from imagecap.training.run.validation import KerasDecoderStep
from imagecap.training.settings import TEMPERATURE_AFTER_SMOOTHING

_MEMBER = re.compile(r"[^/]+/functional((?:_\d+)*)/")
# What uses the weights of each kind; a dense layer over places is a tensor product.
_OPERATIONS = {
    "embeddings": "GatherV2",
    "kernel": "(Tensordot/)?MatMul",
    "recurrent_kernel": "MatMul_1",
    "bias": ".*",
}
# Dividing by the temperature becomes part of the layer before it.
_LAST_LAYERS = ("join", "next_word")
_LEAST_CORRELATION = 0.995

_Named = Sequence[tuple[str, np.ndarray]]


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
        start = _read_arrays(bundle.folder / DECODER_START)
        step = _read_arrays(bundle.folder / DECODER_STEP)
        arrays = _Arrays([*_of_second(start), *_of_second(step)])
        shape = (len(bundle.vocabulary),)
        translation = next(
            array
            for _, array in step
            if array.shape == shape and array.dtype == np.int32
        )
        gate = _read_gate(_Arrays(start), bundle.feature_shape[-1])
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


class _Arrays:
    """The numbers in networks, by the names of the operations that use them."""

    def __init__(self, named: _Named) -> None:
        self._named = named
        # Converting multiplies the kernel that follows, but where a grid is reshaped.
        self._scaled = {"weigh/kernel"}
        if not self.has("query"):
            self._scaled.add("image/kernel")

    def has(self, layer: str) -> bool:
        """Tell whether there is a layer of that name."""
        return any(True for _ in self._of_layer(layer, ".*"))

    def find(self, layer: str, dimensions: int) -> np.ndarray:
        """Return the first array of a layer that has so many axes."""
        found = self._of_layer(layer, ".*")
        return next(array for array in found if array.ndim == dimensions)

    def kernel(self, layer: str) -> np.ndarray:
        """Return the kernel of a dense layer, `[in, out]`."""
        return self.find(layer, 2).T

    def weight(self, weight: keras.Variable) -> np.ndarray:
        """Return the numbers of a weight of a decoder."""
        *_, layer, kind = weight.path.split("/")
        for array in self._of_layer(layer, _OPERATIONS[kind]):
            turned = array.T if kind.endswith("kernel") else array
            if f"{layer}/{kind}" in self._scaled:
                turned = turned / FEATURE_SCALE
            if turned.shape == tuple(weight.shape):
                return turned
        raise ValueError(f"no {weight.path} of shape {tuple(weight.shape)}")

    def _of_layer(self, layer: str, operation: str) -> Iterator[np.ndarray]:
        # Converting joins the names of what becomes one operation.
        own = rf"/{layer}(_\d+)?/{operation}(;|$|/)"
        pattern = re.compile(f"{own}|/truediv" if layer in _LAST_LAYERS else own)
        return (array for name, array in self._named if pattern.search(name))


def _read_arrays(path: Path) -> _Named:
    """Read what a network holds; its 8 bits become numbers."""
    interpreter, _ = load_network(path, 1)
    named = []
    for details in interpreter.get_tensor_details():
        try:
            array = interpreter.get_tensor(details["index"])
        except ValueError:  # what it only computes
            continue
        scales = details["quantization_parameters"]["scales"]
        if array.dtype == np.int8:
            axis = details["quantization_parameters"]["quantized_dimension"]
            shape = [1] * array.ndim
            shape[axis] = -1
            array = array.astype(np.float32) * scales.reshape(shape)
        named.append((details["name"], array))
    return named


def _of_second(named: _Named) -> _Named:
    """Take the arrays of the member that was built last: Keras counts networks."""
    numbers = {
        name: tuple(map(int, re.findall(r"\d+", match[1])))
        for name, _ in named
        if (match := _MEMBER.match(name))
    }
    last = max(numbers.values())
    return [(name, array) for name, array in named if numbers.get(name) == last]


def _read_sizes(arrays: _Arrays, grid: tuple[int, ...]) -> DecoderConfig:
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


def _read_gate(arrays: _Arrays, features: int) -> keras.Model | None:
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
