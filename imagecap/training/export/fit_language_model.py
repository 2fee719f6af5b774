"""Learning a language model from captions as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagecap.errors import ImagecapError
from imagecap.model.decoding import LanguageWeights
from imagecap.model.language_model import (
    LONGEST,
    MOST_WORDS,
    LanguageModel,
    Ngrams,
)
from imagecap.model.manifest import LanguageModelRecord, Manifest
from imagecap.text.lexicon import stem
from imagecap.text.vocabulary import Vocabulary

FEWEST_CAPTIONS = 10_000
"""From so few, an n-gram that no caption has is no sign of nonsense yet."""

# Nats that an n-gram must save in a million words to be kept: a third of a megabyte for
# each model, and hardly more perplexity than with all of them.
_LEAST_GAIN = 3.0
# A word that hardly any caption has counts as if so many more had it, and said it again
# as often as words do.
_PRIOR_CAPTIONS = 10.0
_PRIOR_SHARE = 0.02


class LanguageError(ImagecapError):
    """The language of captions cannot be learned."""


@dataclass(frozen=True)
class _Counted:
    """All n-grams of one length in captions, in ascending order.

    Attributes:
        keys: Their words, 16 bits each, `[N]`, int64.
        counts: How often each occurs, `[N]`.
        chances: The probability of the last word after the others, `[N]`.
        contexts: The place of all but the last word among the shorter ones, `[N]`.
        suffixes: The place of all but the first word among the shorter ones, `[N]`.
    """

    keys: np.ndarray
    counts: np.ndarray
    chances: np.ndarray
    contexts: np.ndarray
    suffixes: np.ndarray


def fit_language_model(
    captions: Iterable[Sequence[str]],
    vocabulary: Vocabulary,
    least_gain: float = _LEAST_GAIN,
) -> LanguageModel:
    """Count which words follow which, and which are said again.

    Sources: Witten and Bell 1991, "The zero-frequency problem: estimating the
    probabilities of novel events in adaptive text compression", for the probabilities;
    Stolcke 1998, "Entropy-based pruning of backoff language models", for leaving out
    n-grams that say hardly more than the shorter ones.

    Args:
        captions: Each as its words; at least one.
        vocabulary: The words of the model; others count as unknown.
        least_gain: Nats that an n-gram must save in a million words to be kept.

    Raises:
        LanguageError: If the vocabulary is too large.
    """
    if len(vocabulary) > MOST_WORDS:
        raise LanguageError(
            f"A language model knows at most {MOST_WORDS:,} words, and the vocabulary "
            f"has {len(vocabulary):,}; train with a higher --minimum-count."
        )
    lines = [np.array(vocabulary.encode(words), np.int64) for words in captions]
    counted = _count(lines, len(vocabulary))
    fewest = least_gain / 1e6 * int(counted[0].counts.sum())
    return LanguageModel(
        _levels(counted, _choose(counted, fewest)),
        *_repetitions(lines, vocabulary),
        np.arange(len(vocabulary), dtype=np.uint16),
    )


def with_language(manifest: Manifest, model: LanguageModel, captions: int) -> Manifest:
    """Return the manifest of a bundle that has a language model.

    Args:
        manifest: Without; the weights of one that it had stay.
        model: The language model.
        captions: From how many captions it was learned.
    """
    weights = manifest.decoding.language or LanguageWeights()
    return replace(
        manifest,
        decoding=replace(manifest.decoding, language=weights),
        language_model=LanguageModelRecord(captions, model.ngrams),
    )


def _count(lines: Sequence[np.ndarray], size: int) -> list[_Counted]:
    """Count the n-grams of captions; their probabilities are those of Witten, Bell."""
    start, end = [Vocabulary.START], [Vocabulary.END]
    words = np.concatenate([part for line in lines for part in (start, line, end)])
    words = words.astype(np.int64)
    left = np.concatenate([np.arange(len(line) + 2, 0, -1) for line in lines])
    counts = np.bincount(words, minlength=size)
    counts[Vocabulary.START] = 0
    # Every word may come.
    chances = (counts + 1) / (counts.sum() + size)
    nowhere = np.zeros(size, np.int64)
    levels = [_Counted(np.arange(size), counts, chances, nowhere, nowhere)]
    keys = words
    for n in range(2, LONGEST + 1):
        # What begins in one caption and ends in another is no n-gram.
        keys = keys << 16 | np.roll(words, 1 - n)
        found, counts = np.unique(keys[left >= n], return_counts=True)
        shorter = levels[-1]
        contexts = np.searchsorted(shorter.keys, found >> 16)
        suffixes = np.searchsorted(shorter.keys, found & ((1 << 16 * (n - 1)) - 1))
        follow = np.bincount(contexts, counts, len(shorter.keys))
        new = np.bincount(contexts, minlength=len(shorter.keys))
        chances = counts + new[contexts] * shorter.chances[suffixes]
        chances /= (follow + new)[contexts]
        levels.append(_Counted(found, counts, chances, contexts, suffixes))
    return levels


def _choose(levels: Sequence[_Counted], fewest: float) -> list[np.ndarray]:
    """Tell which n-grams are kept: those that save so many nats, and their beginnings.

    Returns:
        For each length, `[N]`, bool.
    """
    kept = [np.ones(len(level.keys), bool) for level in levels]
    for n in range(len(levels) - 1, 0, -1):
        level, shorter = levels[n], levels[n - 1]
        follow = np.bincount(level.contexts, level.counts, len(shorter.keys))
        new = np.bincount(level.contexts, minlength=len(shorter.keys))
        backoffs = (new / np.maximum(follow + new, 1))[level.contexts]
        without = backoffs * shorter.chances[level.suffixes]
        kept[n] = level.counts * np.log(level.chances / without) >= fewest
        if n + 1 < len(levels):
            kept[n][levels[n + 1].contexts[kept[n + 1]]] = True
    return kept


def _levels(
    counted: Sequence[_Counted], kept: Sequence[np.ndarray]
) -> tuple[Ngrams, ...]:
    """Make n-grams of those that are kept; what is left out, backoffs make up for."""
    levels: list[Ngrams] = []
    for n, (level, keep) in enumerate(zip(counted, kept, strict=True)):
        chances, keys = level.chances[keep], level.keys[keep]
        contexts, number = np.zeros(len(keys), np.int64), 1
        if n:
            places = np.cumsum(kept[n - 1]) - 1
            contexts, number = places[level.contexts[keep]], len(levels[-1].words)
            suffixes = [keys >> 16 * place & 0xFFFF for place in range(n - 1, -1, -1)]
            none = np.zeros(0)
            model = LanguageModel(tuple(levels), none, none, none)
            without = np.exp(model.last_words(np.stack(suffixes, axis=1)))
            spared = 1 - np.bincount(contexts, chances, number)
            lent = 1 - np.bincount(contexts, without, number)
            levels[-1].backoffs[:] = np.log(
                np.maximum(spared, 1e-6) / np.maximum(lent, 1e-6)
            )
        levels.append(
            Ngrams(
                np.bincount(contexts, minlength=number).astype(np.uint16),
                (keys & 0xFFFF).astype(np.uint16),
                np.log(chances).astype(np.float32),
                np.zeros(len(keys), np.float32),
            )
        )
    return tuple(levels)


def _repetitions(
    lines: Sequence[np.ndarray], vocabulary: Vocabulary
) -> tuple[np.ndarray, np.ndarray]:
    """Count how often captions say words of one stem again.

    Returns:
        Families and repetitions; see `LanguageModel`.
    """
    special = len(Vocabulary.SPECIAL)
    firsts: dict[str, int] = {}
    families = np.array(
        [
            number if number < special else firsts.setdefault(stem(word), number)
            for number, word in enumerate(vocabulary)
        ]
    )
    size = len(families)
    captions = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    said = families[np.concatenate(lines)]
    each, times = np.unique(captions * size + said, return_counts=True)
    saying = np.bincount(each % size, minlength=size)
    again = np.bincount(each[times > 1] % size, minlength=size)
    shares = (again + _PRIOR_SHARE * _PRIOR_CAPTIONS) / (saying + _PRIOR_CAPTIONS)
    # Nothing is known of what an unknown word is.
    shares[:special] = 1.0
    return families.astype(np.uint16), np.log(shares[families]).astype(np.float32)
