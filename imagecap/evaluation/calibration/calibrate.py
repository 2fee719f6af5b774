"""A model's confidence: measured on a split, and written into the model."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from imagecap.datasets.dataset import Dataset, Example
from imagecap.errors import ImagecapError
from imagecap.evaluation.calibration.out_of_distribution import (
    encode,
    learn_familiarity,
)
from imagecap.evaluation.errors.failures import Failures, count_failures
from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.evaluation.metrics.reliability import (
    RIGHT,
    Bin,
    area_under_curve,
    choose_threshold,
    cross_validate,
    expected_calibration_error,
    fit_logistic,
    reliability,
)
from imagecap.evaluation.report.model_card_sections import (
    confidence_sentences,
    write_measured,
)
from imagecap.model.bundle import MODEL_CARD, Bundle, update_bundle
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import (
    FAMILIARITY,
    LIKENESS,
    SCORE,
    Familiarity,
    evidence_of,
)
from imagecap.progress import progress
from imagecap.text.tokenizer import tokenize

_MOST_RIGHT = 0.2
_ODD = 0.05
_FEWEST = 100


class CalibrationError(ImagecapError):
    """A model cannot be calibrated on these captions."""


@dataclass(frozen=True)
class Calibration:
    """A model's confidence, and how true it is.

    All but slope, intercept and farthest is cross-validated: each caption was judged by
    a map fitted without it.

    Attributes:
        evidence: What the confidence comes from; see `Confidence`.
        slope: Of the logistic map from that.
        intercept: Of the same.
        threshold: The model is unsure of captions with less confidence.
        familiarity: Tells odd pictures; `None` with too few to learn from.
        farthest: The distance beyond which a picture is odd.
        pictures: How many pictures it was measured on.
        odd: The share of them that was odd.
        right: The share of captions that was right.
        doubted: The share of captions of which the model is unsure, odd pictures
            included.
        doubted_right: The share of those that was right.
        trusted_right: The share of the others that was right.
        error: The expected calibration error.
        discrimination: How often a right caption has more confidence than a wrong one.
        bins: The reliability diagram.
    """

    evidence: str
    slope: float
    intercept: float
    threshold: float
    familiarity: Familiarity | None
    farthest: float | None
    pictures: int
    odd: float
    right: float
    doubted: float
    doubted_right: float
    trusted_right: float
    error: float
    discrimination: float
    bins: Sequence[Bin]

    def sentences(self) -> list[str]:
        """Say what was measured."""
        return [
            "Cross-validated: each caption was judged by a map fitted without it. "
            + confidence_sentences(
                self.bins,
                self.odd,
                self.doubted,
                self.doubted_right,
                self.trusted_right,
            )
        ]

    def to_manifest(self, data: str, split: str) -> dict[str, Any]:
        """Give the section `confidence` of a bundle's manifest."""
        numbers = asdict(replace(self, familiarity=None))
        del numbers["familiarity"]
        return {
            "meaning": "the probability that its CIDEr against what people wrote is at "
            f"least {RIGHT:g}",
            "data": {"name": data, "split": split},
            **numbers,
        }


def calibrate_bundle(folder: Path, dataset: Dataset) -> str:
    """Calibrate a model on the dev split and write that into it.

    Args:
        folder: The bundle; replaced by one that says what was measured.
        dataset: What the model was trained on.

    Returns:
        What was done, in a sentence.

    Raises:
        ImagecapError: If the bundle or the pictures cannot be read or written.
    """
    captioner = Captioner.load(folder)
    captions: dict[str, Caption] = {}
    paths = [example.path for example in dataset.dev]
    results = progress(captioner.caption_many(paths), "Calibrating", len(paths))
    for example, (_, result) in zip(dataset.dev, results, strict=True):
        if not isinstance(result, ImagecapError):
            captions[example.name] = result[0]
    examples = [example for example in dataset.dev if example.name in captions]
    references = {example.name: example.captions for example in examples}
    words = {name: [tokenize(c) for c in group] for name, group in references.items()}
    cider = CiderD(words)
    scores = {n: 100 * cider.score(n, captions[n].words) for n in captions}
    try:
        calibration = calibrate(captioner, captions, scores, dataset, examples)
    except CalibrationError as error:
        return f"Without confidence: {error}"
    failures = count_failures({n: c.text for n, c in captions.items()}, references)
    write_calibration(captioner.bundle, calibration, failures, dataset.name, "dev")
    return (
        f"Calibrated: the model is unsure of {100 * calibration.doubted:.0f} % of the "
        "dev pictures."
    )


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
    told = {n: c.confidence for n, c in captions.items() if c.confidence is not None}
    if not told:
        return [], []
    right = {name: cider[name] >= RIGHT for name in captions}
    unsure = [right[name] for name, caption in captions.items() if caption.unsure]
    sure = [right[name] for name, caption in captions.items() if not caption.unsure]
    bins = reliability(
        np.array(list(told.values())), np.array([right[name] for name in told])
    )
    sentences = confidence_sentences(
        bins,
        1 - len(told) / len(captions),
        len(unsure) / len(captions),
        _share(np.array(unsure)),
        _share(np.array(sure)),
    )
    return bins, [f"What the model says of its captions. {sentences}"]


def calibrate(
    captioner: Captioner,
    captions: Mapping[str, Caption],
    cider: Mapping[str, float],
    dataset: Dataset,
    examples: Sequence[Example],
) -> Calibration:
    """Measure how often captions are right, by what is known of them.

    Args:
        captioner: The model.
        captions: Picture name → its caption, found with the model's own beam.
        cider: Picture name → CIDEr of its caption alone, times 100.
        dataset: Its train split says what pictures the model knows.
        examples: The pictures of `captions`, none of them learned from.

    Raises:
        CalibrationError: If there are too few captions, or all are right or all wrong.
    """
    if len(captions) < _FEWEST:
        raise CalibrationError(
            f"calibrating needs at least {_FEWEST} captioned pictures that were not "
            f"learned from; there are {len(captions)}."
        )
    penalty = captioner.bundle.beam_settings.length_penalty
    has_likeness = all(caption.likeness is not None for caption in captions.values())
    evidence = LIKENESS if has_likeness else SCORE
    known = np.array(
        [evidence_of(captions[e.name], evidence, penalty) for e in examples]
    )
    right = np.array([cider[e.name] >= RIGHT for e in examples])
    if right.all() or not right.any():
        raise CalibrationError(
            "calibrating needs right captions and wrong ones; all "
            f"{len(captions)} are {'right' if right.all() else 'wrong'}."
        )
    familiarity = learn_familiarity(captioner, dataset.train)
    farthest, odd = None, np.zeros(len(examples), bool)
    if familiarity is not None:
        features = encode(captioner, examples, "Looking for odd pictures")
        distances = familiarity.distance(features)
        farthest = float(np.quantile(distances, 1 - _ODD))
        odd = distances > farthest
    judged = cross_validate(known, right)
    threshold = choose_threshold(judged[~odd], _MOST_RIGHT)
    doubted = odd | (judged < threshold)
    bins = reliability(judged[~odd], right[~odd])
    slope, intercept = fit_logistic(known[~odd], right[~odd])
    return Calibration(
        evidence=evidence,
        slope=slope,
        intercept=intercept,
        threshold=threshold,
        familiarity=familiarity,
        farthest=farthest,
        pictures=len(examples),
        odd=float(odd.mean()),
        right=float(right.mean()),
        doubted=float(doubted.mean()),
        doubted_right=_share(right[doubted]),
        trusted_right=_share(right[~doubted]),
        error=expected_calibration_error(bins),
        discrimination=area_under_curve(judged[~odd], right[~odd]),
        bins=bins,
    )


def write_calibration(
    bundle: Bundle, calibration: Calibration, failures: Failures, data: str, split: str
) -> None:
    """Write what was measured into a bundle: its manifest, its card, its files.

    Args:
        bundle: The bundle, replaced as a whole.
        calibration: The model's confidence.
        failures: What its captions get wrong.
        data: The data set's name.
        split: The split it was measured on.

    Raises:
        BundleError: If the bundle cannot be written.
    """
    section = calibration.to_manifest(data, split)
    card = bundle.folder / MODEL_CARD
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    measured = write_measured(text, section, failures)
    files: dict[str, bytes | None] = {MODEL_CARD: measured.encode(), FAMILIARITY: None}
    if calibration.familiarity is not None:
        known = calibration.familiarity
        content = io.BytesIO()
        rows = np.vstack([known.mean, known.directions]).astype(np.float16)
        np.save(content, rows, allow_pickle=False)
        files[FAMILIARITY] = content.getvalue()
    update_bundle(bundle, {"confidence": section}, files)


def _share(right: np.ndarray) -> float:
    return float(right.mean()) if len(right) else 0.0
