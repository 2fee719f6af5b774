"""Two captions of the same pictures: better, worse, or no difference."""

import numpy as np
import pytest

from imagecap.evaluation.comparison import compare_captions

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
