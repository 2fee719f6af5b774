"""Candidates ranked by a weighted sum of all that is known of them.

The weights are fitted on pictures that the model has not learned from; see
`imagecap.training.export.fit_ranker`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Literal

import numpy as np

from imagecap.model.attributes import count_colours
from imagecap.model.caption import Caption
from imagecap.model.rankers import agreement
from imagecap.model.records import Range
from imagecap.text.vocabulary import Vocabulary

_LEAST_PROBABILITY = 1e-9
_Weight = Annotated[float, Range(-1e6, 1e6)]


@dataclass(frozen=True)
class LogLinear:
    """Ranks candidates by a weighted sum.

    Source: Och and Ney 2002, "Discriminative training and maximum entropy models for
    statistical machine translation".

    Attributes:
        name: Which ranker it is.
        vote_exponent: In the agreement each candidate counts by its probability to this
            power.
        agreement: What the agreement with the other candidates counts, `mbr_scores`.
        expected_cider: What its expected CIDEr counts.
        similarity: What its similarity to the picture counts.
        log_probability: What its log-probability counts.
        mean_log_probability: What the mean of its words' counts.
        least_log_probability: What that of its least probable word counts.
        length: What the number of its words counts.
        rarity: What the mean idf of its words counts.
        gender: What its expected gender counts, `expected_gender`; by default nothing.
        colour: What its expected colours count, `expected_colour`; the same.
        colours: What each colour counts that it says; the same.
    """

    name: Literal["log_linear"] = "log_linear"
    vote_exponent: Annotated[float, Range(0, 1000)] = 0.2
    agreement: _Weight = 1.0
    expected_cider: _Weight = 10.0
    similarity: _Weight = 0.0
    log_probability: _Weight = 0.0
    mean_log_probability: _Weight = 0.0
    least_log_probability: _Weight = 0.0
    length: _Weight = 0.0
    rarity: _Weight = 0.0
    gender: _Weight | None = None
    colour: _Weight | None = None
    colours: _Weight | None = None

    def scores(
        self, candidates: Sequence[Caption], vocabulary: Vocabulary
    ) -> np.ndarray:
        """Compute a score for each candidate; see `Ranker`."""
        known = measure_candidates(candidates, vocabulary, self.vote_exponent)
        total: np.ndarray = known @ [getattr(self, name) or 0.0 for name in MEASURES]
        return total


MEASURES = tuple(one.name for one in fields(LogLinear))[2:]
"""What is known of candidates, by the names of the weights."""


def measure_candidates(
    candidates: Sequence[Caption], vocabulary: Vocabulary, vote_exponent: float
) -> np.ndarray:
    """Return what is known of each candidate of a picture, `[N, len(MEASURES)]`.

    Args:
        candidates: At least one.
        vocabulary: Knows how rare words are.
        vote_exponent: That of the agreement; see `LogLinear`.
    """
    lengths = [len(one.words) for one in candidates]
    least = [min(one.word_probabilities, default=1.0) for one in candidates]
    known = {
        "agreement": agreement(candidates, vocabulary, vote_exponent),
        "expected_cider": [one.expected_cider or 0.0 for one in candidates],
        "similarity": [one.similarity or 0.0 for one in candidates],
        "log_probability": [one.log_probability for one in candidates],
        "mean_log_probability": [one.score(1.0) for one in candidates],
        "least_log_probability": np.log(np.maximum(least, _LEAST_PROBABILITY)),
        "length": lengths,
        "rarity": [
            sum(map(vocabulary.idf, one.words)) / max(length, 1)
            for one, length in zip(candidates, lengths, strict=True)
        ],
        "gender": [one.expected_gender or 0.0 for one in candidates],
        "colour": [one.expected_colour or 0.0 for one in candidates],
        "colours": [count_colours(one.words) for one in candidates],
    }
    return np.array([known[name] for name in MEASURES], np.float64).T
