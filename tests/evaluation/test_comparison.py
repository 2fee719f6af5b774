"""Two captions of the same pictures: better, worse, or no difference."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from imagecap.evaluation.comparison import (
    Comparison,
    compare_captions,
    with_candidates,
    with_new_words,
)
from imagecap.evaluation.gains import MoreInCommon, NewWordsSaid

NAMES = [f"{number}.jpg" for number in range(40)]
TRUTHS = {
    name: [["a", "thing", f"number{number}", "is", "here"]]
    for number, name in enumerate(NAMES)
}
RIGHT = {name: truths[0] for name, truths in TRUTHS.items()}
WRONG = {name: ["nothing", "to", "see"] for name in NAMES}


def test_what_is_better_for_each_picture_is_better() -> None:
    found = compare_captions(WRONG, RIGHT, TRUTHS)
    assert found.is_better
    assert not found.is_worse
    assert found.pictures == 40
    assert found.before == 0
    assert found.low <= found.gain <= found.high
    back = compare_captions(RIGHT, WRONG, TRUTHS)
    assert back.is_worse
    assert (back.low, back.high) == (-found.high, -found.low)


def test_what_differs_by_chance_is_no_difference() -> None:
    generator = np.random.default_rng(0)
    sides = generator.permutation([True] * 20 + [False] * 20)
    one = {
        n: (RIGHT if side else WRONG)[n] for n, side in zip(NAMES, sides, strict=True)
    }
    other = {
        n: (WRONG if side else RIGHT)[n] for n, side in zip(NAMES, sides, strict=True)
    }
    found = compare_captions(one, other, TRUTHS)
    assert not found.is_better
    assert not found.is_worse


def test_the_same_captions_differ_by_nothing_at_all() -> None:
    found = compare_captions(RIGHT, RIGHT, TRUTHS)
    assert (found.gain, found.low, found.high) == (0, 0, 0)
    assert "+0.0, 95 % +0.0 to +0.0" in str(found)


def test_pairs_are_kept_together() -> None:
    """A gain of the same size everywhere is certain, however pictures differ."""
    better = {
        name: RIGHT[name] if number % 2 else ["a", "thing", "is", "here"]
        for number, name in enumerate(NAMES)
    }
    worse = {name: [*caption, "and", "more"] for name, caption in better.items()}
    found = compare_captions(worse, better, TRUTHS)
    assert found.low == pytest.approx(found.gain, abs=found.after / 4)
    assert found.is_better


@pytest.mark.parametrize(
    ("pictures", "interval", "in_common", "is_better"),
    [
        (150, (1.0, 9.0), None, True),
        (150, (-4.0, 9.0), None, False),
        (150, (-4.0, 9.0), MoreInCommon(0.02, 0.01, 0.03), True),
        (150, (-4.0, 9.0), MoreInCommon(0.02, -0.01, 0.05), False),
        (150, (1.0, 9.0), MoreInCommon(-0.02, -0.03, -0.01), True),
        # Whatever else is better, captions that people would rather not say are not.
        (150, (-9.0, -1.0), MoreInCommon(0.02, 0.01, 0.03), False),
        # Five of five are better by chance in one case of 32.
        (5, (1.0, 9.0), MoreInCommon(0.02, 0.01, 0.03), False),
    ],
)
def test_what_is_better_is_so_beyond_chance(
    pictures: int,
    interval: tuple[float, float],
    in_common: MoreInCommon | None,
    is_better: bool,
) -> None:
    comparison = Comparison(pictures, 60.0, 62.0, *interval, in_common)
    assert comparison.is_better == is_better


def test_candidates_tell_of_a_gain_that_cider_cannot_see() -> None:
    generator = np.random.default_rng(0)
    names = [str(number) for number in range(100)]
    before = dict(zip(names, generator.uniform(0.1, 0.3, 100), strict=True))
    after = {name: 1.05 * old for name, old in before.items()}
    unclear = Comparison(100, 60.0, 61.0, -4.0, 6.0)
    assert not unclear.is_better
    found = with_candidates(unclear, before, after)
    assert found.in_common is not None
    assert found.in_common.gain == pytest.approx(0.05)
    assert 0.04 < found.in_common.low < 0.05 < found.in_common.high < 0.06
    assert found.is_better
    assert str(found.in_common).startswith("5.0 % (95 % +4.")
    # Of any pictures, it is chance.
    shuffled = dict(zip(names, generator.permutation([*after.values()]), strict=True))
    assert not with_candidates(unclear, before, shuffled).is_better
    nothing = dict.fromkeys(names, 0.0)
    assert with_candidates(unclear, nothing, after).in_common is None


@pytest.mark.parametrize(
    ("said", "new_words"),
    [
        ([0, 1], NewWordsSaid(("rex",), 2, 3, 0)),
        ([0, 1, 2, 9], NewWordsSaid(("rex",), 3, 3, 1)),
        # One picture of thirty may be chance, and so may three where half are named.
        ([0], None),
        (range(0, 30, 2), None),
        ([], None),
    ],
)
def test_new_words_count_where_they_are_said_of_what_people_say_them_of(
    said: Sequence[int], new_words: NewWordsSaid | None
) -> None:
    names = [f"{number}" for number in range(30)]
    references = {n: [("rex", "sits") if int(n) < 3 else ("a", "cat")] for n in names}
    says = {n: ("rex",) if int(n) in said else ("a", "cat") for n in names}
    plain = Comparison(30, 60.0, 59.0, -5.0, 3.0, MoreInCommon(0.0, -0.01, 0.01))
    found = with_new_words(plain, says, references, ["rex"])
    assert found.new_words == new_words
    assert found.is_better == (new_words is not None)
    less = replace(found, in_common=MoreInCommon(-0.02, -0.03, -0.01))
    assert not less.is_better
    assert not replace(found, high=-1.0).is_better


def test_among_many_new_words_one_is_said_rightly_by_chance() -> None:
    names = [f"{number}" for number in range(30)]
    words = [f"word{number}" for number in range(10)]
    references = {n: [("rex",) if int(n) < 3 else ("a",)] for n in names}
    says = {n: ("rex",) if int(n) < 2 else ("a",) for n in names}
    plain = Comparison(30, 60.0, 59.0, -5.0, 3.0)
    assert with_new_words(plain, says, references, ["rex"]).new_words is not None
    assert with_new_words(plain, says, references, ["rex", *words]).new_words is None
