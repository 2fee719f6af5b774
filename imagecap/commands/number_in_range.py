"""Numbers that a person gives on the command line, and what is said of wrong ones."""

from __future__ import annotations

from typing import Any

import click

from imagecap.interval import Interval

BEAM_WIDTHS = Interval(1, 50)
"""How many captions a beam search may keep in parallel."""


class NumberInRange(click.ParamType):  # type: ignore[type-arg]
    """A number that a person gives; one out of range is refused in a sentence.

    Args:
        kind: `int` or `float`.
        allowed: The numbers that it may be.
    """

    def __init__(self, kind: type, allowed: Interval) -> None:
        self._kind = kind
        self._allowed = allowed
        self.name = "integer" if kind is int else "float"

    def convert(
        self,
        value: Any,  # noqa: ANN401 – as click declares it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int | float:
        """Turn what was given into a number; see `click.ParamType`."""
        expected = self._allowed.describe(self._kind)
        try:
            number: int | float = self._kind(value)
        except ValueError:
            self.fail(f"{value} is not {expected}.", param, ctx)
        if number not in self._allowed:
            self.fail(f"{value} is out of range; choose {expected}.", param, ctx)
        return number
