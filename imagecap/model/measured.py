"""What was measured of a model, as its manifest records it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from imagecap.model.records import Count, Pattern, Range, Share

SCORE: Final = "score"
"""The confidence of a caption comes from its score in the search."""

EXPECTED_CIDER: Final = "expected_cider"
"""The confidence of a caption comes from what the word detector expects."""

Evidence = Literal["score", "expected_cider"]


@dataclass(frozen=True)
class Scores:
    """How good captions are.

    Attributes:
        split: The split they were computed on.
        how: How they were computed.
        values: Metric → score, times 100.
    """

    split: str
    how: str
    values: Mapping[str, Annotated[float, Range(0, 1000)]]


@dataclass(frozen=True)
class Bin:
    """Captions of about the same confidence.

    Attributes:
        low: The least confidence that belongs to it, between 0 and 1.
        high: The confidence at which the next begins.
        captions: How many there are.
        confidence: Their mean confidence.
        right: The share of them that was right.
    """

    low: Share
    high: Share
    captions: Count
    confidence: Share
    right: Share


@dataclass(frozen=True)
class SplitName:
    """A split of a data set.

    Attributes:
        name: The data set's name.
        split: The split's name.
    """

    name: str
    split: str


@dataclass(frozen=True)
class CalibrationRecord:
    """How true a confidence is.

    All of it is cross-validated: each caption was judged by a map fitted without it.

    Attributes:
        meaning: What the confidence is the probability of.
        data: The pictures it was measured on, none of them learned from.
        pictures: How many they were.
        out_of_distribution: The share of them that was out of distribution.
        right: The share of captions that was right.
        doubted: The share of captions of which the model is unsure, pictures out of
            distribution included.
        doubted_right: The share of those that was right.
        trusted_right: The share of the others that was right.
        error: The expected calibration error.
        discrimination: How often a right caption has more confidence than a wrong one.
        bins: The reliability diagram.
    """

    meaning: str
    data: SplitName
    pictures: Count
    out_of_distribution: Share
    right: Share
    doubted: Share
    doubted_right: Share
    trusted_right: Share
    error: Share
    discrimination: Share
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class OutOfDistributionRecord:
    """When a picture is out of distribution; see `OutOfDistribution`.

    Attributes:
        file: The bundle's file with the subspace.
        farthest: The distance beyond which a picture is out of distribution.
    """

    file: Annotated[str, Pattern(r"[\w-][\w.-]*\.npy", "the name of an .npy file")]
    farthest: Annotated[float, Range(0, 1000)]


@dataclass(frozen=True)
class ConfidenceRecord:
    """How the confidence of a caption is computed, and how true it is.

    Attributes:
        slope: Of the logistic map from what is known of a caption.
        intercept: Of the same.
        threshold: The model is unsure of captions with less confidence.
        evidence: What is known of a caption, `SCORE` or `EXPECTED_CIDER`.
        out_of_distribution: When a picture is, or `None` where that is not told.
        measured: How true it is.
    """

    slope: Annotated[float, Range(0, 1e6)]
    intercept: Annotated[float, Range(-1e6, 1e6)]
    threshold: Share
    evidence: Evidence
    out_of_distribution: OutOfDistributionRecord | None
    measured: CalibrationRecord


@dataclass(frozen=True)
class Tally:
    """What became of the words of one kind, counted once a caption and meaning.

    Attributes:
        said: How often captions say such a thing.
        agreed: How often a person says the same of the picture.
        alone: How often no person says anything of the kind.
        contradicted: How often people say only other things of the kind.
    """

    said: Count
    agreed: Count
    alone: Count
    contradicted: Count


@dataclass(frozen=True)
class Failures:
    """What captions get wrong, as far as words can tell.

    Attributes:
        pictures: How many pictures were captioned.
        model: Kind → what became of the words of captions.
        people: Kind → the same for one reference of each picture against the others.
        women_called_men: How many captions speak of men or boys alone where all
            references that name a gender speak of women or girls.
        women_gendered: How many captions name a gender at all there.
        men_called_women: The same, the other way round.
        men_gendered: The same.
        repeated: How many captions say a phrase twice.
    """

    pictures: Count
    model: Mapping[str, Tally]
    people: Mapping[str, Tally]
    women_called_men: Count
    women_gendered: Count
    men_called_women: Count
    men_gendered: Count
    repeated: Count
