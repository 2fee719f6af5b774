"""Confidence intervals against what statistics says they must be."""

import numpy as np
import pytest

from imagecap.evaluation.metrics.bootstrap import bootstrap_intervals


def mean_of(pictures: int) -> object:
    return lambda sums: sums / pictures


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    scores = np.random.default_rng(1).normal(50, 10, (1000, 1))
    low, high = bootstrap_intervals(scores, mean_of(1000))
    error = scores.std() / np.sqrt(1000)
    assert low[0] == pytest.approx(scores.mean() - 1.96 * error, abs=0.15 * error)
    assert high[0] == pytest.approx(scores.mean() + 1.96 * error, abs=0.15 * error)


def test_equal_pictures_leave_no_doubt() -> None:
    low, high = bootstrap_intervals(np.full((30, 2), 0.5), mean_of(30))
    assert low.tolist() == high.tolist() == [0.5, 0.5]


def test_the_same_pictures_have_the_same_interval() -> None:
    scores = np.random.default_rng(2).random((50, 3))
    first, second = (bootstrap_intervals(scores, mean_of(50)) for _ in range(2))
    assert np.array_equal(first, second)


def test_all_scores_share_the_pictures_drawn() -> None:
    score = np.random.default_rng(2).random((50, 1))
    bounds = bootstrap_intervals(np.hstack([score, 2 * score]), mean_of(50))
    assert bounds[:, 1] == pytest.approx(2 * bounds[:, 0])
