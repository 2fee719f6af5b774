"""From scores of captions to the probability that they are right; how true it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imagecap.model.measured import Bin

RIGHT = 40.0
"""The CIDEr from which a caption counts as right.

Half of what one person's caption of a Flickr8k photograph gets against those of the
others (82): it names most of what they do, if not all.
"""

FOLDS = 10
"""Parts of the captions, each judged by a map fitted on the others."""

_BINS = 10
_STEPS = 100
# Keeps the last step solvable where all scores are the same.
_RIDGE = 1e-6


def fit_logistic(scores: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Fit the probability to be right as a logistic function of a score.

    Source: Platt 1999, "Probabilistic outputs for support vector machines and
    comparisons to regularized likelihood methods", with the targets there, which keep
    the slope finite whatever the captions; fitted by Newton's method.

    Args:
        scores: `[N]`.
        right: Whether each caption was right, `[N]`, bool.

    Returns:
        Slope and intercept. The slope is 0 where a higher score is no better sign.
    """
    count, positives = len(right), int(right.sum())
    targets = np.where(
        right, (positives + 1) / (positives + 2), 1 / (count - positives + 2)
    )
    middle, spread = scores.mean(), max(float(scores.std()), 1e-9)
    columns = np.column_stack([(scores - middle) / spread, np.ones(count)])
    weights = np.zeros(2)
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-columns @ weights))
        gradient = columns.T @ (expected - targets) + _RIDGE * weights
        curvature = (columns.T * (expected * (1 - expected))) @ columns
        step = np.linalg.solve(curvature + _RIDGE * np.eye(2), gradient)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    if weights[0] <= 0:
        share = targets.mean()
        return 0.0, float(np.log(share / (1 - share)))
    slope = weights[0] / spread
    return float(slope), float(weights[1] - slope * middle)


def cross_validate(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Judge each caption by a map fitted without it.

    Args:
        scores: `[N]`, at least `FOLDS`.
        right: Whether each caption was right, `[N]`, bool.

    Returns:
        The probability that each is right, `[N]`.
    """
    folds = np.random.default_rng(0).permutation(len(scores)) % FOLDS
    probabilities = np.empty(len(scores))
    for fold in range(FOLDS):
        judged = folds == fold
        slope, intercept = fit_logistic(scores[~judged], right[~judged])
        probabilities[judged] = 1 / (1 + np.exp(-(slope * scores[judged] + intercept)))
    return probabilities


def reliability(confidences: np.ndarray, right: np.ndarray) -> list[Bin]:
    """Compare confidence with what was right, in ten bins; empty ones are left out.

    Args:
        confidences: `[N]`, between 0 and 1.
        right: Whether each caption was right, `[N]`, bool.
    """
    numbers = np.minimum((confidences * _BINS).astype(int), _BINS - 1)
    return [
        Bin(
            number / _BINS,
            (number + 1) / _BINS,
            int(members.sum()),
            float(confidences[members].mean()),
            float(right[members].mean()),
        )
        for number in range(_BINS)
        if (members := numbers == number).any()
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Compute how far confidence is from what was right, on average over captions.

    Source: Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated
    probabilities using Bayesian binning".

    Returns:
        Between 0 and 1.
    """
    captions = sum(one.captions for one in bins)
    return (
        sum(one.captions * abs(one.confidence - one.right) for one in bins) / captions
    )


def area_under_curve(confidences: np.ndarray, right: np.ndarray) -> float:
    """Compute how often a right caption has more confidence than a wrong one.

    Ties count half; 0.5 is no better than chance.

    Args:
        confidences: `[N]`.
        right: Whether each caption was right, `[N]`, bool; both kinds must be there.
    """
    higher = np.sign(confidences[right][:, np.newaxis] - confidences[~right])
    return float((higher.mean() + 1) / 2)


def choose_threshold(confidences: np.ndarray, most_right: float) -> float:
    """Choose below which confidence captions are doubted: as high as may be.

    The share of right captions among the doubted ones is what their confidence, which
    all captions have calibrated, says; counting the right ones among the few with the
    least confidence would leave it to chance.

    Args:
        confidences: `[N]`, between 0 and 1.
        most_right: The largest share of right captions among the doubted ones.

    Returns:
        In hundredths; 0 where no threshold keeps to that share.
    """
    for threshold in np.arange(100, 0, -1) / 100:
        doubted = confidences < threshold
        if doubted.any() and confidences[doubted].mean() <= most_right:
            return float(threshold)
    return 0.0
