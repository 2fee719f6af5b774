"""The exported networks of a bundle, run by LiteRT."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from imagecap.model.beam_search import State
from imagecap.model.bundle import (
    DECODER_START,
    DECODER_STEP,
    ENCODER,
    Bundle,
    BundleError,
    naming,
)
from imagecap.text.vocabulary import Vocabulary

Signature = Callable[..., dict[str, np.ndarray]]

_UNSUITABLE = "does not suit the other files of the model"
# More threads than real cores make a single picture slower, not faster.
THREADS = min(4, os.cpu_count() or 1)
# The error stream, which notes are kept off, is that of all threads.
_loading = threading.Lock()


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
        with _loading, _without_notes():
            interpreter = Interpreter(str(path), num_threads=threads)
            interpreter.allocate_tensors()
        signature = interpreter.get_signature_runner()

    def run(**arrays: np.ndarray) -> dict[str, np.ndarray]:
        with naming(path, _UNSUITABLE):
            outputs: dict[str, np.ndarray] = signature(**arrays)
            return outputs

    return interpreter, run


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
        pixels = self._interpreter.get_input_details()[0]["shape_signature"][1:]
        size = bundle.image_size
        if tuple(pixels) != (size, size, 3):
            raise BundleError(
                f"{self._path} reads pictures of shape {tuple(pixels)}; "
                f"the manifest says {(size, size, 3)}. Install the model again."
            )
        shape = self._interpreter.get_output_details()[0]["shape_signature"][1:]
        if tuple(shape) != self._shape:
            raise BundleError(
                f"{self._path} gives features of shape {tuple(shape)}; "
                f"the manifest says {self._shape}."
            )

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
        features = next(iter(outputs.values()))
        with naming(self._path, _UNSUITABLE):
            _check_shape("features", features, (len(pixels), *self._shape))
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
            log_probabilities = outputs.pop("log_probabilities")
            attention = outputs.pop("attention", None)
            # What is wrong here would be an array of another shape anywhere later.
            _check_shape("scores", log_probabilities, (len(words), self._words))
            if np.isnan(log_probabilities[:, Vocabulary.END]).any():
                raise ValueError("it scores words by what is no number")
            if attention is not None and attention.ndim != 3:
                raise ValueError(f"it gives attention of shape {attention.shape}")
            for name, array in outputs.items():
                _check_shape(name, array, state[name].shape)
        return log_probabilities, outputs, attention


def _check_shape(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"it gives {name} of shape {array.shape}, not {shape}")


@contextmanager
def _without_notes() -> Iterator[None]:
    """Keep LiteRT's notes off the terminal; whatever else is written still comes.

    It writes "INFO: Created TensorFlow Lite XNNPACK delegate" straight to the error
    stream of the process and offers no way to say no.
    """
    try:
        terminal = os.dup(2)
    except OSError:  # a window without a console
        yield
        return
    try:
        written = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    except OSError:  # nowhere to put them
        os.close(terminal)
        yield
        return
    with written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            written.seek(0)
            for line in written:
                if not line.startswith(b"INFO: "):
                    os.write(terminal, line)
            os.close(terminal)
