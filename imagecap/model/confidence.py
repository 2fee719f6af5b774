"""How far a caption can be trusted, as the model's bundle says it was measured."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagecap.model.arrays import check_numbers, read_array
from imagecap.model.bundle import (
    MANIFEST,
    WORD_DETECTOR,
    Bundle,
    BundleError,
    naming,
)
from imagecap.model.caption import Caption
from imagecap.model.measured import EXPECTED_CIDER, SCORE

OUT_OF_DISTRIBUTION = "out_of_distribution.npy"
"""The file with the subspace of the features of training, in bundles made today."""


@dataclass(frozen=True)
class OutOfDistribution:
    """Tells pictures unlike those of training by their features.

    The features of photographs of scenes lie near a subspace; those of text, noise or
    drawings lie off it, whatever caption they lead to.

    Source: Ndiour, Ahuja and Tickoo 2020, "Out-of-distribution detection with subspace
    techniques and probabilistic modeling of features", the reconstruction error there.

    Attributes:
        mean: Mean of the training pictures' pooled features, `[P]`; see `pooled`.
            Models calibrated before grids had two halves have the first one alone.
        directions: The principal directions around it, `[K, P]`, orthonormal.
    """

    mean: np.ndarray
    directions: np.ndarray

    def distance(self, vectors: np.ndarray) -> np.ndarray:
        """Compute how far pictures are from the subspace.

        Args:
            vectors: Their pooled features, `[N, P]` or with more columns, which do not
                count then; see `pooled`.

        Returns:
            `[N]`, at least 0.
        """
        offset = vectors[:, : len(self.mean)] - self.mean
        # Not a matrix product: its threads would wait for more, busily, on the cores
        # that the networks need now.
        inside = np.einsum("np,kp->nk", offset, self.directions)
        squared = (offset**2).sum(axis=1) - (inside**2).sum(axis=1)
        distance: np.ndarray = np.sqrt(np.maximum(squared, 0))
        return distance

    def to_bytes(self) -> bytes:
        """Return the content of the bundle's file; numbers are rounded to float16."""
        content = io.BytesIO()
        rows = np.vstack([self.mean, self.directions]).astype(np.float16)
        np.save(content, rows, allow_pickle=False)
        return content.getvalue()


def pooled(features: np.ndarray) -> np.ndarray:
    """Make one vector of a grid: the mean of its cells beside their maximum.

    The mean alone hardly tells line drawings from photographs; in the maximum they
    lack much of what some place of every photograph has.

    Args:
        features: `[N, D]` or `[N, rows, columns, D]`.

    Returns:
        `[N, D]` of length one, or `[N, 2 D]` whose halves are of length one each.
    """
    if features.ndim == 2:
        return of_length_one(features)
    cells = (1, 2)
    mean, maximum = features.mean(axis=cells), features.max(axis=cells)
    return np.hstack([of_length_one(mean), of_length_one(maximum)])


def of_length_one(vectors: np.ndarray) -> np.ndarray:
    """Divide vectors, `[..., D]`, by their lengths; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(lengths, 1e-12)
    return scaled


@dataclass(frozen=True)
class Confidence:
    """Gives captions the share of captions like them that were right.

    Source: Platt 1999, "Probabilistic outputs for support vector machines", for the
    logistic map.

    Attributes:
        slope: Of the logistic map from what is known of a caption; at least 0.
        intercept: Of the same.
        threshold: The model is unsure of captions with less confidence.
        out_of_distribution: Tells pictures unlike those of training, or `None`.
        farthest: The distance beyond which a picture is out of distribution.
        evidence: What is known of a caption: `SCORE`, that in the search, or
            `EXPECTED_CIDER`; see `Caption`.
    """

    slope: float
    intercept: float
    threshold: float
    out_of_distribution: OutOfDistribution | None = None
    farthest: float = math.inf
    evidence: str = SCORE

    def of_caption(self, caption: Caption, length_penalty: float) -> float:
        """Return the probability that a caption is right, whatever the picture."""
        known = evidence_of(caption, self.evidence, length_penalty)
        # A logistic that nothing overflows.
        return (1 + math.tanh((self.slope * known + self.intercept) / 2)) / 2

    def is_outside(self, features: np.ndarray) -> np.ndarray:
        """Tell which pictures are unlike those that it was measured on.

        Args:
            features: The encoder's output for N pictures, `[N, ...]`.

        Returns:
            `[N]`, bool.
        """
        if self.out_of_distribution is None:
            return np.zeros(len(features), bool)
        distance = self.out_of_distribution.distance(pooled(features))
        outside: np.ndarray = distance > self.farthest
        return outside

    def judge(
        self,
        found: Sequence[Sequence[Caption]],
        outside: np.ndarray,
        length_penalty: float,
    ) -> list[list[Caption]]:
        """Add to captions how far they can be trusted.

        Args:
            found: For each picture its captions, the best first.
            outside: Which of the pictures are outside, `[N]`; see `is_outside`.
            length_penalty: That of the search.

        Returns:
            The same captions. The best one of each picture has its confidence, if the
            picture is like those it was measured on; all know whether the model is
            unsure of the picture.
        """
        judged = []
        for (best, *others), is_outside in zip(found, outside, strict=True):
            confidence = None
            if not is_outside:
                confidence = self.of_caption(best, length_penalty)
            unsure = confidence is None or confidence < self.threshold
            judged.append(
                [
                    replace(best, confidence=confidence, unsure=unsure),
                    *(replace(other, unsure=unsure) for other in others),
                ]
            )
        return judged


def evidence_of(caption: Caption, evidence: str, length_penalty: float) -> float:
    """Return what is known of a caption, as `Confidence` says; more is better."""
    if evidence == EXPECTED_CIDER and caption.expected_cider is not None:
        return caption.expected_cider
    return caption.score(length_penalty)


def load_confidence(bundle: Bundle) -> Confidence | None:
    """Load what a bundle says of its captions' confidence; `None` if it says nothing.

    Raises:
        BundleError: If that is damaged; the message names the file.
    """
    record = bundle.manifest.confidence
    if record is None:
        return None
    if record.evidence == EXPECTED_CIDER and WORD_DETECTOR not in bundle.manifest.files:
        raise BundleError(
            f"{bundle.folder / MANIFEST} is damaged: confidence.evidence is "
            f"“{EXPECTED_CIDER}”, but the model has no {WORD_DETECTOR}. Install the "
            "model again."
        )
    confidence = Confidence(
        record.slope, record.intercept, record.threshold, evidence=record.evidence
    )
    if record.out_of_distribution is None:
        return confidence
    return replace(
        confidence,
        out_of_distribution=_load_subspace(bundle, record.out_of_distribution.file),
        farthest=record.out_of_distribution.farthest,
    )


def _load_subspace(bundle: Bundle, name: str) -> OutOfDistribution:
    bundle.verify(name)
    path = bundle.folder / name
    with naming(path, "does not suit its encoder"):
        with path.open("rb") as file:
            rows = read_array(file, path.stat().st_size)
        rows = rows.astype(np.float32, casting="same_kind")
        nothing = np.zeros((1, *bundle.feature_shape), np.float32)
        lengths = (bundle.feature_shape[-1], pooled(nothing).shape[1])
        if rows.ndim != 2 or not len(rows) or rows.shape[1] not in lengths:
            raise ValueError(f"shape {rows.shape}")
        check_numbers(rows)
    return OutOfDistribution(rows[0], rows[1:])
