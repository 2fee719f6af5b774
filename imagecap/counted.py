"""Things and how many they are, as sentences have it: “1 caption”, “1,200 captions”."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Write a number with what it counts.

    Args:
        count: How many there are.
        noun: What one of them is called; the plural ends in “s”.
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def are(count: int) -> str:
    """Give the verb for so many things that are now."""
    return "is" if count == 1 else "are"


def were(count: int) -> str:
    """Give the verb for so many things."""
    return "was" if count == 1 else "were"
