"""The thumb of a scroll bar, never too small to be grabbed."""

from __future__ import annotations


class ScrollThumb:
    """Translates between what is in sight and where the thumb of a scroll bar is.

    Args:
        smallest: The smallest length of the thumb, in pixels.
    """

    def __init__(self, smallest: int) -> None:
        self._smallest = smallest

    def ends(self, offset: float, shown: int, length: float) -> tuple[float, float]:
        """Return where the thumb begins and ends, as shares of the bar.

        Args:
            offset: What is out of sight before, in pixels.
            shown: What is in sight; the bar is as long.
            length: All there is.
        """
        size, rest = self._size(shown, length), length - shown
        start = (1 - size) * offset / rest if rest > 0 else 0.0
        return start, start + size

    def offset(self, start: float, shown: int, length: float) -> float:
        """Return what is out of sight before, where the thumb begins there."""
        free = 1 - self._size(shown, length)
        return start / free * (length - shown) if free > 0 else 0.0

    def _size(self, shown: int, length: float) -> float:
        return min(1.0, max(shown / max(length, 1), self._smallest / max(shown, 1)))
