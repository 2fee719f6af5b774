"""The exported networks of a bundle, run by LiteRT."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from imagecap.model.arrays import check_numbers
from imagecap.model.beam_search import State
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    ENCODER,
    Bundle,
    naming,
)
from imagecap.native_messages import kept_back

Signature = Callable[..., dict[str, np.ndarray]]

_UNSUITABLE = "does not suit the other files of the model"
# More threads than real cores make a single picture slower, not faster.
THREADS = min(4, os.cpu_count() or 1)
# How far from one probabilities may sum, computed in 32 bits.
_ROUNDING = 0.01


def load_network(path: Path, threads: int) -> tuple[Any, Signature]:
    """Load an exported network.

    Args:
        path: The file, `.tflite`.
        threads: How many compute.

    Returns:
        The interpreter, which must be kept for as long as the network is used, and a
        function from named arrays to named arrays.

    Raises:
        BundleError: If the network cannot be loaded. The function raises it, too, if it
            is given other arrays than the network asks for, or if these do not fit.
    """
    from ai_edge_litert.interpreter import Interpreter

    with naming(path, "is no network that can be loaded"):
        # That it has "created TensorFlow Lite XNNPACK delegate" is nothing to a person.
        with kept_back(b"INFO: "):
            interpreter = Interpreter(str(path), num_threads=threads)
            interpreter.allocate_tensors()
        run = _Network(interpreter).run

    def named(**arrays: np.ndarray) -> dict[str, np.ndarray]:
        with naming(path, _UNSUITABLE):
            return run(arrays)

    return interpreter, named


class _Network:
    """Runs a network; what it was given the last time is not given again.

    LiteRT keeps the inputs of a network until others take their place. What a decoder
    knows of the picture stays the same from word to word, and is most of what it reads.

    Args:
        interpreter: The network.
    """

    def __init__(self, interpreter: Any) -> None:  # noqa: ANN401 – it has no types
        self._interpreter = interpreter
        signature = interpreter.get_signature_runner()
        inputs, outputs = signature.get_input_details(), signature.get_output_details()
        self._places = {name: one["index"] for name, one in inputs.items()}
        self._results = {name: one["index"] for name, one in outputs.items()}
        self._given: dict[str, np.ndarray] = {}

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Compute.

        Args:
            arrays: The inputs by name; none may have changed since it was given first.

        Raises:
            ValueError: If they are not those of the network, or do not fit it.
        """
        if arrays.keys() != self._places.keys():
            raise ValueError(f"it reads {set(self._places)}, not {set(arrays)}")
        given, self._given = self._given, {}
        shapes = {name: array.shape for name, array in arrays.items()}
        if shapes != {name: array.shape for name, array in given.items()}:
            given = {}
            for name, shape in shapes.items():
                self._interpreter.resize_tensor_input(self._places[name], shape)
            self._interpreter.allocate_tensors()
        for name, array in arrays.items():
            if given.get(name) is not array:
                self._interpreter.set_tensor(self._places[name], array)
        self._interpreter.invoke()
        self._given = arrays
        return {
            name: self._interpreter.get_tensor(place)
            for name, place in self._results.items()
        }


class LiteRTEncoder:
    """A bundle's encoder.

    Args:
        bundle: The bundle.
        threads: How many compute.

    Raises:
        BundleError: If the network cannot be loaded.
    """

    def __init__(self, bundle: Bundle, threads: int = THREADS) -> None:
        self._path, self._shape = bundle.folder / ENCODER, bundle.feature_shape
        # Kept, since a signature does not keep its interpreter alive.
        self._interpreter, self._run = load_network(self._path, threads)
        size = bundle.image_size
        with naming(self._path, _UNSUITABLE):
            (pixels,) = self._interpreter.get_input_details()
            _check_declared("reads pictures", pixels, (size, size, 3))
            (features,) = self._interpreter.get_output_details()
            _check_declared("gives features", features, self._shape)

    def encode(self, pixels: np.ndarray) -> np.ndarray:
        """Compute the features of pictures.

        Args:
            pixels: `[N, size, size, 3]`, uint8, RGB.

        Returns:
            `[N, ...]`, float32.

        Raises:
            BundleError: If the network is none of an encoder.
        """
        outputs = self._run(pixels=pixels.astype(np.float32))
        with naming(self._path, _UNSUITABLE):
            (features,) = outputs.values()
            _check_shape("features", features, (len(pixels), *self._shape))
            check_numbers(features)
        return features


class LiteRTDecoder:
    """A bundle's decoder in the form that beam search asks for.

    Args:
        bundle: The bundle.
        threads: How many compute.

    Raises:
        BundleError: If a network cannot be loaded.
    """

    def __init__(self, bundle: Bundle, threads: int = THREADS) -> None:
        self._path = bundle.folder / DECODER_STEP
        self._words = len(bundle.vocabulary)
        # One thread: this is too small to share.
        self._start_interpreter, self._start = load_network(
            bundle.folder / DECODER_START, 1
        )
        self._step_interpreter, self._step = load_network(self._path, threads)

    def start(self, features: np.ndarray) -> State:
        """Begin captions; see `DecoderStep`."""
        return self._start(features=features)

    def step(
        self, words: np.ndarray, state: State
    ) -> tuple[np.ndarray, State, np.ndarray | None]:
        """Predict the next words; see `DecoderStep`."""
        outputs = self._step(word=words, **state)
        with naming(self._path, _UNSUITABLE):
            probabilities = _probabilities(outputs)
            attention = outputs.pop("attention", None)
            # What is wrong here would be an array of another shape anywhere later.
            _check_shape("scores", probabilities, (len(words), self._words))
            sums = probabilities.sum(axis=1).tolist()
            if not all(abs(each - 1) < _ROUNDING for each in sums):
                raise ValueError("its scores are no number, or no probabilities")
            # Words that may not come have none, whose logarithm is minus infinity.
            with np.errstate(divide="ignore", invalid="raise"):
                log_probabilities = np.log(probabilities, out=probabilities)
            if attention is not None and attention.ndim != 3:
                raise ValueError(f"it gives attention of shape {attention.shape}")
            if attention is not None and not np.isfinite(attention).all():
                raise ValueError("it gives attention that is no number")
            for name, array in outputs.items():
                _check_shape(name, array, state[name].shape)
        return log_probabilities, outputs, attention


def _probabilities(outputs: dict[str, np.ndarray]) -> np.ndarray:
    """Take those of the next words out of what a decoder's step has computed."""
    if "log_probabilities" not in outputs:
        return outputs.pop("probabilities")
    # Of models that the first versions made.
    found: np.ndarray = np.exp(outputs.pop("log_probabilities"))
    return found


def _check_declared(what: str, tensor: dict[str, Any], shape: tuple[int, ...]) -> None:
    """Make sure that a network says of itself what the manifest says of it."""
    declared = tuple(tensor["shape_signature"][1:].tolist())
    if declared != shape:
        raise ValueError(f"it {what} of shape {declared}, the manifest says {shape}")


def _check_shape(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"it gives {name} of shape {array.shape}, not {shape}")
