"""Which words of captions a model did not know: those it learns, and the rare ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imagecap.text.vocabulary import Vocabulary

_MOST_NAMED = 12


@dataclass(frozen=True)
class NewWords:
    """Words that a model did not know.

    Attributes:
        learned: Those that were often enough there, the most frequent first.
        rare: The others.
        minimum_count: How often a word must be there.
    """

    learned: tuple[str, ...]
    rare: tuple[str, ...]
    minimum_count: int

    def sentences(self) -> list[str]:
        """Say what was new, what was too rare, and what to do about it."""
        said = []
        if self.learned:
            said.append(f"New words: {_list(self.learned)}.")
        if self.rare:
            those = _list(self.rare)
            fewest = self.minimum_count
            said.append(
                f"Left out, because fewer than {fewest} captions have them: {those}. "
                f"--minimum-count {fewest - 1} learns more of them, or use them in "
                "more captions."
            )
        return said


def find_new_words(
    vocabulary: Vocabulary, captions: Iterable[Sequence[str]], minimum_count: int
) -> NewWords:
    """Tell which words of captions a vocabulary lacks.

    Args:
        vocabulary: The words of the model.
        captions: Each as its words.
        minimum_count: How often a word must be there to be learned.
    """
    counts = Counter(
        word for caption in captions for word in caption if word not in vocabulary
    )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return NewWords(
        tuple(word for word in ordered if counts[word] >= minimum_count),
        tuple(word for word in ordered if counts[word] < minimum_count),
        minimum_count,
    )


def _list(words: Sequence[str]) -> str:
    named = ", ".join(f"“{word}”" for word in words[:_MOST_NAMED])
    more = len(words) - _MOST_NAMED
    return f"{named} and {more:,} more" if more > 0 else named
