"""Confidence that means what it says."""

import numpy as np
import pytest

from imagecap.evaluation.metrics.reliability import (
    area_under_curve,
    choose_threshold,
    cross_validate,
    expected_calibration_error,
    fit_logistic,
    reliability,
)
from imagecap.model.measured import Bin


def made_up(slope: float, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and captions right with the probability that such a map gives them."""
    generator = np.random.default_rng(0)
    scores = generator.normal(-3, 1, count)
    truth = 1 / (1 + np.exp(-(slope * scores + 2)))
    return scores, generator.random(count) < truth


@pytest.mark.parametrize("slope", [0.5, 1.0, 3.0])
def test_the_map_that_made_the_captions_is_found(slope: float) -> None:
    found, intercept = fit_logistic(*made_up(slope))
    assert found == pytest.approx(slope, rel=0.15)
    assert intercept == pytest.approx(2, rel=0.2)


def test_a_higher_score_never_means_less() -> None:
    slope, intercept = fit_logistic(*made_up(-1.0))
    assert slope == 0
    _, right = made_up(-1.0)
    assert 1 / (1 + np.exp(-intercept)) == pytest.approx(right.mean(), abs=0.01)


@pytest.mark.parametrize(
    "scores", [np.zeros(200), np.repeat([-5.0, -1.0], 100)], ids=["equal", "separated"]
)
def test_extreme_scores_give_a_map_all_the_same(scores: np.ndarray) -> None:
    slope, intercept = fit_logistic(scores, np.repeat([False, True], 100))
    assert np.isfinite([slope, intercept]).all()
    assert slope >= 0


def test_confidence_is_judged_by_captions_it_was_not_fitted_on() -> None:
    scores, right = made_up(1.0)
    confidences = cross_validate(scores, right)
    bins = reliability(confidences, right)
    assert expected_calibration_error(bins) < 0.03
    # One more right caption changes the confidence of others, not its own.
    changed = right.copy()
    wrong = int(np.flatnonzero(~right)[0])
    changed[wrong] = True
    again = cross_validate(scores, changed)
    assert again[wrong] == confidences[wrong]
    assert not np.array_equal(again, confidences)


def test_the_diagram_counts_every_caption_once() -> None:
    confidences = np.array([0.0, 0.05, 0.1, 0.99, 1.0])
    right = np.array([False, True, False, True, True])
    bins = reliability(confidences, right)
    assert [(one.low, one.captions) for one in bins] == [(0, 2), (0.1, 1), (0.9, 2)]
    assert bins[0].confidence == pytest.approx(0.025)
    assert bins[0].right == 0.5


def test_the_error_is_the_mean_distance_over_captions() -> None:
    bins = [Bin(0, 0.1, 30, 0.1, 0.3), Bin(0.9, 1, 10, 0.9, 0.5)]
    assert expected_calibration_error(bins) == pytest.approx((30 * 0.2 + 10 * 0.4) / 40)


def test_discrimination_is_the_share_of_pairs_in_order() -> None:
    right = np.array([True, True, False, False])
    assert area_under_curve(np.array([0.9, 0.4, 0.4, 0.1]), right) == 0.875


def test_the_threshold_doubts_as_many_as_it_may() -> None:
    confidences = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.9])
    assert choose_threshold(confidences, 0.31) == pytest.approx(0.9)
    assert choose_threshold(confidences, 0.21) == pytest.approx(0.4)
    assert choose_threshold(confidences, 0.11) == pytest.approx(0.2)
    assert choose_threshold(confidences, 0.05) == 0
