"""Captions as words, and words as numbers."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

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
    """Replace halves of characters and remove NUL, such as JSON may hold.

    No text file takes the former, and what ends at the latter would lose the rest.
    """
    return re.sub("[\ud800-\udfff]", "\ufffd", text).replace("\0", "")


def detokenize(words: Sequence[str]) -> str:
    """Write words as a sentence: "A man's dog runs."."""
    text = " ".join(words)
    text = re.sub(rf" ({_CLITIC})(?!\S)", r"\1", text)
    stop = "."
    # Where there is nothing else, the first caption need not wait for these patterns.
    if not text.isascii():
        text = re.sub(rf"(?<={_UNSPACED}) (?={_UNSPACED})", "", text)
        stop = "。" if re.search(f"[{_CHINESE_OR_JAPANESE}]$", text) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}" if text else ""
