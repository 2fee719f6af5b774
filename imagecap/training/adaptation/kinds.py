"""Pictures of one kind, told from all others by their features."""

from __future__ import annotations

import numpy as np

from imagecap.model.confidence import OutOfDistribution
from imagecap.model.experts import Kind

_DIRECTIONS = 16
# A direction that fewer pictures show is theirs, not that of their kind.
_PICTURES_OF_DIRECTION = 4
_PARTS = 5
_USUAL = 0.95
# Photographs are twice as far from drawn scenes as other scenes are.
_MARGIN = 1.2


def fit_kind(vectors: np.ndarray) -> Kind:
    """Learn which pictures are of the same kind as some.

    How far others of the kind are from their subspace is told by those of each part
    from that of the others.

    Args:
        vectors: Of at least two pictures, `[N, P]`; see `pooled`.
    """
    parts = np.arange(len(vectors)) % min(_PARTS, len(vectors))
    distances = [
        _subspace(vectors[parts != one]).distance(vectors[parts == one])
        for one in range(int(parts.max()) + 1)
    ]
    usual = float(np.quantile(np.concatenate(distances), _USUAL))
    return Kind(_subspace(vectors), _MARGIN * usual)


def _subspace(vectors: np.ndarray) -> OutOfDistribution:
    mean = vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    count = min(_DIRECTIONS, len(vectors) // _PICTURES_OF_DIRECTION)
    # As rounded as they are stored, so that the distances stay what was measured.
    rows = np.vstack([mean, directions[:count]])
    rows = rows.astype(np.float16).astype(np.float32)
    return OutOfDistribution(rows[0], rows[1:])
