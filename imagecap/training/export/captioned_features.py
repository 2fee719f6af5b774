"""The features of pictures beside their captions, for what is fitted to both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.model.word_detector import mean_features
from imagecap.text.tokenizer import tokenize


class CaptionedFeatures:
    """Gathers features and the words of captions; a `FeatureConsumer`.

    Args:
        examples: The pictures.
        kind: Of what kind the numbers that are kept are.

    Attributes:
        examples: The pictures.
        captions: Of each picture that it was given its captions, each as its words.
    """

    def __init__(self, examples: Sequence[Example], kind: type[np.floating]) -> None:
        self.examples = examples
        self.captions: list[list[list[str]]] = []
        self._kind = kind
        self._features: list[np.ndarray] = []

    @property
    def pictures(self) -> int:
        """How many pictures it was given."""
        return len(self._features)

    @property
    def features(self) -> np.ndarray:
        """Theirs, `[N, P]`; see `mean_features`. There is one at least."""
        return np.stack(self._features)

    def add(self, example: Example, features: np.ndarray) -> None:
        """Take the features of a picture; see `FeatureConsumer`."""
        mean = mean_features(features[np.newaxis])[0]
        self._features.append(mean.astype(self._kind, copy=False))
        self.captions.append([tokenize(caption) for caption in example.captions])
