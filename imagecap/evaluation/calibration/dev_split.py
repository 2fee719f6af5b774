"""A model calibrated on the dev split of what it was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imagecap.datasets.dataset import Dataset, Example
from imagecap.errors import ImagecapError
from imagecap.evaluation.calibration.calibrate import (
    Calibration,
    calibrate,
    judge_captions,
)
from imagecap.evaluation.errors.failures import count_failures
from imagecap.evaluation.examples import describe_examples
from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner
from imagecap.model.confidence import OutOfDistribution, pooled
from imagecap.model.measured import SplitName
from imagecap.text.tokenizer import tokenize


def calibrate_on_dev(
    captioner: Captioner,
    dataset: Dataset,
    out_of_distribution: OutOfDistribution | None,
) -> Calibration:
    """Describe the dev split, reading each picture once, and calibrate on it.

    Args:
        captioner: The model.
        dataset: What it was trained on.
        out_of_distribution: Tells pictures unlike those of training, if that is known.

    Raises:
        CalibrationError: If there are too few captions, or all are right or all wrong.
    """
    captions, vectors = _describe(captioner, dataset.dev)
    references = {e.name: e.captions for e in dataset.dev if e.name in captions}
    words = {name: [tokenize(c) for c in group] for name, group in references.items()}
    cider = CiderD(words)
    right = judge_captions([100 * cider.score(n, c.words) for n, c in captions.items()])
    return calibrate(
        list(captions.values()),
        right,
        np.stack(vectors),
        out_of_distribution,
        captioner.bundle.manifest.decoding.search.length_penalty,
        SplitName(dataset.name, "dev"),
        count_failures({n: c.text for n, c in captions.items()}, references),
    )


def _describe(
    captioner: Captioner, examples: Sequence[Example]
) -> tuple[dict[str, Caption], list[np.ndarray]]:
    captions: dict[str, Caption] = {}
    vectors = []
    for example, result in describe_examples(captioner, examples, "Calibrating"):
        if not isinstance(result, ImagecapError):
            captions[example.name] = result.captions[0]
            vectors.append(pooled(result.features[np.newaxis])[0])
    return captions, vectors
