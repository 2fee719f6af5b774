"""Beam search over a decoder's one-word step; the same search for every model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, NamedTuple, Protocol

import numpy as np

from imagecap.model.caption import Caption
from imagecap.model.next_words import (
    SaidAgain,
    choose_next_words,
    score_next_words,
)
from imagecap.model.records import Range
from imagecap.text.vocabulary import Vocabulary

State = Mapping[str, np.ndarray]


class DecoderStep(Protocol):
    """A decoder that predicts one word at a time, for many captions at once."""

    def start(self, features: np.ndarray) -> State:
        """Begin captions.

        Args:
            features: The encoder's output, `[N, ...]`, float32.

        Returns:
            Named arrays, each `[N, ...]`; or `[N * beams, ...]`, where several captions
            of each picture have begun, all alike.
        """

    def step(
        self, words: np.ndarray, state: State
    ) -> tuple[np.ndarray, State, np.ndarray | None]:
        """Read one word of each caption and predict the next.

        Args:
            words: The last word of each caption, `[N]`, int32.
            state: What `start` or the step before returned.

        Returns:
            The log-probabilities of the next words, `[N, vocabulary]`, float32; the
            arrays of the state that changed; the attention over the picture,
            `[N, rows, columns]`, or `None`.
        """


@dataclass(frozen=True)
class BeamSettings:
    """How candidates are searched for.

    Attributes:
        width: Captions kept in parallel.
        max_length: Words after which a caption is cut off.
        length_penalty: Exponent of the length by which log-probabilities are divided
            to compare captions: 0 prefers short captions, 1 compares means per word
            (Wu et al. 2016 discuss such normalisation).
        word_bias: What the bias of a word counts beside the logarithm of its
            probability; see `ExpectedWords`.
        kept: How many captions have to end, and are kept; by default as many as the
            width.
        rarity: What the idf of a word counts beside the logarithm of its probability,
            the first time that a caption says it; by default nothing.
    """

    width: Annotated[int, Range(1, 100)] = 3
    max_length: Annotated[int, Range(1, 200)] = 24
    length_penalty: Annotated[float, Range(0, 10)] = 0.7
    word_bias: Annotated[float, Range(0, 1000)] = 0.0
    kept: Annotated[int, Range(1, 1000)] | None = None
    rarity: Annotated[float, Range(0, 1000)] | None = None

    @property
    def most_kept(self) -> int:
        """How many captions have to end; fewer than the width never do."""
        return max(self.width, self.kept or 0)


@dataclass
class _Beams:
    """The live captions of pictures in search, as many of each: a row for each one."""

    words: np.ndarray  # [rows, length]
    word_log_probabilities: np.ndarray  # [rows, length]
    attention: np.ndarray | None  # [rows, length, grid rows, grid columns]


class _Found(NamedTuple):
    """A caption that has ended: its row when it was live, and what it ranks by."""

    rank: float
    beams: _Beams
    row: int
    end: float  # the log-probability of its end


def beam_search(
    decoder: DecoderStep,
    features: np.ndarray,
    vocabulary: Vocabulary,
    settings: BeamSettings,
    word_bias: np.ndarray | None = None,
    said_again: SaidAgain | None = None,
) -> list[list[Caption]]:
    """Find candidates for the captions of pictures, all pictures in parallel.

    Each picture gets what it would get alone. Words that are expected of it gain, the
    first time that a caption says them (Gulcehre et al. 2015, "On using monolingual
    corpora in neural machine translation", add to the decoder's log-probabilities in
    this way what another model says).

    Args:
        decoder: The model's one-word step.
        features: The encoder's output, `[N, ...]`, float32.
        vocabulary: Names the words.
        settings: Beam width, length limit, length penalty and the weight of the bias.
        word_bias: The bias of each word in each picture, `[N, vocabulary]`, float32.
        said_again: What words gain that live captions have said before.

    Returns:
        For each picture up to `most_kept` captions, in no order that means anything; a
        ranker orders them.
    """
    images = len(features)
    state = dict(decoder.start(features))
    # All beams of a picture begin alike, so only the first of them counts at first.
    begun = len(next(iter(state.values())))
    beams = _Beams(
        np.zeros((begun, 0), np.int32), np.zeros((begun, 0), np.float32), None
    )
    last_words = np.full(begun, Vocabulary.START, np.int32)
    # Log-probabilities, and the bias of words: [pictures, beams].
    totals = np.full((images, begun // images), -np.inf, np.float32)
    totals[:, 0] = 0
    bias = _bias(word_bias, images, vocabulary, settings)
    found: list[list[_Found]] = [[] for _ in range(images)]
    # The lists of the pictures that are still in search.
    searched = list(found)

    for length in range(1, settings.max_length + 1):
        log_probabilities, changed, attention = decoder.step(last_words, state)
        _finish(searched, beams, totals, log_probabilities, settings)
        candidates = score_next_words(
            log_probabilities, totals, bias, beams.words, said_again
        )
        best_of_words = candidates.max(axis=1)
        live = best_of_words.max(axis=1)
        better = _may_get_better(searched, live, length, settings)
        if not better:
            break
        before, remaining = totals.shape, np.array(better)
        if len(remaining) < len(searched):
            candidates, best_of_words = candidates[remaining], best_of_words[remaining]
            searched = [searched[place] for place in better]
            bias = None if bias is None else bias[remaining]
        totals, branches, words = choose_next_words(
            candidates, best_of_words, settings.width
        )
        parents = (remaining[:, np.newaxis] * before[1] + branches).reshape(-1)
        last_words = words.reshape(-1)
        beams = _extend(beams, parents, last_words, log_probabilities, attention)
        # What a step does not return is the same for all beams of a picture.
        moved = changed if totals.shape == before else {**state, **changed}
        state.update({name: array[parents] for name, array in moved.items()})

    for place, ended in enumerate(searched):
        if not ended:
            ended += _cut_off(beams, place, totals[place])
    return [[_caption(one, vocabulary) for one in ended] for ended in found]


def _bias(
    word_bias: np.ndarray | None,
    images: int,
    vocabulary: Vocabulary,
    settings: BeamSettings,
) -> np.ndarray | None:
    """Add up what words gain in each picture, `[pictures, vocabulary]`."""
    bias = None
    if word_bias is not None and settings.word_bias:
        bias = settings.word_bias * word_bias
    if settings.rarity:
        idfs = vocabulary.idf_of_each.astype(np.float32)
        rare = np.tile(np.float32(settings.rarity) * idfs, (images, 1))
        bias = rare if bias is None else bias + rare
    return bias


def _extend(
    beams: _Beams,
    parents: np.ndarray,
    last_words: np.ndarray,
    log_probabilities: np.ndarray,
    attention: np.ndarray | None,
) -> _Beams:
    chosen = log_probabilities[parents, last_words]
    maps = None
    if attention is not None:
        maps = attention[parents, np.newaxis]
        if beams.attention is not None:
            maps = np.concatenate([beams.attention[parents], maps], axis=1)
    return _Beams(
        _with_last(beams.words, parents, last_words),
        _with_last(beams.word_log_probabilities, parents, chosen),
        maps,
    )


def _with_last(before: np.ndarray, parents: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Put one more column behind those of the parents."""
    extended = np.empty((len(last), before.shape[1] + 1), before.dtype)
    extended[:, :-1] = before[parents]
    extended[:, -1] = last
    return extended


def _finish(
    searched: Sequence[list[_Found]],
    beams: _Beams,
    totals: np.ndarray,
    log_probabilities: np.ndarray,
    settings: BeamSettings,
) -> None:
    """Record every live caption that ends here among the best of its picture."""
    length = beams.words.shape[1] + 1
    if length == 1:
        return
    ends = log_probabilities[:, Vocabulary.END].reshape(totals.shape)
    ranks = (totals + ends) / length**settings.length_penalty
    # Few numbers, which Python compares in less time than NumPy takes to begin.
    numbers = zip(ranks.tolist(), ends.tolist(), strict=True)
    for place, (own_ranks, own_ends) in enumerate(numbers):
        found = searched[place]
        worst = _worst_rank(found, settings.most_kept)
        first = place * len(own_ranks)
        better = [
            _Found(rank, beams, first + beam, own_ends[beam])
            for beam, rank in enumerate(own_ranks)
            if rank > worst
        ]
        if better:
            found += better
            found.sort(key=_rank, reverse=True)
            del found[settings.most_kept :]


_rank = itemgetter(_Found._fields.index("rank"))


def _worst_rank(found: Sequence[_Found], kept: int) -> float:
    """Return what a caption must rank above to be among the best of its picture."""
    return found[-1].rank if len(found) >= kept else -math.inf


def _caption(found: _Found, vocabulary: Vocabulary) -> Caption:
    beams, row = found.beams, found.row
    log_probabilities = beams.word_log_probabilities[row]
    return Caption(
        vocabulary.decode(beams.words[row].tolist()),
        float(log_probabilities.sum() + found.end),
        tuple(np.exp(log_probabilities).tolist()),
        # A copy, since a part of an array keeps all of it in memory.
        None if beams.attention is None else beams.attention[row].copy(),
    )


def _cut_off(beams: _Beams, place: int, totals: np.ndarray) -> list[_Found]:
    """Take the live captions of a picture for which none has ended in time."""
    first = place * len(totals)
    return [
        _Found(total, beams, first + beam, 0.0)
        for beam, total in enumerate(totals.tolist())
        if np.isfinite(total)
    ]


def _may_get_better(
    searched: Sequence[Sequence[_Found]],
    live: np.ndarray,
    length: int,
    settings: BeamSettings,
) -> list[int]:
    """Tell which pictures lack captions, or have a live one that ranks above the worst.

    A live caption could still overtake a finished one by growing much longer at
    almost no cost; such captions repeat themselves, so nobody waits for them.
    """
    ranks = (live / length**settings.length_penalty).tolist()
    return [
        place
        for place, (found, rank) in enumerate(zip(searched, ranks, strict=True))
        if len(found) < settings.most_kept or rank > found[-1].rank
    ]
