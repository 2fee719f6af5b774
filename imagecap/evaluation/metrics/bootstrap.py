"""How far a score depends on which pictures happened to be in the split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

RESAMPLES = 1000
SEED = 0
_PERCENTILES = (2.5, 97.5)


def bootstrap_intervals(
    statistics: np.ndarray, score: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Compute 95 % confidence intervals of corpus scores.

    Draws as many pictures as there are, with replacement, `RESAMPLES` times, and takes
    the percentiles 2.5 and 97.5 of the scores of these draws. Always the same draws for
    the same number of pictures.

    Source: Efron 1979, "Bootstrap methods: another look at the jackknife"; for BLEU
    Koehn 2004, "Statistical significance tests for machine translation evaluation".

    Args:
        statistics: What is known of each picture, `[N, K]`.
        score: From sums over as many pictures, `[..., K]`, to scores, `[..., S]`.

    Returns:
        `[2, S]`: the lower and the upper bounds.
    """
    generator = np.random.default_rng(SEED)
    pictures = len(statistics)
    sums = np.empty((RESAMPLES, statistics.shape[1]))
    for resample in range(RESAMPLES):
        drawn = generator.integers(pictures, size=pictures)
        sums[resample] = np.bincount(drawn, minlength=pictures) @ statistics
    bounds: np.ndarray = np.percentile(score(sums), _PERCENTILES, axis=0)
    return bounds
