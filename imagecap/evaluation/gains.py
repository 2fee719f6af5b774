"""What a model may have gained on another one, besides the CIDEr of its captions."""

from __future__ import annotations

from typing import NamedTuple


class MoreInCommon(NamedTuple):
    """How much more the candidates have in common with people's captions.

    Single words count, the rare ones for more; each as a part of what it was.

    Attributes:
        gain: The mean over pictures.
        low: The lower bound of its 95 % interval.
        high: Its upper bound.
    """

    gain: float
    low: float
    high: float

    def __str__(self) -> str:
        """Say it: "3.9 % (95 % +1.8 to +6.0)"."""
        gain, low, high = (100 * one for one in self)
        return f"{gain:.1f} % (95 % {low:+.1f} to {high:+.1f})"


class NewWordsSaid(NamedTuple):
    """How often a model says words that another does not know.

    Attributes:
        words: Those that it says where people do more often than by chance.
        right: In how many pictures it says one that people say of the same picture.
        of: In how many people do.
        wrong: In how many others it says one.
    """

    words: tuple[str, ...]
    right: int
    of: int
    wrong: int

    def __str__(self) -> str:
        """Say it: "“rex” of 2 of the 3 pictures that it belongs to, and 0 others"."""
        words = ", ".join(f"“{word}”" for word in self.words)
        belongs = "it belongs" if len(self.words) == 1 else "they belong"
        return (
            f"{words} of {self.right:,} of the {self.of:,} pictures that {belongs} to, "
            f"and of {self.wrong:,} others"
        )
