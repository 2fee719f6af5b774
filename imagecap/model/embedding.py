"""A picture as a vector, by which it is compared with others."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from imagecap.files import WriteError, write_file
from imagecap.model.arrays import read_array
from imagecap.model.confidence import OutOfDistribution, of_length_one, pooled
from imagecap.model.word_detector import WordDetector

LENGTH = 512
"""How many numbers a vector has; a small vocabulary leads to fewer."""

# How much a direction counts that training pictures are not known to vary in. The
# nearest ten then differ least from those by all numbers.
_UNKNOWN_SPREAD = 0.001
_SEED = 0


@dataclass(frozen=True)
class Embedding:
    """Makes vectors whose products tell how alike pictures are.

    Two pictures are alike as far as people would use the same words of them, told by
    the word detector; the encoder's own features are further from what people say. The
    first numbers of a vector matter most, so that a few of them are enough to look for
    candidates.

    Source: Hotelling 1933, "Analysis of a complex of statistical variables into
    principal components". The pictures' covariance is taken from the subspace that
    the model knows of its training pictures: the spread along its directions falls
    like the reciprocal of their rank.

    Attributes:
        mean: Of the features of training pictures, `[P]`.
        axes: From features to vectors, `[P, L]`.
        words: From vectors to the words of the word detector, `[M, L]`; none without
            one.
    """

    mean: np.ndarray
    axes: np.ndarray
    words: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def embed(self, features: np.ndarray) -> np.ndarray:
        """Make vectors.

        Args:
            features: The encoder's output, `[N, ..., P]`, float32.

        Returns:
            `[N, L]`, float32, each of length one.
        """
        differences = pooled(features)[:, : len(self.mean)] - self.mean
        # Not a matrix product: its threads would wait for more, busily, on the cores
        # that the decoder needs now.
        vectors = np.einsum("np,pl->nl", differences, self.axes)
        return of_length_one(vectors)

    def embed_one(self, features: np.ndarray) -> np.ndarray:
        """Make the vector of one picture, `[L]`, of its features, `[..., P]`."""
        vector: np.ndarray = self.embed(features[np.newaxis])[0]
        return vector

    def translate(self, vectors: np.ndarray, other: Embedding) -> np.ndarray:
        """Tell what vectors are in an embedding whose detector knows further words.

        Args:
            vectors: Those of pictures in this one, `[N, L]`.
            other: The other one; the further words are its last.
        """
        words = vectors @ self.words.T
        return of_length_one(words @ other.words[: len(self.words)])


def make_embedding(
    length: int,
    detector: WordDetector | None,
    known: OutOfDistribution | None,
    kept: Path | None = None,
) -> Embedding:
    """Make the embedding of a model; the same one each time.

    Args:
        length: How many features the encoder has, `P`.
        detector: The model's word detector. Without one, features are projected on
            directions drawn at random (Johnson and Lindenstrauss 1984).
        known: What the model knows of its training pictures, if it does.
        kept: The file in which its axes are kept for the next time, for finding them
            takes half a second, and much longer where others compute.
    """
    mean = np.zeros(length, np.float32) if known is None else known.mean[:length]
    if detector is None:
        size = (length, min(LENGTH, length))
        return Embedding(mean, _kept_axes(kept, size, lambda: _drawn_axes(*size)))
    words = detector.rounded * detector.scales
    size = (len(detector.numbers), min(LENGTH, len(detector.numbers)))
    axes = _kept_axes(kept, size, lambda: _principal_axes(words, known))
    return Embedding(mean, words @ axes, axes)


def _kept_axes(
    kept: Path | None, shape: tuple[int, int], find: Callable[[], np.ndarray]
) -> np.ndarray:
    """Return axes that were kept, or find them, and keep them for the next time."""
    axes = None if kept is None else _read_axes(kept, shape)
    if axes is None:
        axes = find()
        if kept is not None:
            _keep_axes(kept, axes)
    return axes


def _drawn_axes(length: int, axes: int) -> np.ndarray:
    drawn = np.random.default_rng(_SEED).normal(size=(length, axes))
    exact_enough: np.ndarray = np.linalg.qr(drawn)[0].astype(np.float32)
    return exact_enough


def _principal_axes(words: np.ndarray, known: OutOfDistribution | None) -> np.ndarray:
    spread = np.sqrt(_UNKNOWN_SPREAD) * words
    if known is not None and len(known.directions):
        ranks = np.arange(1, len(known.directions) + 1)[:, np.newaxis]
        of_training = known.directions[:, : len(words)] / np.sqrt(ranks)
        spread = np.vstack([of_training @ words, spread])
    # Twice as exact as needed, so that every machine finds the same axes.
    spread = spread.astype(np.float64)
    axes = np.linalg.eigh(spread.T @ spread)[1][:, ::-1][:, :LENGTH]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    exact_enough: np.ndarray = axes.astype(np.float32)
    return exact_enough


def _read_axes(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    """Read axes that were kept; `None` where these are not there, or damaged."""
    try:
        with path.open("rb") as file:
            axes = read_array(file, 4 * shape[0] * shape[1])
    except (OSError, ValueError):
        return None
    whole = axes.shape == shape and axes.dtype == np.float32
    # They are at right angles to each other, and of length one.
    if not whole or not np.allclose(np.einsum("ml,ml->l", axes, axes), 1, atol=1e-3):
        return None
    return axes


def _keep_axes(path: Path, axes: np.ndarray) -> None:
    content = io.BytesIO()
    np.save(content, axes, allow_pickle=False)
    # Where nothing can be kept, they are found again.
    with suppress(OSError, WriteError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content.getvalue())
