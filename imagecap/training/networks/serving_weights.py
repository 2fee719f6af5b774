"""The weights of decoders, read back from the LiteRT networks that serve.

A wheel has no other ones of a decoder: they would take as much room again, and these
are the same, in the same 8 bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import keras
import numpy as np

from imagecap.model.bundle import DECODER_START, DECODER_STEP, Bundle, naming
from imagecap.model.litert import load_network
from imagecap.training.networks.decoder import FEATURE_SCALE, LARGE

NamedArrays = Sequence[tuple[str, np.ndarray]]
"""What a network holds, by the names of the operations that use it."""

_MEMBER = re.compile(r"[^/]+/functional((?:_\d+)*)/")
# What uses the weights of each kind; a dense layer over places is a tensor product.
_OPERATIONS = {
    "embeddings": "GatherV2",
    "kernel": "(Tensordot/)?MatMul",
    "recurrent_kernel": "MatMul_1",
    "bias": ".*",
}
# Dividing by the temperature becomes part of the layer before it, of which then only
# the network's own name is left.
_LAST_LAYERS = ("join", "next_word")
_BIAS_OF_LAST = re.compile(r"/functional(_\d+)*/BiasAdd$")


def read_decoder_weights(
    decoder: keras.Model, bundle: Bundle, temperature: float
) -> None:
    """Give a decoder the weights that serve; of an ensemble, those of the first member.

    Args:
        decoder: The training model of the decoder.
        bundle: The model.
        temperature: By which its logits are divided while serving.

    Raises:
        BundleError: If a network is damaged, or holds no such decoder.
    """
    bundle.verify(DECODER_START, DECODER_STEP)
    named: list[tuple[str, np.ndarray]] = []
    for name in (DECODER_START, DECODER_STEP):
        path = bundle.folder / name
        with naming(path, "does not hold the decoder that the manifest names"):
            named += of_first(read_arrays(path))
    with naming(bundle.folder / DECODER_STEP, "does not hold the whole decoder"):
        arrays = ServingArrays(named, temperature)
        for weight in decoder.weights:
            weight.assign(arrays.weight(weight))


class ServingArrays:
    """The numbers in networks, by the names of the operations that use them.

    Args:
        named: What the networks hold.
        temperature: What the last layer was divided by.
    """

    def __init__(self, named: NamedArrays, temperature: float = 1.0) -> None:
        self._named = named
        self._temperature = temperature
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
        for array in self._candidates(layer, kind):
            turned = array.T if kind.endswith("kernel") else array
            if f"{layer}/{kind}" in self._scaled:
                turned = turned / FEATURE_SCALE
            if layer in _LAST_LAYERS:
                turned = turned * self._temperature
                # What is never said has lost its bias to that.
                turned = np.where(turned < -LARGE / 2, 0, turned)
            if turned.shape == tuple(weight.shape):
                return turned
        raise ValueError(f"no {weight.path} of shape {tuple(weight.shape)}")

    def _candidates(self, layer: str, kind: str) -> Iterator[np.ndarray]:
        yield from self._of_layer(layer, _OPERATIONS[kind])
        if layer in _LAST_LAYERS and kind == "bias":
            yield from (a for name, a in self._named if _BIAS_OF_LAST.search(name))

    def _of_layer(self, layer: str, operation: str) -> Iterator[np.ndarray]:
        # Converting joins the names of what becomes one operation.
        own = rf"/{layer}(_\d+)?/{operation}(;|$|/)"
        pattern = re.compile(f"{own}|/truediv" if layer in _LAST_LAYERS else own)
        return (array for name, array in self._named if pattern.search(name))


def read_arrays(path: Path) -> NamedArrays:
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


def of_first(named: NamedArrays) -> NamedArrays:
    """Take the arrays of the first member, where there are two."""
    return _of_member(named, min)


def of_last(named: NamedArrays) -> NamedArrays:
    """Take the arrays of the member that was built last."""
    return _of_member(named, max)


def _of_member(
    named: NamedArrays, choose: Callable[[Iterable[tuple[int, ...]]], tuple[int, ...]]
) -> NamedArrays:
    """Take those of one member: Keras counts networks in the order of building."""
    numbers = {
        name: tuple(map(int, re.findall(r"\d+", match[1])))
        for name, _ in named
        if (match := _MEMBER.match(name))
    }
    if not numbers:
        return named
    chosen = choose(numbers.values())
    return [(name, array) for name, array in named if numbers.get(name) == chosen]
