"""Pictures divided into parts, each of which is once held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from imagecap.datasets.dataset import Example
from imagecap.datasets.splits import chance
from imagecap.library.doubles import find_doubles

MOST_FOLDS = 5


class Firsts(NamedTuple):
    """Of pictures that are there several times the first ones.

    Attributes:
        same: Picture name → that of the first one with the same pixels; its own,
            mostly.
        alike: Picture name → that of the first one that shows the same, perhaps
            smaller, cropped or mirrored.
    """

    same: Mapping[str, str]
    alike: Mapping[str, str]


def find_firsts(examples: Sequence[Example]) -> Firsts:
    """Find pictures that are there several times.

    What is learned from one tells nothing of what is known of the other.

    Args:
        examples: The pictures.
    """
    names = {one.path.absolute(): one.name for one in examples}
    doubles = find_doubles(names)
    same = {name: name for name in names.values()}
    for group in doubles.same:
        same |= {names[other]: names[group[0]] for other in group}
    alike = {name: name for name in same}
    # More are no photograph made smaller, but alike by their nature: drawings.
    most = len(examples) / MOST_FOLDS
    for group in (one for one in doubles.alike if len(one) <= most):
        alike |= {names[other]: names[group[0]] for other in group}
    return Firsts(same, {name: alike[first] for name, first in same.items()})


def divide_into_folds(
    examples: Sequence[Example], firsts: Mapping[str, str], seed: int
) -> list[list[Example]]:
    """Divide pictures into parts of about the same size.

    Args:
        examples: The pictures.
        firsts: Picture name → that of the first one in whose part it is to be.
        seed: Decides which are together besides.

    Returns:
        At most `MOST_FOLDS` parts, none of them empty.
    """
    ordered = sorted(examples, key=lambda one: chance(one.name, seed))
    groups: dict[str, list[Example]] = {}
    for one in ordered:
        groups.setdefault(firsts[one.name], []).append(one)
    folds: list[list[Example]] = [[] for _ in range(min(MOST_FOLDS, len(groups)))]
    for group in sorted(groups.values(), key=len, reverse=True):
        min(folds, key=len).extend(group)
    return folds
