"""Captions as words, and words as numbers."""

from __future__ import annotations

import functools
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from imagecap.errors import ImagecapError

Ngram = tuple[str, ...]
LONGEST_NGRAM = 4
"""Words of the longest n-grams that scores and consensus compare."""

_CLITIC = r"(?:n't|'(?:s|re|ve|ll|d|m))"
_CHINESE_OR_JAPANESE = (
    r"々〇〻\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Then Thai and Lao, Burmese, Khmer. Nobody puts spaces between the words of these.
_UNSPACED = rf"[{_CHINESE_OR_JAPANESE}\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]"
_STRAIGHT_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})


@functools.cache
def _token_pattern(ascii_only: bool) -> re.Pattern[str]:
    """Compile what a word is; for ASCII without what only other scripts have."""
    if ascii_only:
        no_other = mark = ""
    else:
        no_other, mark = f"(?!{_UNSPACED})", _combining()
    letter = rf"{no_other}[^\W\d_]{mark}"
    inside = rf"{no_other}\w{mark}"
    before_clitic = r"(?!n't\b)"
    return re.compile(
        rf"""
        (?:{letter}\.){{2,}}                    # abbreviations: u.s.
        | {_CLITIC}(?!\w)                       # the tail of don't and man's
        | \d+(?:[.,:/]\d+)*                     # 3, 1,000
          (?:-?(?:{letter})+(?:-(?:{inside})+)*)?   # 3rd, 12-year-old
        | {letter}(?:{before_clitic}{inside})*   # words
          (?:[-&](?:{before_clitic}{inside})+)*  # t-shirt, b&w
        | [^\W\d_]{mark}                        # 狗, alone
        """,
        re.VERBOSE,
    )


def _combining() -> str:
    """Match what belongs to the letter before it: accents, vowel signs, joiners."""
    joiners = "\u200c\u200d"
    characters = map(chr, range(0x300, 0x1F000))
    marks = "".join(c for c in characters if unicodedata.category(c)[0] == "M")
    return f"[{joiners}{marks}]*"


def tokenize(caption: str) -> list[str]:
    """Split a caption into words the way its scores are computed.

    Penn-Treebank-style words in lower case without punctuation: "A man's T-shirt."
    becomes `["a", "man", "'s", "t-shirt"]`. Short words stay in. Where a script has no
    spaces between words, as Chinese has none, each character counts as one.

    Args:
        caption: One caption as a person wrote it.

    Returns:
        Its words; empty where the caption holds none.
    """
    text = caption.lower().translate(_STRAIGHT_QUOTES)
    # What looks the same is the same word, however a keyboard composed it.
    text = unicodedata.normalize("NFC", text)
    return [
        part
        for word in _token_pattern(text.isascii()).findall(text)
        for part in (("can", "not") if word == "cannot" else (word,))
    ]


def count_ngrams(words: Sequence[str]) -> Counter[Ngram]:
    """Count the runs of one to `LONGEST_NGRAM` words."""
    return Counter(
        tuple(words[first : first + n])
        for n in range(1, LONGEST_NGRAM + 1)
        for first in range(len(words) - n + 1)
    )


def whole_characters(text: str) -> str:
    """Replace halves of characters, such as JSON may hold; no text file takes them."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def sentence(words: Sequence[str]) -> str:
    """Write words as a sentence: "A man's dog runs."."""
    text = " ".join(words)
    text = re.sub(rf" ({_CLITIC})(?!\S)", r"\1", text)
    text = re.sub(rf"(?<={_UNSPACED}) (?={_UNSPACED})", "", text)
    stop = "。" if re.search(f"[{_CHINESE_OR_JAPANESE}]$", text) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}" if text else ""


class Vocabulary:
    """The words a model knows, each with its number.

    The first four numbers are the same in every vocabulary: padding, start of the
    caption, its end, and any word not known.

    Args:
        words: The known words in the order of their numbers, without the four.
        rarities: How rare each of them is, see `rarity`; empty where nobody counted.

    Raises:
        VocabularyError: If a word is there twice, or rarities are not one for each.
    """

    PADDING, START, END, UNKNOWN = range(4)
    SPECIAL = ("<padding>", "<start>", "<end>", "<unknown>")

    def __init__(self, words: Iterable[str], rarities: Iterable[float] = ()) -> None:
        known = tuple(words)
        self.words = (*self.SPECIAL, *known)
        self.rarities = tuple(rarities)
        self._numbers = {word: number for number, word in enumerate(self.words)}
        if len(self._numbers) != len(self.words):
            raise VocabularyError("The vocabulary holds a word twice.")
        if self.rarities and len(self.rarities) != len(known):
            raise VocabularyError("The vocabulary has not one rarity for each word.")
        self._rarities = dict(zip(known, self.rarities, strict=False))

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
        rarities = (math.log(number / pictures_with[word]) for word in known)
        return cls(known, rarities)

    def rarity(self, word: str) -> float:
        """Give the logarithm of how many pictures there are to one that has the word.

        It is the inverse document frequency of CIDEr (Vedantam et al. 2015), at least
        0; 1 for all words where nobody counted them.
        """
        return self._rarities.get(word, 1.0)

    def encode(self, words: Iterable[str]) -> list[int]:
        """Give the numbers of words; words not known become `UNKNOWN`."""
        return [self._numbers.get(word, self.UNKNOWN) for word in words]

    def decode(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Give the words of numbers."""
        return tuple(self.words[number] for number in numbers)

    def to_json(self) -> str:
        """Write the vocabulary as JSON, one known word a line."""
        content: dict[str, Any] = {"words": self.words[len(self.SPECIAL) :]}
        if self.rarities:
            content["rarities"] = [round(rarity, 3) for rarity in self.rarities]
        return json.dumps(content, indent=0, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """Read what `to_json` wrote.

        Raises:
            VocabularyError: If the text is anything else.
        """
        try:
            content = json.loads(text)
            words, rarities = content["words"], content.get("rarities", [])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise VocabularyError("This is not a vocabulary.") from error
        if not (
            _all_are(words, str)
            and _all_are(rarities, int | float)
            and all(0 <= rarity < math.inf for rarity in rarities)
        ):
            raise VocabularyError("This is not a vocabulary.")
        return cls(words, rarities)

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers


def _all_are(items: object, kind: Any) -> bool:  # noqa: ANN401 – a class, or several
    return isinstance(items, list) and all(isinstance(item, kind) for item in items)


class VocabularyError(ImagecapError):
    """A vocabulary cannot be read."""
