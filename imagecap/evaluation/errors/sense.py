"""Captions that no reader would write, whatever the picture.

"A pizza on top of a plate of pizza" and "a boat on a skateboard" are wrong of every
picture. Nobody has listed what cannot be, but hundreds of thousands of captions show
what never is, though by chance it would often be.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from imagecap.evaluation.metrics.bootstrap import bootstrap_intervals
from imagecap.text.lexicon import FUNCTION_WORDS, stem
from imagecap.text.tokenizer import tokenize

Words = Sequence[str]

# Chosen so that of captions that people wrote of other pictures about one in twenty is
# suspect; benchmarks/sense.md has what that finds and what it misses.
_SELDOM_AGAIN = 0.03
_LEAST_LINK = 10.0
_LEAST_PAIR = 25.0

# Captions of more words are too few to count by length.
_LONGEST = 20
# Words of which nearly nothing is known are taken to come again as others do.
_PRIOR = 10.0
_PRIOR_SHARE = 0.05
_PRIOR_LENGTH = 50.0

_DETERMINERS = (
    "a an the his her its their this that these those some any each another other very "
    "no one"
)


class Suspicion(NamedTuple):
    """Why no reader would write a caption.

    Attributes:
        kind: One of `KINDS`.
        words: The stems in question.
    """

    kind: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        """Say it, "pizza, pizza: said twice"."""
        return f"{', '.join(filter(None, self.words))}: {self.kind}"


TWICE, LINKED, TOGETHER = "said twice", "linked", "together"
KINDS = {
    TWICE: "A word that says what is seen, said twice where of a hundred captions of "
    f"that length with the word fewer than {100 * _SELDOM_AGAIN:.0f} say it twice.",
    LINKED: "Two such words that follow each other, with a preposition or without, "
    f"{_LEAST_LINK:.0f} times less often than chance would have it.",
    TOGETHER: "Two such words that stand in one caption "
    f"{_LEAST_PAIR:.0f} times less often than chance would have it.",
}
"""Kind of suspicion → the rule by which it is found."""


class _Chunk(NamedTuple):
    """Words in a row that say what is seen.

    Attributes:
        link: The words between it and the one before, without articles.
        words: "red", "shirt".
    """

    link: str
    words: list[str]

    @property
    def head(self) -> str:
        """The stem of what it is about: "shirt", "horse" of "horse standing"."""
        for word, after in pairwise(self.words):
            if after.endswith("ing"):
                return stem(word)
        return stem(self.words[-1])


def _chunks(words: Words) -> list[_Chunk]:
    """Cut a caption where words stand that say nothing of what is seen."""
    found: list[_Chunk] = []
    link: list[str] = []
    inside = False
    for word in words:
        if word not in FUNCTION_WORDS:
            if inside:
                found[-1].words.append(word)
            else:
                found.append(_Chunk(" ".join(link), [word]))
            inside = True
        else:
            if inside:
                link = []
            if word not in _DETERMINERS.split():
                link.append(word)
            inside = False
    return found


def _links(words: Words) -> Iterator[tuple[str, str, str]]:
    """Give the links of a caption: left word, what is between, right word, stemmed."""
    chunks = _chunks(words)
    for chunk in chunks:
        for left, right in pairwise(chunk.words):
            yield stem(left), "", stem(right)
    for left_chunk, right_chunk in pairwise(chunks):
        # An article alone is a link, too: "riding a horse".
        yield stem(left_chunk.words[-1]), right_chunk.link or "a", right_chunk.head


def _said_twice(words: Words) -> list[tuple[str, str]]:
    """Return the words of a caption that come again, or one of their stem, as pairs."""
    last: dict[str, str] = {}
    found = []
    for word in words:
        if word in FUNCTION_WORDS:
            continue
        if (former := last.get(stem(word))) is not None:
            found.append((min(former, word), max(former, word)))
        last[stem(word)] = word
    return found


class CaptionStatistics:
    """What captions say twice, what follows what in them, and what stands together.

    Args:
        captions: Each as its words.
    """

    def __init__(self, captions: Iterable[Words]) -> None:
        self.captions = 0
        self._lengths, self._twice_by_length = Counter[int](), Counter[int]()
        self._words, self._forms = Counter[str](), Counter[str]()
        self._pairs = Counter[tuple[str, ...]]()
        self._twice, self._twice_forms = Counter[str](), Counter[tuple[str, str]]()
        self._links = Counter[tuple[str, str, str]]()
        for words in captions:
            self._add(words)
        self._lefts, self._rights = (
            Counter[tuple[str, str]](),
            Counter[tuple[str, str]](),
        )
        self._between = Counter[str]()
        for (left, link, right), count in self._links.items():
            self._lefts[left, link] += count
            self._rights[link, right] += count
            self._between[link] += count

    def _add(self, words: Words) -> None:
        self.captions += 1
        content = {word for word in words if word not in FUNCTION_WORDS}
        stems = sorted({stem(word) for word in content})
        self._forms.update(content)
        self._words.update(stems)
        self._pairs.update(combinations(stems, 2))
        self._links.update(_links(words))
        twice = set(_said_twice(words))
        self._twice_forms.update(twice)
        self._twice.update({stem(one) for one, _ in twice})
        length = min(len(words), _LONGEST)
        self._lengths[length] += 1
        self._twice_by_length[length] += bool(twice)

    def suspicions(self, words: Words) -> list[Suspicion]:
        """Tell why no reader would write a caption; nothing where readers would."""
        found = [
            Suspicion(TWICE, pair)
            for pair in _said_twice(words)
            if self._share_again(pair, len(words)) < _SELDOM_AGAIN
        ]
        found += [
            Suspicion(LINKED, link)
            for link in _links(words)
            if self._rarity_of_link(link) > _LEAST_LINK
        ]
        stems = sorted({stem(word) for word in words if word not in FUNCTION_WORDS})
        found += [
            Suspicion(TOGETHER, pair)
            for pair in combinations(stems, 2)
            if self._rarity_of_pair(pair) > _LEAST_PAIR
        ]
        return found

    def _share_again(self, pair: tuple[str, str], length: int) -> float:
        """Estimate what share of captions of a length that say a word say the other."""
        one, other = pair
        family = stem(one)
        usual = (self._twice[family] + _PRIOR_SHARE) / (self._words[family] + _PRIOR)
        fewer = min(self._forms[one], self._forms[other])
        share = (self._twice_forms[pair] + _PRIOR / 2 * usual) / (fewer + _PRIOR / 2)
        length = min(length, _LONGEST)
        of_all = sum(self._twice_by_length.values()) / max(self.captions, 1)
        of_length = self._twice_by_length[length] + _PRIOR_LENGTH * of_all
        of_length /= self._lengths[length] + _PRIOR_LENGTH
        return share * of_length / of_all if of_all else share

    def _rarity_of_link(self, link: tuple[str, str, str]) -> float:
        """Tell how many times more often chance would have words follow each other."""
        left, between, right = link
        chance = self._lefts[left, between] * self._rights[between, right]
        return (chance / max(self._between[between], 1) + 1) / (self._links[link] + 1)

    def _rarity_of_pair(self, pair: tuple[str, ...]) -> float:
        """Tell how many times more often chance would have words in one caption."""
        chance = math.prod(self._words[one] for one in pair) / max(self.captions, 1)
        return (chance + 1) / (self._pairs[pair] + 1)


@dataclass(frozen=True)
class SenseRate:
    """How many captions no reader would write.

    Attributes:
        captions: How many were looked at.
        suspect: How many of them were suspect.
        low: The least share that is plausible, by the bootstrap over captions.
        high: The largest one.
        kinds: Kind of suspicion → in how many captions.
        repeated: How many say a word twice that says what is seen, be it right or not.
    """

    captions: int
    suspect: int
    low: float
    high: float
    kinds: Mapping[str, int]
    repeated: int

    @property
    def share(self) -> float:
        """The share of suspect captions, 0 to 1."""
        return self.suspect / self.captions


@dataclass(frozen=True)
class Sense:
    """How far captions make sense, beside those of people.

    Attributes:
        learned: From how many captions the statistics come.
        model: The captions that were evaluated.
        people: All references of the same pictures.
        suspicions: Picture name → why no reader would write its caption, for those.
    """

    learned: int
    model: SenseRate
    people: SenseRate
    suspicions: Mapping[str, tuple[str, ...]]


def measure_sense(
    statistics: CaptionStatistics,
    captions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
) -> Sense:
    """Count captions that no reader would write, and references by the same rules.

    Args:
        statistics: Those of captions of other pictures.
        captions: Picture name → its caption, at least one.
        references: Picture name → what people wrote, at least one caption each.
    """
    words = {name: tokenize(caption) for name, caption in captions.items()}
    theirs = [tokenize(text) for name in captions for text in references[name]]
    found = {name: statistics.suspicions(one) for name, one in words.items()}
    return Sense(
        statistics.captions,
        _rate(list(words.values()), list(found.values())),
        _rate(theirs, [statistics.suspicions(one) for one in theirs]),
        {name: tuple(map(str, why)) for name, why in found.items() if why},
    )


def _rate(
    captions: Sequence[Words], suspicions: Sequence[Sequence[Suspicion]]
) -> SenseRate:
    suspect = np.array([[float(bool(found))] for found in suspicions])
    low, high = bootstrap_intervals(suspect, lambda sums: sums / len(suspect))
    kinds = Counter(kind for found in suspicions for kind in {s.kind for s in found})
    return SenseRate(
        len(captions),
        int(suspect.sum()),
        float(low[0]),
        float(high[0]),
        {kind: kinds[kind] for kind in KINDS},
        sum(bool(_said_twice(words)) for words in captions),
    )
