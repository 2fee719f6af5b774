"""Which words people use of a picture, told from its features alone.

The decoder chooses words one after the other, and an early mistake leads it on. This
looks at the picture only, so it is wrong about other things. It guides the search for
captions, and helps to choose among those that are found.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from imagecap.model.arrays import check_numbers, read_arrays, round_columns
from imagecap.model.bundle import WORD_DETECTOR, Bundle, naming
from imagecap.model.rankers import ExpectedWords
from imagecap.text.vocabulary import Vocabulary

# Each way from zero. More are no better, and these take half the room in a wheel.
STEPS = 15


@dataclass(frozen=True)
class WordDetector:
    """Predicts which words a caption would share with what people write.

    For each word it predicts its mean weight in people's captions of the picture (see
    `imagecap.model.rankers.word_weights`), so that the weights of a caption times these
    are its expected CIDEr (Vedantam et al. 2015), as far as single words go. A linear
    map of the features, in small whole numbers.

    Source: Fang et al. 2015, "From captions to visual concepts and back", word
    detectors, and captions chosen among many with their help.

    Attributes:
        numbers: The words that it knows, `[M]`, int32.
        rounded: What each feature says for each of them, in units of `scales`,
            `[P, M]`, int8; see `mean_features` for the features.
        scales: `[M]`, float32.
        offsets: What is predicted where all features are zero, `[M]`, float32.
        usual: The mean weight in captions of all pictures of training, `[M]`, float32.
    """

    numbers: np.ndarray
    rounded: np.ndarray
    scales: np.ndarray
    offsets: np.ndarray
    usual: np.ndarray

    @classmethod
    def of_map(
        cls,
        numbers: np.ndarray,
        weights: np.ndarray,
        offsets: np.ndarray,
        usual: np.ndarray,
        steps: int = STEPS,
    ) -> WordDetector:
        """Round a linear map.

        Args:
            numbers: The words, `[M]`, int32.
            weights: From features to words, `[P, M]`.
            offsets: `[M]`.
            usual: `[M]`.
            steps: Into how many the largest number of each word is divided.
        """
        rounded, scales = round_columns(weights, steps)
        return cls(
            numbers,
            rounded,
            scales,
            offsets.astype(np.float32),
            usual.astype(np.float32),
        )

    def detect(self, features: np.ndarray, vocabulary: Vocabulary) -> ExpectedWords:
        """Predict what people would write of pictures.

        Args:
            features: The encoder's output, `[N, ..., P]`, float32.
            vocabulary: The words of the model.

        Returns:
            Zero for words that it does not know.
        """
        # Not a matrix product: its threads would wait for more, busily, on the cores
        # that the decoder needs now.
        predicted = np.einsum("np,pm->nm", mean_features(features), self._weights)
        weights = np.zeros((len(features), len(vocabulary)), np.float32)
        weights[:, self.numbers] = predicted * self.scales + self.offsets
        idfs = vocabulary.idf_of_each[self.numbers]
        word_bias = np.zeros_like(weights)
        word_bias[:, self.numbers] = idfs * (weights[:, self.numbers] - self.usual)
        return ExpectedWords(weights, word_bias)

    @cached_property
    def _weights(self) -> np.ndarray:
        return self.rounded.astype(np.float32)

    def to_bytes(self) -> bytes:
        """Return the content of the bundle's file."""
        content = io.BytesIO()
        np.savez_compressed(
            content,
            allow_pickle=False,
            numbers=self.numbers,
            rounded=self.rounded,
            scales=self.scales,
            offsets=self.offsets,
            usual=self.usual,
        )
        return content.getvalue()


def load_word_detector(bundle: Bundle) -> WordDetector | None:
    """Load a bundle's word detector; `None` if it has none.

    Raises:
        BundleError: If it is damaged; the message names the file.
    """
    if WORD_DETECTOR not in bundle.manifest.files:
        return None
    bundle.verify(WORD_DETECTOR)
    path = bundle.folder / WORD_DETECTOR
    kinds = {
        "numbers": np.int32,
        "rounded": np.int8,
        "scales": np.float32,
        "offsets": np.float32,
        "usual": np.float32,
    }
    with naming(path, "does not suit its encoder and vocabulary"):
        length = bundle.feature_shape[-1]
        most = 4 * (length + 1) * len(bundle.vocabulary)
        arrays = read_arrays(path, kinds, most)
        detector = WordDetector(**arrays)
        words = len(detector.numbers)
        shapes = [array.shape for array in arrays.values()]
        if shapes != [(words,), (length, words), *[(words,)] * 3]:
            raise ValueError(f"shapes {shapes}")
        known = np.arange(len(bundle.vocabulary))
        if not np.isin(detector.numbers, known).all():
            raise ValueError("it names words that the vocabulary lacks")
        check_numbers(*arrays.values())
    return detector


def mean_features(features: np.ndarray) -> np.ndarray:
    """Take the mean of the cells of grids; `[N, ..., P]` → `[N, P]`."""
    cells = tuple(range(1, features.ndim - 1))
    mean: np.ndarray = features.mean(axis=cells)
    return mean
