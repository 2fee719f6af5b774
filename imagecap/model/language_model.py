"""Which word follows which in captions, whatever the picture.

A decoder learns from few captions, those of its pictures, and says "a bed bed" of some.
Captions without pictures are there by the hundred thousand, and none of them has that.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from zipfile import ZipFile

import numpy as np

from imagecap.model.arrays import read_array
from imagecap.model.bundle import LANGUAGE_MODEL, Bundle, naming
from imagecap.text.vocabulary import Vocabulary

LONGEST = 4
"""Words of the longest n-grams."""

MOST_WORDS = 2**16 - 1
"""Words of the largest vocabulary whose language can be learned."""

NOTHING = -1
"""Stands before the start of a caption, where an n-gram begins earlier."""

# The file has a byte for each logarithm, from 0 down to that of less than any word has.
_STEP = 0.08
# In bytes. Those of real models have a fortieth of it.
_LARGEST_ARRAY = 100_000_000


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of one length, ordered by their first words, then by the last.

    Attributes:
        continuations: How many of them continue each n-gram of one word less,
            `[those]`, uint16.
        words: The last word of each, `[N]`, uint16.
        chances: The log-probability of that word after the others, `[N]`, float32.
        backoffs: What is added to the log-probability of a word that is not known to
            follow the n-gram, but all of it except the first word, `[N]`, float32.
    """

    continuations: np.ndarray
    words: np.ndarray
    chances: np.ndarray
    backoffs: np.ndarray

    @cached_property
    def keys(self) -> np.ndarray:
        """The place of the n-gram without its last word, with that; then one more.

        `[N + 1]`, int64. The last is of none, and greater than all.
        """
        places = np.arange(len(self.continuations), dtype=np.int64)
        keys = np.repeat(places, self.continuations) << 16 | self.words
        return np.append(keys, np.iinfo(np.int64).max)

    @cached_property
    def chances_and_nothing(self) -> np.ndarray:
        """`chances`, and 0 in the place -1, `[N + 1]`, float32."""
        return np.append(self.chances, np.float32(0))

    @cached_property
    def backoffs_and_nothing(self) -> np.ndarray:
        """`backoffs`, and 0 in the place -1, `[N + 1]`, float32."""
        return np.append(self.backoffs, np.float32(0))

    def find(self, places: np.ndarray, words: np.ndarray) -> np.ndarray:
        """Return where n-grams are, `[M]`, int64; -1 for those that are not known.

        Args:
            places: Where the n-grams of one word less are, `[M]`, int64; -1 is nowhere.
            words: The words that follow, `[M]`, at least 0 where a place is.
        """
        # Below zero for those that are nowhere, which no key is.
        wanted = places << 16 | words
        found = self.keys.searchsorted(wanted)
        return np.where(self.keys[found] == wanted, found, -1)


@dataclass(frozen=True)
class LanguageModel:
    """An n-gram model of captions, and how often they say a word again.

    Source: Katz 1987, "Estimation of probabilities from sparse data for the language
    model component of a speech recognizer": what no caption has is as probable as its
    shorter n-gram, times a backoff.

    Attributes:
        levels: The n-grams of one word (continuations of nothing), of two, and so on.
        families: The first word of the same stem, for each word, `[vocabulary]`,
            uint16; "horse" for "horses".
        repetitions: The logarithm of the share of captions with a word of that family
            that say one again, `[vocabulary]`, float32.
        stand_ins: The word whose n-grams each has, `[vocabulary]`, uint16: its own, or
            for words that were added later those of another one.
    """

    levels: tuple[Ngrams, ...]
    families: np.ndarray
    repetitions: np.ndarray
    stand_ins: np.ndarray

    def word_means(self, captions: Sequence[Sequence[int]]) -> np.ndarray:
        """Compute how probable captions are.

        Args:
            captions: The numbers of the words of each, without boundary tokens.

        Returns:
            The mean log-probability of a word of each, its end included and words that
            were added later left out, `[N]`.
        """
        # All of them in one row, each after a word that stands before every start.
        numbers, places, owners = list[int](), list[int](), list[int]()
        for row, words in enumerate(captions):
            numbers += [NOTHING, Vocabulary.START, *words, Vocabulary.END]
            places += range(len(numbers) - len(words) - 1, len(numbers))
            owners += [row] * (len(words) + 1)
        every, at = np.array(numbers), np.array(places)
        known_words = self.stand_ins[every].astype(np.int64)
        stand_ins = np.where(every == NOTHING, NOTHING, known_words)
        found = self._each_word(stand_ins)[at]
        # How often new words come is not known; what comes after them is.
        counts = every[at] < len(self.levels[0].words)
        sums = np.bincount(owners, found * counts, len(captions))
        means: np.ndarray = sums / np.bincount(owners, counts, len(captions))
        return means

    def last_words(self, ngrams: np.ndarray) -> np.ndarray:
        """Compute how probable the last word of n-grams is after the others.

        Args:
            ngrams: Numbers of words, or `NOTHING`, `[N, words]`.

        Returns:
            Log-probabilities, `[N]`, float64.
        """
        apart = np.pad(ngrams, ((0, 0), (1, 0)), constant_values=NOTHING)
        return self._each_word(apart.reshape(-1)).reshape(apart.shape)[:, -1]

    def _each_word(self, row: np.ndarray) -> np.ndarray:
        """Compute how probable each word of a row is after those before it.

        Args:
            row: Numbers of words, `[N]`; what stands before `NOTHING` does not count
                for what comes after it.

        Returns:
            Log-probabilities, `[N]`, float64; any number for `NOTHING`.
        """
        found: np.ndarray = self.levels[0].chances[row].astype(np.float64)
        # Where the n-grams that end with each word are among those of their length.
        places = row.astype(np.int64)
        for level, longer in pairwise(self.levels):
            contexts = np.empty_like(places)
            contexts[:1], contexts[1:] = -1, places[:-1]
            found += level.backoffs_and_nothing[contexts]
            places = longer.find(contexts, row)
            chances = longer.chances_and_nothing[places]
            found = np.where(places >= 0, chances, found)
        return found

    def said_again(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute how seldom captions say again what they have said.

        Args:
            words: The words of live captions, `[N, length]`.

        Returns:
            The numbers of all words of the families of those that each has said, some
            twice, `[N, M]`; and for each the logarithm of the share of captions that
            say it again, `[N, M]`, float32.
        """
        members = self._members[words].reshape(len(words), -1)
        return members, self.repetitions[members]

    def with_words(self, stand_ins: np.ndarray) -> LanguageModel:
        """Return the model for a vocabulary that has further words at its end.

        Args:
            stand_ins: For each of them the number of a known word that comes where it
                does, and that is seldom said of the same; or that of the unknown.
        """
        known = len(self.families)
        own = np.arange(known, known + len(stand_ins))
        none = stand_ins == Vocabulary.UNKNOWN
        families = np.where(none, own, self.families[stand_ins])
        added = (families, self.repetitions[stand_ins], self.stand_ins[stand_ins])
        mine = (self.families, self.repetitions, self.stand_ins)
        return LanguageModel(
            self.levels,
            *(
                np.concatenate([each, more.astype(each.dtype)])
                for each, more in zip(mine, added, strict=True)
            ),
        )

    @property
    def ngrams(self) -> int:
        """How many n-grams of two words and more it keeps."""
        return sum(len(level.words) for level in self.levels[1:])

    @cached_property
    def _members(self) -> np.ndarray:
        """The words of each word's family, `[vocabulary, most]`, some repeated."""
        order = np.argsort(self.families, kind="stable")
        sizes = np.bincount(self.families, minlength=len(order))
        firsts = (np.cumsum(sizes) - sizes)[self.families]
        count = np.arange(sizes.max(initial=1))
        numbers = count % sizes[self.families][:, np.newaxis]
        members: np.ndarray = order[firsts[:, np.newaxis] + numbers]
        return members

    def to_bytes(self) -> bytes:
        """Return the content of the bundle's file."""
        arrays = {"families": self.families, "repetitions": self.repetitions}
        if len(self.stand_ins) > len(self.levels[0].words):
            arrays["standins"] = self.stand_ins
        for n, level in enumerate(self.levels, 1):
            arrays |= {f"{name}_{n}": getattr(level, name) for name in _arrays_of(n)}
        content = io.BytesIO()
        rounded = {
            name: _rounded(array) if array.dtype == np.float32 else array
            for name, array in arrays.items()
        }
        np.savez_compressed(content, allow_pickle=False, **rounded)
        return content.getvalue()


def load_language_model(bundle: Bundle) -> LanguageModel | None:
    """Load a bundle's language model; `None` if it has none.

    Raises:
        BundleError: If it is damaged; the message names the file.
    """
    if LANGUAGE_MODEL not in bundle.manifest.files:
        return None
    bundle.verify(LANGUAGE_MODEL)
    path, size = bundle.folder / LANGUAGE_MODEL, len(bundle.vocabulary)
    with naming(path, "does not suit its vocabulary"), ZipFile(path) as archive:

        def read(name: str) -> np.ndarray:
            with archive.open(f"{name}.npy") as file:
                array = read_array(file, _LARGEST_ARRAY)
            if array.dtype != _KINDS[name.split("_")[0]] or array.ndim != 1:
                raise ValueError(f"{name} has numbers of another kind")
            if array.dtype == np.uint8:
                return np.float32(-_STEP) * array
            return array

        stand_ins = np.arange(size, dtype=np.uint16)
        if "standins.npy" in archive.namelist():
            stand_ins = read("standins")
        known = int(stand_ins.max(initial=0)) + 1
        every_word = np.arange(known, dtype=np.uint16)
        number = np.array([known], np.uint16)
        levels: list[Ngrams] = []
        for n in range(1, LONGEST + 1):
            arrays = {name: read(f"{name}_{n}") for name in _arrays_of(n)}
            if n == 1:
                arrays |= {"continuations": number, "words": every_word}
            if n == LONGEST:
                arrays["backoffs"] = np.zeros_like(arrays["chances"])
            shorter = len(levels[-1].words) if levels else 1
            levels.append(_checked(Ngrams(**arrays), shorter, known))
        model = LanguageModel(
            tuple(levels), read("families"), read("repetitions"), stand_ins
        )
        if not len(model.families) == len(model.repetitions) == len(stand_ins) == size:
            raise ValueError("it has another number of words")
        if (model.families >= size).any():
            raise ValueError("it names words that the vocabulary lacks")
    return model


_KINDS = {
    "continuations": np.uint16,
    "words": np.uint16,
    "chances": np.uint8,
    "backoffs": np.uint8,
    "families": np.uint16,
    "repetitions": np.uint8,
    "standins": np.uint16,
}


def _arrays_of(n: int) -> list[str]:
    """Name the arrays that the file has of the n-grams of `n` words."""
    first = ["continuations", "words"] if n > 1 else []
    return [*first, "chances", *(["backoffs"] if n < LONGEST else [])]


def _checked(ngrams: Ngrams, shorter: int, vocabulary: int) -> Ngrams:
    """Return n-grams in which every search ends well.

    Raises:
        ValueError: If they do not belong to the shorter ones or to the vocabulary.
    """
    number = len(ngrams.words)
    if not number == len(ngrams.chances) == len(ngrams.backoffs):
        raise ValueError("its arrays are of different lengths")
    if len(ngrams.continuations) != shorter or ngrams.continuations.sum() != number:
        raise ValueError("it continues n-grams that it does not have")
    if (ngrams.words >= vocabulary).any():
        raise ValueError("it names words that the vocabulary lacks")
    if (np.diff(ngrams.keys) <= 0).any():
        raise ValueError("its n-grams are not in order")
    return ngrams


def _rounded(logarithms: np.ndarray) -> np.ndarray:
    steps: np.ndarray = np.clip(np.round(logarithms / -_STEP), 0, 255).astype(np.uint8)
    return steps
