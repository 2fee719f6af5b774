"""Weights fitted to what candidates were worth."""

import numpy as np
import pytest

from imagecap.model.decoding import Decoding, LanguageWeights
from imagecap.model.log_linear import MEASURES, LogLinear
from imagecap.training.export.fit_ranker import (
    Choice,
    RankerError,
    fit_ranker,
    fit_weights,
    with_search,
    worth_of,
)

SIZE = len(MEASURES) + 1
SIMILARITY = MEASURES.index("similarity")


def choices(pictures: int, seed: int = 0) -> list[Choice]:
    """Pictures of which similarity and language tell something, and nothing else."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(pictures):
        measures = generator.normal(size=(4 + number % 3, SIZE))
        measures[:, 0] = 7.0
        cider = 0.5 + 0.3 * measures[:, SIMILARITY] + 0.15 * measures[:, -1]
        cider += generator.normal(0, 0.3, len(cider))
        repeats = np.zeros(len(cider), bool)
        made.append(Choice(measures, cider, cider, repeats))
    return made


def test_weights_go_to_what_tells_something() -> None:
    weights = fit_weights(choices(600))
    others = np.delete(weights, [SIMILARITY, SIZE - 1])
    assert weights[SIMILARITY] > 1.5 * weights[-1] > 0
    assert np.abs(others).max() < weights[-1] / 2
    # The same of all candidates.
    assert weights[0] == 0


def test_scale_and_origin_of_a_measure_change_no_choice() -> None:
    made = choices(600)
    scale, origin = np.linspace(0.1, 9, SIZE), np.arange(SIZE)
    moved = [
        Choice(one.measures * scale + origin, one.cider, one.worth, one.repeats)
        for one in made
    ]
    before, after = fit_weights(made), fit_weights(moved)
    assert [one.chosen(before) for one in made] == [one.chosen(after) for one in moved]


def test_what_it_is_worth_is_measured_on_pictures_that_it_did_not_learn_from() -> None:
    former = Decoding(language=LanguageWeights(choice=0.3, repetition=0.8))
    made = choices(600)
    fitted = fit_ranker(made, former)
    assert fitted.pictures == 600
    mean = 100 * np.mean([one.cider[0] for one in made])
    assert fitted.before == pytest.approx(mean)
    best = 100 * np.mean([one.cider.max() for one in made])
    assert fitted.before + 20 < fitted.after < best
    ranker, language = fitted.decoding.ranker, fitted.decoding.language
    assert isinstance(ranker, LogLinear)
    assert language is not None
    weights = fit_weights(made)
    assert ranker.similarity == weights[SIMILARITY]
    assert language == LanguageWeights(choice=weights[-1], repetition=0.8)

    # Noise teaches nothing, which pictures of its own would not show.
    generator = np.random.default_rng(1)
    noise = []
    for one in made:
        cider = generator.normal(size=len(one.cider))
        noise.append(Choice(one.measures, cider, cider, one.repeats))
    assert fit_ranker(noise, former).after < 12


def test_longer_rarer_and_uncontradicted_captions_are_worth_more() -> None:
    length, rarity = MEASURES.index("length"), MEASURES.index("rarity")
    measures = np.zeros((4, len(MEASURES)))
    measures[1, length] = measures[2, rarity] = 1.0
    plain, longer, rarer, contradicted = worth_of(
        np.full(4, 0.6), measures, np.array([0, 0, 0, 1])
    )
    assert plain == 0.6
    assert contradicted < plain < min(longer, rarer)


def test_weights_are_fitted_for_what_captions_are_worth() -> None:
    """Not for CIDEr alone, by which the worth of a choice is told."""
    made = [
        Choice(one.measures, one.cider, one.cider + one.measures[:, 1], one.repeats)
        for one in choices(600)
    ]
    assert fit_weights(made)[1] > fit_weights(made)[SIMILARITY] > 0
    fitted = fit_ranker(made, Decoding())
    assert fitted.before == pytest.approx(100 * np.mean([one.cider[0] for one in made]))


def test_those_that_repeat_themselves_are_chosen_last() -> None:
    measures = np.eye(2, SIZE)
    choice = Choice(measures, np.zeros(2), np.zeros(2), np.array([True, False]))
    assert choice.chosen(np.eye(SIZE)[0]) == 1


def test_few_pictures_are_refused() -> None:
    with pytest.raises(RankerError, match="at least 500 pictures in dev; there are 3"):
        fit_ranker(choices(3), Decoding())


def test_the_search_keeps_more_and_is_as_it_was_without() -> None:
    search = with_search(Decoding(), kept=16, rarity=0.1).search
    assert (search.width, search.kept, search.rarity) == (3, 16, 0.1)
    assert with_search(Decoding(), kept=16, rarity=0.0).search.rarity is None
