"""Captions as words, and words as numbers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from imagecap.errors import ImagecapError

_CLITIC = r"(?:n't|'(?:s|re|ve|ll|d|m))"
_TOKEN = re.compile(
    rf"""
    (?:[^\W\d_]\.){{2,}}                    # abbreviations: u.s.
    | {_CLITIC}(?!\w)                       # the tail of don't and man's
    | \d+(?:[.,:/]\d+)*(?:-?[^\W\d_]+(?:-\w+)*)?    # 3, 1,000, 3rd, 12-year-old
    | [^\W\d_](?:(?!n't\b)\w)*(?:[-&](?:(?!n't\b)\w)+)*  # words, t-shirt, b&w
    """,
    re.VERBOSE,
)
_STRAIGHT_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})


def tokenize(caption: str) -> list[str]:
    """Split a caption into words the way its scores are computed.

    Penn-Treebank-style words in lower case without punctuation: "A man's T-shirt."
    becomes `["a", "man", "'s", "t-shirt"]`. Short words stay in.

    Args:
        caption: One caption as a person wrote it.

    Returns:
        Its words; empty where the caption holds none.
    """
    text = caption.lower().translate(_STRAIGHT_QUOTES)
    return [
        part
        for word in _TOKEN.findall(text)
        for part in (("can", "not") if word == "cannot" else (word,))
    ]


def sentence(words: Sequence[str]) -> str:
    """Write words as an English sentence: "A man's dog runs."."""
    text = " ".join(words)
    text = re.sub(rf" ({_CLITIC})(?!\S)", r"\1", text)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


class Vocabulary:
    """The words a model knows, each with its number.

    The first four numbers are the same in every vocabulary: padding, start of the
    caption, its end, and any word not known.

    Args:
        words: The known words in the order of their numbers, without the four.

    Raises:
        VocabularyError: If a word is there twice.
    """

    PADDING, START, END, UNKNOWN = range(4)
    SPECIAL = ("<padding>", "<start>", "<end>", "<unknown>")

    def __init__(self, words: Iterable[str]) -> None:
        self.words = (*self.SPECIAL, *words)
        self._numbers = {word: number for number, word in enumerate(self.words)}
        if len(self._numbers) != len(self.words):
            raise VocabularyError("The vocabulary holds a word twice.")

    @classmethod
    def from_captions(
        cls, captions: Iterable[Sequence[str]], minimum_count: int
    ) -> Vocabulary:
        """Gather the words that captions use often enough, the frequent ones first.

        Args:
            captions: The captions of the training split, each as its words.
            minimum_count: How often a word must occur to be known.
        """
        counts = Counter(word for caption in captions for word in caption)
        by_frequency = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls(word for word, count in by_frequency if count >= minimum_count)

    def encode(self, words: Iterable[str]) -> list[int]:
        """Give the numbers of words; words not known become `UNKNOWN`."""
        return [self._numbers.get(word, self.UNKNOWN) for word in words]

    def decode(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Give the words of numbers."""
        return tuple(self.words[number] for number in numbers)

    def to_json(self) -> str:
        """Write the vocabulary as JSON, one known word a line."""
        return json.dumps({"words": self.words[4:]}, indent=0, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """Read what `to_json` wrote.

        Raises:
            VocabularyError: If the text is anything else.
        """
        try:
            words = json.loads(text)["words"]
        except (ValueError, TypeError, KeyError) as error:
            raise VocabularyError("This is not a vocabulary.") from error
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise VocabularyError("This is not a vocabulary.")
        return cls(words)

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers


class VocabularyError(ImagecapError):
    """A vocabulary cannot be read."""
