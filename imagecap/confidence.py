"""How far a caption can be trusted, as the model's bundle says it was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagecap.bundle import MANIFEST, Bundle, BundleError
from imagecap.caption import Caption

FAMILIARITY = "familiarity.npy"
"""The bundle's file with the subspace of the features of its training pictures."""

_SECTION = "confidence"


@dataclass(frozen=True)
class Familiarity:
    """Tells pictures like those of training from others, by their features.

    The features of photographs of scenes lie near a subspace; those of text, noise or
    drawings lie off it, whatever caption they lead to.

    Source: Ndiour, Ahuja and Tickoo 2020, "Out-of-distribution detection with subspace
    techniques and probabilistic modeling of features", the reconstruction error there.

    Attributes:
        mean: Mean of the training pictures' pooled features of length one, `[D]`.
        directions: The principal directions around it, `[K, D]`, orthonormal.
    """

    mean: np.ndarray
    directions: np.ndarray

    def distance(self, features: np.ndarray) -> np.ndarray:
        """Compute how far pictures are from the subspace.

        Args:
            features: The encoder's output, `[N, ..., D]`; grids are averaged.

        Returns:
            `[N]`, at least 0; features of length one are at most 2 apart.
        """
        offset = pooled(features) - self.mean
        inside = offset @ self.directions.T
        squared = (offset**2).sum(axis=1) - (inside**2).sum(axis=1)
        distance: np.ndarray = np.sqrt(np.maximum(squared, 0))
        return distance


def pooled(features: np.ndarray) -> np.ndarray:
    """Average grids and scale vectors to length one, `[N, ..., D]` to `[N, D]`."""
    vectors = features.reshape(len(features), -1, features.shape[-1]).mean(axis=1)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(lengths, 1e-12)
    return scaled


@dataclass(frozen=True)
class Confidence:
    """Gives captions the share of captions like them that were right.

    Source: Platt 1999, "Probabilistic outputs for support vector machines", for the
    logistic map.

    Attributes:
        slope: Of the logistic map from a caption's score in the search; at least 0.
        intercept: Of the same.
        threshold: The model is unsure of captions with less confidence.
        familiarity: Tells odd pictures, or `None` where it was not measured.
        farthest: The distance beyond which a picture is odd.
    """

    slope: float
    intercept: float
    threshold: float
    familiarity: Familiarity | None = None
    farthest: float = math.inf

    def of_score(self, score: float) -> float:
        """Map a score to the probability that the caption is right."""
        # A logistic that no score overflows.
        return (1 + math.tanh((self.slope * score + self.intercept) / 2)) / 2

    def judge(
        self,
        found: Sequence[Sequence[Caption]],
        features: np.ndarray,
        length_penalty: float,
    ) -> list[list[Caption]]:
        """Say of captions how far they can be trusted.

        Args:
            found: For each picture its captions, the best first.
            features: The encoder's output for the pictures, `[N, ...]`.
            length_penalty: That of the search.

        Returns:
            The same captions. The best one of each picture has its confidence, if the
            picture is like those it was measured on; all know whether the model is
            unsure of the picture.
        """
        odd = np.zeros(len(features), bool)
        if self.familiarity is not None:
            odd = self.familiarity.distance(features) > self.farthest
        judged = []
        for (best, *others), is_odd in zip(found, odd, strict=True):
            confidence = None
            if not is_odd:
                confidence = self.of_score(best.score(length_penalty))
            unsure = confidence is None or confidence < self.threshold
            judged.append(
                [
                    replace(best, confidence=confidence, unsure=unsure),
                    *(replace(other, unsure=unsure) for other in others),
                ]
            )
        return judged


def load_confidence(bundle: Bundle) -> Confidence | None:
    """Load what a bundle says of its captions' confidence; `None` if it says nothing.

    Raises:
        BundleError: If that is damaged; the message names the file.
    """
    section = bundle.manifest.get(_SECTION)
    if section is None:
        return None
    try:
        confidence = Confidence(
            float(section["slope"]),
            float(section["intercept"]),
            float(section["threshold"]),
        )
        farthest = section.get("farthest")
        if farthest is None:
            return confidence
        familiarity = _load_familiarity(bundle)
        return replace(confidence, familiarity=familiarity, farthest=float(farthest))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(
            f"{bundle.folder / MANIFEST} is damaged: a value of its section "
            f"{_SECTION} is missing or wrong. Install the model again."
        ) from error


def _load_familiarity(bundle: Bundle) -> Familiarity:
    bundle.verify(FAMILIARITY)
    path = bundle.folder / FAMILIARITY
    try:
        rows = np.load(path, allow_pickle=False)
        if rows.ndim != 2 or rows.shape[1] != bundle.feature_shape[-1]:
            raise ValueError(f"shape {rows.shape}")
    except (EOFError, OSError, ValueError) as error:
        raise BundleError(
            f"The model file {path} does not suit its encoder ({error}). Install the "
            "model again."
        ) from error
    rows = rows.astype(np.float32)
    return Familiarity(rows[0], rows[1:])
