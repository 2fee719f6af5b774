"""Which pictures are usual for a model, learned from those it was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imagecap.datasets.dataset import Example, choose_examples
from imagecap.model.confidence import OutOfDistribution, pooled

_DIRECTIONS = 64
_FEWEST = 5 * _DIRECTIONS
_MOST = 2000


class SubspaceFit:
    """Fits the subspace of the features of pictures; a `FeatureConsumer`.

    Args:
        parts: What the model was trained on, apart for each data set; of many some are
            taken, as many of each, of few none. Else pictures of a small data set would
            be unusual beside those of a large one.
    """

    def __init__(self, parts: Sequence[Sequence[Example]]) -> None:
        enough = sum(map(len, parts)) >= _FEWEST
        self.examples = [
            example
            for seed, part in enumerate(parts)
            for example in choose_examples(part, _MOST // len(parts), seed)
            if enough
        ]
        self._vectors: list[np.ndarray] = []

    def add(self, example: Example, features: np.ndarray) -> None:
        """Take the features of a picture; see `FeatureConsumer`."""
        self._vectors.append(pooled(features[np.newaxis])[0])

    def fit(self) -> OutOfDistribution | None:
        """Return what tells other pictures from these; `None` if they are too few."""
        if len(self._vectors) < _FEWEST:
            return None
        vectors = np.stack(self._vectors)
        mean = vectors.mean(axis=0)
        _, _, directions = np.linalg.svd(vectors - mean, full_matrices=False)
        # As rounded as they are stored, so that the distances stay what was measured.
        rows = np.vstack([mean, directions[:_DIRECTIONS]])
        rows = rows.astype(np.float16).astype(np.float32)
        return OutOfDistribution(rows[0], rows[1:])
