"""Which pictures are usual for a model, learned from those it was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imagecap.datasets.dataset import Example, choose_examples
from imagecap.errors import ImagecapError
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import Familiarity, pooled
from imagecap.progress import progress

_DIRECTIONS = 64
_FEWEST = 5 * _DIRECTIONS
_MOST = 2000


def learn_familiarity(
    captioner: Captioner, examples: Sequence[Example]
) -> Familiarity | None:
    """Fit the subspace of the features of pictures; shows progress.

    Args:
        captioner: The model.
        examples: What it was trained on; of many, some are taken.

    Returns:
        `None` if there are too few.
    """
    if len(examples) < _FEWEST:
        return None
    chosen = choose_examples(examples, _MOST)
    features = pooled(encode(captioner, chosen, "Learning what is usual"))
    mean = features.mean(axis=0)
    _, _, directions = np.linalg.svd(features - mean, full_matrices=False)
    # As rounded as they are stored, so that the distances stay what was measured.
    rows = np.vstack([mean, directions[:_DIRECTIONS]])
    rows = rows.astype(np.float16).astype(np.float32)
    return Familiarity(rows[0], rows[1:])


def encode(captioner: Captioner, examples: Sequence[Example], task: str) -> np.ndarray:
    """Compute the features of those pictures that can be read; shows progress.

    Args:
        captioner: The model.
        examples: The pictures.
        task: What the progress bar says.

    Returns:
        `[N, ...]`, float32.
    """
    results = captioner.encode_many(example.path for example in examples)
    return np.stack(
        [
            result
            for _, result in progress(results, task, len(examples))
            if not isinstance(result, ImagecapError)
        ]
    )
