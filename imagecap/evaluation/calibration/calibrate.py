"""A model's confidence: measured on a split, and written into the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagecap.errors import ImagecapError
from imagecap.evaluation.metrics.reliability import (
    RIGHT,
    area_under_curve,
    choose_threshold,
    cross_validate,
    expected_calibration_error,
    fit_logistic,
    reliability,
)
from imagecap.model.bundle import Bundle
from imagecap.model.caption import Caption
from imagecap.model.confidence import (
    OUT_OF_DISTRIBUTION,
    OutOfDistribution,
    evidence_of,
)
from imagecap.model.manifest import Manifest
from imagecap.model.measured import (
    EXPECTED_CIDER,
    SCORE,
    Bin,
    CalibrationRecord,
    ConfidenceRecord,
    Evidence,
    Failures,
    OutOfDistributionRecord,
    SplitName,
)
from imagecap.model.sealing import update_bundle

_MOST_RIGHT = 0.2
_OUT_OF_DISTRIBUTION = 0.07
_FEWEST = 100


class CalibrationError(ImagecapError):
    """A model cannot be calibrated on these captions."""


@dataclass(frozen=True)
class Calibration:
    """What calibrating finds out.

    Attributes:
        confidence: The model's confidence, and how true it is.
        out_of_distribution: Tells pictures unlike those of training; `None` with too
            few to learn from.
        failures: What the captions get wrong.
    """

    confidence: ConfidenceRecord
    out_of_distribution: OutOfDistribution | None
    failures: Failures

    def sentences(self) -> list[str]:
        """Say what was measured."""
        measured = self.confidence.measured
        return [
            "Cross-validated: each caption was judged by a map fitted without it. "
            + _sentences(
                measured.bins,
                measured.out_of_distribution,
                measured.doubted,
                measured.doubted_right,
                measured.trusted_right,
            )
        ]

    def in_manifest(self, manifest: Manifest) -> Manifest:
        """Return a manifest that says what was measured."""
        return replace(manifest, confidence=self.confidence, failures=self.failures)

    def files(self) -> dict[str, bytes]:
        """Return what a bundle needs for it: file name → content."""
        if self.out_of_distribution is None:
            return {}
        return {OUT_OF_DISTRIBUTION: self.out_of_distribution.to_bytes()}


def check_confidence(
    captions: Mapping[str, Caption], cider: Mapping[str, float]
) -> tuple[list[Bin], list[str]]:
    """Compare what a calibrated model says of its captions with what was right.

    Args:
        captions: Picture name → its caption.
        cider: Picture name → CIDEr of its caption alone, times 100.

    Returns:
        The reliability diagram, and what there is to say in sentences; both empty where
        no caption has a confidence.
    """
    known = {n: c.confidence for n, c in captions.items() if c.confidence is not None}
    if not known:
        return [], []
    right = {name: cider[name] >= RIGHT for name in captions}
    unsure = [right[name] for name, caption in captions.items() if caption.unsure]
    sure = [right[name] for name, caption in captions.items() if not caption.unsure]
    bins = reliability(
        np.array(list(known.values())), np.array([right[name] for name in known])
    )
    sentences = _sentences(
        bins,
        1 - len(known) / len(captions),
        len(unsure) / len(captions),
        _share(np.array(unsure)),
        _share(np.array(sure)),
    )
    return bins, [f"What the model says of its captions. {sentences}"]


def require_enough(pictures: int) -> None:
    """Check that there are enough captioned pictures to calibrate on.

    Raises:
        CalibrationError: If there are too few.
    """
    if pictures < _FEWEST:
        raise CalibrationError(
            f"Calibrating needs at least {_FEWEST} captioned pictures that were not "
            f"learned from; there are {pictures:,}."
        )


def judge_captions(cider: Sequence[float]) -> np.ndarray:
    """Tell which captions are right.

    Args:
        cider: CIDEr of each caption alone, times 100.

    Returns:
        `[N]`, bool.

    Raises:
        CalibrationError: If there are too few to calibrate on, or all are right or all
            wrong.
    """
    require_enough(len(cider))
    right: np.ndarray = np.array(cider) >= RIGHT
    if right.all() or not right.any():
        raise CalibrationError(
            "Calibrating needs right captions and wrong ones; all "
            f"{len(cider)} are {'right' if right.all() else 'wrong'}."
        )
    return right


def calibrate(
    captions: Sequence[Caption],
    right: np.ndarray,
    vectors: np.ndarray,
    out_of_distribution: OutOfDistribution | None,
    length_penalty: float,
    data: SplitName,
    failures: Failures,
) -> Calibration:
    """Measure how often captions are right, by what is known of them.

    Args:
        captions: Captions of N pictures that the model has not learned from, found in
            its own way.
        right: Which of them are right, `[N]`, bool; see `judge_captions`.
        vectors: The pooled features of the pictures, `[N, P]`.
        out_of_distribution: Tells pictures unlike those of training, if that is known.
        length_penalty: That of the model's search.
        data: Where the pictures come from.
        failures: What the captions get wrong.
    """
    expects = all(caption.expected_cider is not None for caption in captions)
    evidence: Evidence = EXPECTED_CIDER if expects else SCORE
    known = np.array([evidence_of(one, evidence, length_penalty) for one in captions])
    record, outside = None, np.zeros(len(captions), bool)
    if out_of_distribution is not None:
        distances = out_of_distribution.distance(vectors)
        farthest = float(np.quantile(distances, 1 - _OUT_OF_DISTRIBUTION))
        outside = distances > farthest
        record = OutOfDistributionRecord(OUT_OF_DISTRIBUTION, farthest)
    judged = cross_validate(known, right)
    threshold = choose_threshold(judged[~outside], _MOST_RIGHT)
    doubted = outside | (judged < threshold)
    bins = reliability(judged[~outside], right[~outside])
    slope, intercept = fit_logistic(known[~outside], right[~outside])
    measured = CalibrationRecord(
        meaning="the probability that its CIDEr against what people wrote is at least "
        f"{RIGHT:g}",
        data=data,
        pictures=len(captions),
        out_of_distribution=float(outside.mean()),
        right=float(right.mean()),
        doubted=float(doubted.mean()),
        doubted_right=_share(right[doubted]),
        trusted_right=_share(right[~doubted]),
        error=expected_calibration_error(bins),
        discrimination=area_under_curve(judged[~outside], right[~outside]),
        bins=tuple(bins),
    )
    confidence = ConfidenceRecord(
        slope, intercept, threshold, evidence, record, measured
    )
    return Calibration(confidence, out_of_distribution, failures)


def write_calibration(bundle: Bundle, calibration: Calibration) -> None:
    """Write what was measured into a bundle: its manifest, its card, its files.

    Args:
        bundle: The bundle, replaced as a whole.
        calibration: What was measured.

    Raises:
        BundleError: If the bundle cannot be written.
    """
    files: dict[str, bytes | None] = {}
    former = bundle.manifest.confidence
    if former is not None and former.out_of_distribution is not None:
        files[former.out_of_distribution.file] = None
    files |= calibration.files()
    update_bundle(bundle, calibration.in_manifest(bundle.manifest), files)


def _sentences(
    bins: Sequence[Bin],
    out_of_distribution: float,
    doubted: float,
    doubted_right: float,
    trusted_right: float,
) -> str:
    """Say how true a model's confidence is.

    Args:
        bins: Confidence against what was right.
        out_of_distribution: The share of pictures unlike those learned from, without
            a confidence.
        doubted: The share of captions of which the model is unsure.
        doubted_right: The share of those that was right.
        trusted_right: The share of the others that was right.
    """
    return (
        f"A caption counts as right from a CIDEr of {RIGHT:g}. Expected calibration "
        f"error {expected_calibration_error(bins):.3f}. The model is unsure of "
        f"{_percent(doubted)} of the captions, of which {_percent(doubted_right)} are "
        f"right; of the others {_percent(trusted_right)} are. "
        f"{_percent(out_of_distribution)} of the pictures are unlike those it has "
        "learned from, and it is unsure of these whatever it says."
    )


def _share(right: np.ndarray) -> float:
    return float(right.mean()) if len(right) else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
