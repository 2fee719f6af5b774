"""From features to captions: candidates are searched for, then ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Protocol

import numpy as np

from imagecap.model.arrays import cut
from imagecap.model.attributes import expected_colour, expected_gender
from imagecap.model.beam_search import BeamSettings, DecoderStep, beam_search
from imagecap.model.caption import Caption
from imagecap.model.log_linear import LogLinear
from imagecap.model.next_words import SaidAgain
from imagecap.model.rankers import (
    ExpectedWords,
    Likelihood,
    MinimumBayesRisk,
    expected_cider,
    order_candidates,
)
from imagecap.model.records import Range, to_json
from imagecap.text.vocabulary import Vocabulary


class Language(Protocol):
    """What captions are like, whatever the picture; see `LanguageModel`."""

    def word_means(self, captions: Sequence[Sequence[int]]) -> np.ndarray:
        """Compute the mean log-probability of a word of each caption, `[N]`."""

    def said_again(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute how seldom captions say again what they have said."""


class Matcher(Protocol):
    """How well captions suit the pictures that it has seen; see `Seen`."""

    def similarities(
        self, captions: Sequence[Sequence[Sequence[int]]]
    ) -> list[np.ndarray]:
        """Compare the pictures with captions."""


@dataclass(frozen=True)
class LanguageWeights:
    """What the language model has to say.

    Attributes:
        choice: What the mean log-probability of the words of a candidate counts beside
            its rank.
        repetition: What the logarithm of how seldom captions say a word again counts
            in the search, beside the logarithm of its probability; from the second
            time on that a caption says the word or one of its stem.
    """

    choice: Annotated[float, Range(0, 1000)] = 0.3
    repetition: Annotated[float, Range(0, 1000)] = 0.8


@dataclass(frozen=True)
class Decoding:
    """How captions are found: the whole of it, as a model's bundle says.

    Attributes:
        search: How candidates are searched for.
        ranker: What orders them.
        language: What the language model has to say, where there is one.
    """

    search: BeamSettings = field(default_factory=BeamSettings)
    ranker: Likelihood | MinimumBayesRisk | LogLinear = field(
        default_factory=Likelihood
    )
    language: LanguageWeights | None = None

    def __str__(self) -> str:
        """Name it, "beam 3" or "consensus of 24"."""
        if isinstance(self.ranker, Likelihood):
            return f"beam {self.search.width}"
        if isinstance(self.ranker, MinimumBayesRisk):
            return f"consensus of {self.search.width}"
        return f"choice of {self.search.most_kept}"

    def with_width(self, width: int) -> "Decoding":
        """Return the same with another beam width."""
        return replace(self, search=replace(self.search, width=width))

    def for_captions(self, count: int, beam_width: int | None) -> "Decoding":
        """Return how several captions are found: in this way, or at another width.

        Args:
            count: How many captions are wanted; the search is at least as wide.
            beam_width: Captions kept in parallel.

        Raises:
            ValueError: If a number is less than one.
        """
        if count < 1 or (beam_width is not None and beam_width < 1):
            raise ValueError(
                f"At least one caption and a beam of one are needed. Received: "
                f"count={count}, beam_width={beam_width}"
            )
        chosen = self if beam_width is None else self.with_width(beam_width)
        enough = count <= chosen.search.most_kept
        return chosen if enough else chosen.with_width(count)


def without_unused(decoding: Decoding) -> dict[str, Any]:
    """Return it as a JSON object, as it was before there was what it does not use."""
    said = {n: value for n, value in to_json(decoding).items() if value is not None}
    return {
        name: {n: value for n, value in part.items() if value is not None}
        for name, part in said.items()
    }


def decode(
    decoder: DecoderStep,
    features: np.ndarray,
    vocabulary: Vocabulary,
    decoding: Decoding,
    expected: ExpectedWords | None = None,
    language: Language | None = None,
    matcher: Matcher | None = None,
) -> list[list[Caption]]:
    """Find the captions of pictures.

    Args:
        decoder: The model's one-word step.
        features: The encoder's output, `[N, ...]`, float32.
        vocabulary: Names the words.
        decoding: How captions are found.
        expected: What the word detector says of the pictures.
        language: The language model, whose say is that of `decoding.language`.
        matcher: What the dual encoder has seen of the pictures; its say is that of
            `decoding.ranker`.

    Returns:
        For each picture up to `width` captions, or `kept`, the best first.
    """
    found = find_candidates(
        decoder, features, vocabulary, decoding, expected, language, matcher
    )
    weight = 0.0 if decoding.language is None else decoding.language.choice
    return [
        order_candidates(decoding.ranker, candidates, vocabulary, fluency)
        for candidates, fluency in zip(
            found, _fluency(found, vocabulary, language, weight), strict=True
        )
    ]


def find_candidates(
    decoder: DecoderStep,
    features: np.ndarray,
    vocabulary: Vocabulary,
    decoding: Decoding,
    expected: ExpectedWords | None = None,
    language: Language | None = None,
    matcher: Matcher | None = None,
) -> list[list[Caption]]:
    """Search for captions of pictures; see `decode` for the arguments.

    Returns:
        For each picture up to `width` captions, or `kept`, in no order, with all that
        is known of them.
    """
    repetition = 0.0 if decoding.language is None else decoding.language.repetition
    bias = None if expected is None else expected.word_bias
    found = beam_search(
        decoder,
        features,
        vocabulary,
        decoding.search,
        bias,
        _said_again(language, repetition),
    )
    known: list[dict[str, list[float]]] = [{} for _ in found]
    if expected is not None:
        for own, candidates, weights in zip(
            known, found, expected.weights, strict=True
        ):
            own |= _expectations(candidates, weights, vocabulary)
    if matcher is not None:
        for own, similarities in zip(
            known, _similarities(matcher, found, vocabulary), strict=True
        ):
            own["similarity"] = similarities
    return [_with(*one) for one in zip(found, known, strict=True)]


def with_similarities(
    matcher: Matcher,
    found: Sequence[Sequence[Caption]],
    vocabulary: Vocabulary,
) -> list[list[Caption]]:
    """Add to captions how well each suits its picture.

    Args:
        matcher: What the dual encoder has seen of pictures.
        found: The captions of each.
        vocabulary: Numbers their words.
    """
    return [
        _with(candidates, {"similarity": similarities})
        for candidates, similarities in zip(
            found, _similarities(matcher, found, vocabulary), strict=True
        )
    ]


def _similarities(
    matcher: Matcher, found: Sequence[Sequence[Caption]], vocabulary: Vocabulary
) -> list[list[float]]:
    numbers = [[vocabulary.encode(one.words) for one in group] for group in found]
    return [values.tolist() for values in matcher.similarities(numbers)]


def _said_again(language: Language | None, weight: float) -> SaidAgain | None:
    if language is None or not weight:
        return None

    def weighted(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        numbers, logarithms = language.said_again(words)
        return numbers, weight * logarithms

    return weighted


def _fluency(
    found: Sequence[Sequence[Caption]],
    vocabulary: Vocabulary,
    language: Language | None,
    weight: float,
) -> Sequence[np.ndarray | None]:
    """Compute what candidates gain in rank by being likely captions of anything.

    Returns:
        For each picture that of each of its candidates, `[candidates]`, or nothing.
    """
    if language is None or not weight:
        return [None] * len(found)
    means = language.word_means(
        [vocabulary.encode(one.words) for group in found for one in group]
    )
    return cut(weight * means, map(len, found))


def _expectations(
    candidates: Sequence[Caption], weights: np.ndarray, vocabulary: Vocabulary
) -> dict[str, list[float]]:
    """Return what is expected of candidates, by the names of their attributes."""
    words = [one.words for one in candidates]
    return {
        "expected_cider": expected_cider(words, weights, vocabulary).tolist(),
        "expected_gender": expected_gender(words, weights, vocabulary).tolist(),
        "expected_colour": expected_colour(words, weights, vocabulary).tolist(),
    }


def _with(
    candidates: Sequence[Caption], known: Mapping[str, Sequence[Any]]
) -> list[Caption]:
    """Add to candidates what is known of each, by the names of their attributes."""
    return [
        replace(one, **dict(zip(known, values, strict=True)))
        for one, *values in zip(candidates, *known.values(), strict=True)
    ]
