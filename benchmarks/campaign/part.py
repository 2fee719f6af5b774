"""What a line is told to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A part of a line, of which nothing is left to chance.

    Attributes:
        count: How many attempts.
        seed: What they are drawn from.
        folder: Where files lie; what was wrong with one stays there.
        model: The bundle that captions, and that is forged.
        before: How many attempts of the line the parts before have made.
    """

    count: int
    seed: int
    folder: Path
    model: Path
    before: int = 0
