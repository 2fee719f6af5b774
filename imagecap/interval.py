"""Numbers that are allowed, and how a person is told which."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """The numbers that are allowed; never infinite ones, nor what is no number.

    Attributes:
        low: The least one.
        high: The greatest one.
        above: Whether `low` itself is left out.
        below: Whether `high` itself is left out.
    """

    low: float
    high: float = math.inf
    above: bool = False
    below: bool = False

    def __contains__(self, number: float) -> bool:
        least = number > self.low if self.above else number >= self.low
        most = number < self.high if self.below else number <= self.high
        return least and most and number <= sys.float_info.max

    def __str__(self) -> str:
        least = f"{'more than' if self.above else 'at least'} {self.low:,}"
        if self.high == math.inf:
            return least
        if not (self.above or self.below):
            return f"from {self.low:,} to {self.high:,}"
        return f"{least} and {'less than' if self.below else 'at most'} {self.high:,}"

    def describe(self, kind: type) -> str:
        """Return what is allowed, such as “a whole number, from 1 to 50”.

        Args:
            kind: `int` or `float`.
        """
        return f"a {'whole ' if kind is int else ''}number, {self}"
