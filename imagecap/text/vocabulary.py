"""The words a model knows, as numbers."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from imagecap.errors import ImagecapError

# Of a word in one of more pictures than there are on earth.
_HIGHEST_IDF = 100
# Persian and the scripts of India need them inside of words; alone they are unseen.
_JOINERS = str.maketrans("", "", "\u200c\u200d")


class Vocabulary:
    """The words a model knows, each with its number.

    The first four numbers are the same in every vocabulary: padding, start of the
    caption, its end, and any word not known.

    Args:
        words: The known words in the order of their numbers, without the four.
        idfs: How rare each of them is, see `idf`; empty where nobody counted.

    Raises:
        VocabularyError: If a word is there twice, or there is not one idf for each.
    """

    PADDING, START, END, UNKNOWN = range(4)
    SPECIAL = ("<padding>", "<start>", "<end>", "<unknown>")

    def __init__(self, words: Iterable[str], idfs: Iterable[float] = ()) -> None:
        known = tuple(words)
        self.words = (*self.SPECIAL, *known)
        self.idfs = tuple(idfs)
        self._numbers = {word: number for number, word in enumerate(self.words)}
        if len(self._numbers) != len(self.words):
            raise VocabularyError("The vocabulary holds a word twice.")
        if self.idfs and len(self.idfs) != len(known):
            raise VocabularyError("The vocabulary has not one rarity for each word.")
        self._idfs = dict(zip(known, self.idfs, strict=False))

    @classmethod
    def from_captions(
        cls, pictures: Iterable[Iterable[Sequence[str]]], minimum_count: int
    ) -> Vocabulary:
        """Gather the words that captions use often enough, the frequent ones first.

        Args:
            pictures: For each picture of the training split its captions, each as its
                words.
            minimum_count: How often a word must occur to be known.
        """
        number, counts, pictures_with = 0, Counter[str](), Counter[str]()
        for captions in pictures:
            words = [word for caption in captions for word in caption]
            number += 1
            counts.update(words)
            pictures_with.update(set(words))
        by_frequency = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        known = [word for word, count in by_frequency if count >= minimum_count]
        idfs = (math.log(number / pictures_with[word]) for word in known)
        return cls(known, idfs)

    def idf(self, word: str) -> float:
        """Return the logarithm of how many pictures there are to one that has the word.

        It is the inverse document frequency of CIDEr (Vedantam et al. 2015), at least
        0; 1 for all words where nobody counted them.
        """
        return self._idfs.get(word, 1.0)

    @cached_property
    def idf_of_each(self) -> np.ndarray:
        """The idf of the word of each number, `[words]`, float64; see `idf`."""
        return np.array([self.idf(word) for word in self.words])

    def encode(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of words; words not known become `UNKNOWN`."""
        return [self._numbers.get(word, self.UNKNOWN) for word in words]

    def decode(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Return the words of numbers."""
        return tuple(map(self.words.__getitem__, numbers))

    def to_json(self) -> str:
        """Write the vocabulary as JSON, one known word a line."""
        content: dict[str, Any] = {"words": self.words[len(self.SPECIAL) :]}
        if self.idfs:
            content["rarities"] = [round(idf, 3) for idf in self.idfs]
        return json.dumps(content, indent=0, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """Read what `to_json` wrote.

        Raises:
            VocabularyError: If the text is anything else.
        """
        try:
            content = json.loads(text)
            words, idfs = content["words"], content.get("rarities", [])
        # Whatever else JSON can be, or be too deep for.
        except Exception as error:
            raise VocabularyError("This is not a vocabulary.") from error
        if not (
            _all_are(words, str)
            and _all_are(idfs, int | float)
            and all(0 <= idf <= _HIGHEST_IDF for idf in idfs)
        ):
            raise VocabularyError("This is not a vocabulary.")
        # They reach terminals, which take some characters for orders.
        if not all(map(_can_be_shown, words)):
            raise VocabularyError("The vocabulary holds words that cannot be shown.")
        return cls(words, idfs)

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers


def as_rows(
    captions: Sequence[Sequence[int]], filling: int = Vocabulary.PADDING
) -> np.ndarray:
    """Put captions below each other.

    Args:
        captions: The numbers of the words of N captions.
        filling: What stands behind the shorter ones.

    Returns:
        `[N, words of the longest]`, int32.
    """
    longest = max(map(len, captions), default=0)
    rows = np.full((len(captions), longest), filling, np.int32)
    for row, caption in zip(rows, captions, strict=True):
        row[: len(caption)] = caption
    return rows


def _can_be_shown(word: str) -> bool:
    seen = word.translate(_JOINERS)
    return seen != "" and seen.isprintable()


def _all_are(items: object, kind: Any) -> bool:  # noqa: ANN401 – a class, or several
    return isinstance(items, list) and all(isinstance(item, kind) for item in items)


class VocabularyError(ImagecapError):
    """A vocabulary cannot be read."""
