"""From features to captions: candidates are searched for, then ranked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from imagecap.model.beam_search import BeamSettings, DecoderStep, beam_search
from imagecap.model.caption import Caption
from imagecap.model.rankers import (
    ExpectedWords,
    Likelihood,
    MinimumBayesRisk,
    expected_cider,
    order_candidates,
)
from imagecap.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Decoding:
    """How captions are found: the whole of it, as a model's bundle says.

    Attributes:
        search: How candidates are searched for.
        ranker: What orders them.
    """

    search: BeamSettings = field(default_factory=BeamSettings)
    ranker: Likelihood | MinimumBayesRisk = field(default_factory=Likelihood)

    def __str__(self) -> str:
        """Name it, "beam 3" or "consensus of 24"."""
        if isinstance(self.ranker, MinimumBayesRisk):
            return f"consensus of {self.search.width}"
        return f"beam {self.search.width}"

    def with_width(self, width: int) -> "Decoding":
        """Return the same with another beam width."""
        return replace(self, search=replace(self.search, width=width))


def decode(
    decoder: DecoderStep,
    features: np.ndarray,
    vocabulary: Vocabulary,
    decoding: Decoding,
    expected: ExpectedWords | None = None,
) -> list[list[Caption]]:
    """Find the captions of pictures.

    Args:
        decoder: The model's one-word step.
        features: The encoder's output, `[N, ...]`, float32.
        vocabulary: Names the words.
        decoding: How captions are found.
        expected: What the word detector says of the pictures.

    Returns:
        For each picture up to `width` captions, the best first.
    """
    bias = None if expected is None else expected.word_bias
    found = beam_search(decoder, features, vocabulary, decoding.search, bias)
    if expected is not None:
        found = [
            _with_expected_cider(candidates, weights, vocabulary)
            for candidates, weights in zip(found, expected.weights, strict=True)
        ]
    return [
        order_candidates(decoding.ranker, candidates, vocabulary)
        for candidates in found
    ]


def _with_expected_cider(
    candidates: Sequence[Caption], weights: np.ndarray, vocabulary: Vocabulary
) -> list[Caption]:
    values = expected_cider([one.words for one in candidates], weights, vocabulary)
    return [
        replace(one, expected_cider=float(value))
        for one, value in zip(candidates, values, strict=True)
    ]
