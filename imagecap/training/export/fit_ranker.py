"""Fitting the weights by which a finished model chooses among its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagecap.datasets.dataset import Dataset, Example
from imagecap.errors import ImagecapError
from imagecap.evaluation.errors.failures import count_contradictions
from imagecap.evaluation.examples import describe_examples, references_of
from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.model.captioner import Captioner
from imagecap.model.decoding import Decoding, with_similarities
from imagecap.model.dual_encoder import DualEncoder
from imagecap.model.language_model import LanguageModel
from imagecap.model.log_linear import MEASURES, LogLinear, measure_candidates
from imagecap.model.manifest import Manifest, RankerRecord
from imagecap.pictures.reading import PictureError
from imagecap.text.lexicon import repeats_itself

FEWEST_PICTURES = 500
"""From so few pictures the weights would be chance."""

FOLDS = 5
# A choice by CIDEr alone says what is frequent, and little of it. By these, on dev,
# more is said, in more words, and less that people contradict; see benchmarks/runs.md.
_WORTH_OF_LENGTH = 0.015
_WORTH_OF_RARITY = 0.17
_WORTH_OF_CONTRADICTION = -0.2
_STEPS = 300
_LEARNING_RATE = 0.03
_RIDGE = 1e-3


class RankerError(ImagecapError):
    """Weights cannot be fitted to so few pictures."""


@dataclass(frozen=True)
class Choice:
    """The candidates for the caption of one picture; first that chosen before.

    Attributes:
        measures: What is known of each, `[N, len(MEASURES) + 1]`; the last is the mean
            log-probability of its words in the language model, or zero.
        cider: The CIDEr of each, 1.0 for what papers print as 100, `[N]`.
        worth: What each is worth by all that weights are fitted for, `[N]`; see
            `worth_of`.
        repeats: Whether each repeats itself, `[N]`; such are chosen last.
    """

    measures: np.ndarray
    cider: np.ndarray
    worth: np.ndarray
    repeats: np.ndarray

    def chosen(self, weights: np.ndarray) -> int:
        """Return which one has the largest weighted sum."""
        scores = np.where(self.repeats, -np.inf, self.measures @ weights)
        return int(scores.argmax())


@dataclass(frozen=True)
class FittedRanker:
    """A ranker with what it is worth.

    Attributes:
        decoding: How captions are found now.
        pictures: By how many pictures it was fitted.
        before: CIDEr of what was chosen before, times 100.
        after: CIDEr of what is chosen for pictures by weights that were fitted without
            them, times 100.
    """

    decoding: Decoding
    pictures: int
    before: float
    after: float


def dev_of(dataset: Dataset) -> Mapping[str, Sequence[Example]]:
    """Return the dev split of each data set, by its name."""
    return {dataset.name: dataset.dev, **dataset.more_dev}


def require_enough(pictures: int) -> None:
    """Check that weights can be fitted to so many pictures.

    Raises:
        RankerError: If there are too few.
    """
    if pictures < FEWEST_PICTURES:
        raise RankerError(
            f"A ranker needs at least {FEWEST_PICTURES:,} pictures in dev; there are "
            f"{pictures:,}. Name a further data set with --more-data."
        )


def gather_choices(
    captioner: Captioner,
    examples: Sequence[Example],
    dual_encoder: DualEncoder | None,
    language: LanguageModel | None,
) -> list[Choice]:
    """Find candidates for pictures that a model has not learned from.

    Args:
        captioner: The model, with the search for which weights are wanted.
        examples: The pictures of one dev split.
        dual_encoder: Compares candidates and pictures.
        language: Its language model, if it has one.
    """
    vocabulary = captioner.bundle.vocabulary
    references = references_of(examples)
    cider = CiderD(references)
    count = captioner.bundle.manifest.decoding.search.most_kept
    described = describe_examples(captioner, examples, "Finding candidates", count)
    choices = []
    for example, result in described:
        if isinstance(result, PictureError):
            continue
        captions = list(result.captions)
        if dual_encoder is not None:
            seen = dual_encoder.look_at(result.features[np.newaxis])
            (captions,) = with_similarities(seen, [captions], vocabulary)
        measures = measure_candidates(captions, vocabulary, LogLinear().vote_exponent)
        fluency = np.zeros(len(captions))
        if language is not None:
            fluency = language.word_means(
                [vocabulary.encode(one.words) for one in captions]
            )
        scores = np.array([cider.score(example.name, one.words) for one in captions])
        contradicted = [
            count_contradictions(one.words, references[example.name])
            for one in captions
        ]
        choices.append(
            Choice(
                np.column_stack([measures, fluency]),
                scores,
                worth_of(scores, measures, np.array(contradicted)),
                np.array([repeats_itself(one.words) for one in captions]),
            )
        )
    return choices


def worth_of(
    cider: np.ndarray, measures: np.ndarray, contradicted: np.ndarray
) -> np.ndarray:
    """Compute what captions are worth to a reader, in units of CIDEr.

    Args:
        cider: Their CIDEr, 1.0 for what papers print as 100, `[N]`.
        measures: What is known of each, `[N, len(MEASURES)]`.
        contradicted: How much people contradict of what each says of genders, colours
            and numbers, `[N]`.

    Returns:
        `[N]`, float64: more for longer captions and rarer words.
    """
    worth: np.ndarray = (
        cider
        + _WORTH_OF_LENGTH * measures[:, MEASURES.index("length")]
        + _WORTH_OF_RARITY * measures[:, MEASURES.index("rarity")]
        + _WORTH_OF_CONTRADICTION * contradicted
    )
    return worth


def fit_ranker(choices: Sequence[Choice], former: Decoding) -> FittedRanker:
    """Fit weights, and measure what they are worth by cross-validation.

    Args:
        choices: The candidates of pictures that the model has not learned from.
        former: How captions were found.

    Raises:
        RankerError: If there are too few pictures.
    """
    require_enough(len(choices))
    folds = np.random.default_rng(0).permutation(len(choices)) % FOLDS
    chosen = np.empty(len(choices))
    for fold in range(FOLDS):
        weights = fit_weights(
            [choices[i] for i in np.flatnonzero(folds != fold).tolist()]
        )
        for i in np.flatnonzero(folds == fold).tolist():
            chosen[i] = choices[i].cider[choices[i].chosen(weights)]
    before = np.mean([one.cider[0] for one in choices])
    weights = fit_weights(choices)
    *own, fluency = weights.tolist()
    language = former.language
    if language is not None:
        language = replace(language, choice=max(fluency, 0.0))
    decoding = replace(
        former,
        ranker=LogLinear(**dict(zip(MEASURES, own, strict=True))),
        language=language,
    )
    after = float(chosen.mean())
    return FittedRanker(decoding, len(choices), 100 * float(before), 100 * after)


def fit_weights(choices: Sequence[Choice]) -> np.ndarray:
    """Fit the weights of measures so that what is chosen is worth much.

    Each picture's worth is that of a random choice, by a softmax over weighted sums;
    its mean is made large by gradient ascent, in which weights of standardised measures
    are held small.

    Source: Smith and Eisner 2006, "Minimum risk annealing for training log-linear
    models".

    Returns:
        `[len(MEASURES) + 1]`, float64, rounded to six digits.
    """
    rows = np.concatenate([one.measures for one in choices])
    worth = np.concatenate([one.worth for one in choices])
    sizes = [len(one.worth) for one in choices]
    picture = np.repeat(np.arange(len(choices)), sizes)
    starts = np.cumsum([0, *sizes[:-1]])
    spread = rows.std(axis=0)
    # What is the same of all candidates of all pictures says nothing.
    rows = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    weights = np.zeros(rows.shape[1])
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        sums = rows @ weights
        shares = np.exp(sums - np.maximum.reduceat(sums, starts)[picture])
        shares /= np.add.reduceat(shares, starts)[picture]
        expected = np.add.reduceat(shares * worth, starts)
        slope = rows.T @ (shares * (worth - expected[picture])) / len(choices)
        slope -= _RIDGE * weights
        # Kingma and Ba 2015, "Adam: a method for stochastic optimization".
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        size = np.sqrt(square / (1 - 0.99**step)) + 1e-9
        weights += _LEARNING_RATE * mean / (1 - 0.9**step) / size
    found = weights / np.where(spread > 0, spread, np.inf)
    return np.array([float(f"{one:.6g}") for one in found])


def with_search(decoding: Decoding, kept: int, rarity: float) -> Decoding:
    """Return how candidates are searched for where a fitted ranker chooses.

    Args:
        decoding: How captions were found.
        kept: How many captions that have ended are kept.
        rarity: What rare words gain.
    """
    search = replace(decoding.search, kept=kept, rarity=rarity or None)
    return replace(decoding, search=search)


def with_ranker(manifest: Manifest, fitted: FittedRanker, pictures: int) -> Manifest:
    """Return the manifest of a bundle that chooses by a fitted ranker.

    Args:
        manifest: That of the bundle before.
        fitted: The ranker.
        pictures: From how many pictures its dual encoder learned.
    """
    record = RankerRecord(pictures, fitted.pictures, fitted.before, fitted.after)
    return replace(manifest, decoding=fitted.decoding, ranker=record)
