"""The exported networks of a bundle, run by LiteRT."""

from __future__ import annotations

import os
import tempfile
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
)

Signature = Callable[..., dict[str, np.ndarray]]

# More threads than real cores make a single picture slower, not faster.
THREADS = min(4, os.cpu_count() or 1)


def load_network(path: Path, threads: int) -> tuple[Any, Signature]:
    """Load an exported network.

    Args:
        path: The file, `.tflite`.
        threads: How many compute.

    Returns:
        The interpreter, which must be kept for as long as the network is used, and a
        function from named arrays to named arrays.

    Raises:
        BundleError: If the network cannot be loaded.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        with _without_notes():
            interpreter = Interpreter(str(path), num_threads=threads)
            interpreter.allocate_tensors()
        return interpreter, interpreter.get_signature_runner()
    except (ValueError, RuntimeError) as error:
        raise BundleError(f"The network {path} cannot be loaded ({error}).") from error


class LiteRTEncoder:
    """A bundle's encoder.

    Args:
        bundle: The bundle.

    Raises:
        BundleError: If the network cannot be loaded.
    """

    def __init__(self, bundle: Bundle) -> None:
        # Kept, since a signature does not keep its interpreter alive.
        self._interpreter, self._run = load_network(bundle.folder / ENCODER, THREADS)
        pixels = self._interpreter.get_input_details()[0]["shape_signature"][1:]
        size = bundle.image_size
        if tuple(pixels) != (size, size, 3):
            raise BundleError(
                f"{bundle.folder / ENCODER} reads pictures of shape {tuple(pixels)}; "
                f"the manifest says {(size, size, 3)}. Install the model again."
            )
        shape = self._interpreter.get_output_details()[0]["shape_signature"][1:]
        if tuple(shape) != bundle.feature_shape:
            raise BundleError(
                f"{bundle.folder / ENCODER} gives features of shape {tuple(shape)}; "
                f"the manifest says {bundle.feature_shape}."
            )

    def encode(self, pixels: np.ndarray) -> np.ndarray:
        """Compute the features of pictures.

        Args:
            pixels: `[N, size, size, 3]`, uint8, RGB.

        Returns:
            `[N, ...]`, float32.
        """
        outputs = self._run(pixels=pixels.astype(np.float32))
        return next(iter(outputs.values()))


class LiteRTDecoder:
    """A bundle's decoder in the form that beam search asks for.

    Args:
        bundle: The bundle.

    Raises:
        BundleError: If a network cannot be loaded.
    """

    def __init__(self, bundle: Bundle) -> None:
        # One thread: this is too small to share.
        self._start_interpreter, self._start = load_network(
            bundle.folder / DECODER_START, 1
        )
        self._step_interpreter, self._step = load_network(
            bundle.folder / DECODER_STEP, THREADS
        )

    def start(self, features: np.ndarray) -> State:
        """Begin captions; see `DecoderStep`."""
        return self._start(features=features)

    def step(
        self, words: np.ndarray, state: State
    ) -> tuple[np.ndarray, State, np.ndarray | None]:
        """Predict the next words; see `DecoderStep`."""
        outputs = self._step(word=words, **state)
        log_probabilities = outputs.pop("log_probabilities")
        attention = outputs.pop("attention", None)
        return log_probabilities, outputs, attention


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
    with tempfile.TemporaryFile() as written:
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
