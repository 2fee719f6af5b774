"""Beam search over a decoder's one-word step; the same search for every model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from imagecap.caption import Caption
from imagecap.consensus import agreement, expected_likeness
from imagecap.text import Vocabulary
from imagecap.words import repeats_itself

State = Mapping[str, np.ndarray]

# How much what the word detector expects counts beside what the captions agree on. It
# spreads less: this gives it about three times the say.
_DETECTED_WEIGHT = 10.0


class DecoderStep(Protocol):
    """A decoder that predicts one word at a time, for many captions at once."""

    def start(self, features: np.ndarray) -> State:
        """Begin captions.

        Args:
            features: The encoder's output, `[N, ...]`, float32.

        Returns:
            Named arrays, each `[N, ...]`.
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
    """How captions are searched for.

    Attributes:
        width: Captions kept in parallel.
        max_length: Words after which a caption is cut off.
        length_penalty: Exponent of the length by which log-probabilities are divided
            to compare captions: 0 prefers short captions, 1 compares means per word
            (Wu et al. 2016 discuss such normalisation).
        consensus: With a number, the captions found are ordered by how far they agree
            with each other, and each counts by its probability to the power of this
            number, and by what the word detector expects, where there is one; with
            `None`, by probability and length alone.
    """

    width: int = 3
    max_length: int = 24
    length_penalty: float = 0.7
    consensus: float | None = None

    def __str__(self) -> str:
        """Name the search, "beam 3" or "consensus of 24"."""
        kind = "beam" if self.consensus is None else "consensus of"
        return f"{kind} {self.width}"


@dataclass
class _Beams:
    """The live captions of pictures in search: rows `place * width + beam`."""

    words: np.ndarray  # [rows, length]
    word_log_probabilities: np.ndarray  # [rows, length]
    attention: list[np.ndarray]  # for each word, [rows, grid rows, grid columns]


def beam_search(
    decoder: DecoderStep,
    features: np.ndarray,
    vocabulary: Vocabulary,
    settings: BeamSettings,
    detected: np.ndarray | None = None,
) -> list[list[Caption]]:
    """Find the most probable captions of pictures, all pictures in parallel.

    Each picture gets what it would get alone.

    Args:
        decoder: The model's one-word step.
        features: The encoder's output, `[N, ...]`, float32.
        vocabulary: Names the words.
        settings: Beam width, length limit and length penalty.
        detected: What the word detector says of the pictures, `[N, vocabulary]`,
            float32; see `WordDetector`.

    Returns:
        For each picture up to `width` captions, the best first; those that repeat
        themselves after all others.
    """
    images, width = len(features), settings.width
    state = {
        name: np.repeat(array, width, axis=0)
        for name, array in decoder.start(features).items()
    }
    rows = images * width
    beams = _Beams(np.zeros((rows, 0), np.int32), np.zeros((rows, 0), np.float32), [])
    last_words = np.full(rows, Vocabulary.START, np.int32)
    # All beams of a picture begin alike; only the first may branch.
    totals = np.full((images, width), -np.inf, np.float32)
    totals[:, 0] = 0.0
    found: list[list[Caption]] = [[] for _ in range(images)]
    # The lists of the pictures that are still in search.
    searched = list(found)

    for length in range(1, settings.max_length + 1):
        log_probabilities, changed, attention = decoder.step(last_words, state)
        vocabulary_size = log_probabilities.shape[1]
        candidates = totals[:, :, None] + log_probabilities.reshape(
            len(searched), width, vocabulary_size
        )
        ends = candidates[:, :, Vocabulary.END]
        _finish(searched, beams, ends, vocabulary, settings)
        candidates[:, :, Vocabulary.END] = -np.inf
        remaining = np.flatnonzero(
            _may_get_better(searched, candidates, length, settings)
        )
        if not len(remaining):
            break
        if some_done := len(remaining) < len(searched):
            candidates = candidates[remaining]
            searched = [searched[place] for place in remaining]
        best = _best_places(candidates)
        totals = np.take_along_axis(candidates.reshape(len(searched), -1), best, axis=1)
        parents = (remaining[:, None] * width + best // vocabulary_size).reshape(-1)
        last_words = (best % vocabulary_size).reshape(-1).astype(np.int32)
        beams = _extend(beams, parents, last_words, log_probabilities, attention)
        # What a step does not return is the same for all beams of a picture.
        moved = {**state, **changed} if some_done else changed
        state.update({name: array[parents] for name, array in moved.items()})

    for place, captions in enumerate(searched):
        if not captions:
            captions += _cut_off(beams, place, totals[place], vocabulary)
    expected = [None] * images if detected is None else detected
    return [
        _best_first(captions, vocabulary, settings, words)[:width]
        for captions, words in zip(found, expected, strict=True)
    ]


def _best_first(
    captions: Sequence[Caption],
    vocabulary: Vocabulary,
    settings: BeamSettings,
    detected: np.ndarray | None,
) -> list[Caption]:
    words = [caption.words for caption in captions]
    if detected is not None:
        expected = expected_likeness(words, detected, vocabulary)
        captions = [
            replace(caption, likeness=likeness)
            for caption, likeness in zip(captions, expected.tolist(), strict=True)
        ]
    values = np.array([_rank(caption, settings) for caption in captions])
    if settings.consensus is not None:
        log_probabilities = np.array([caption.log_probability for caption in captions])
        relative = log_probabilities - log_probabilities.max()
        votes = np.exp(settings.consensus * relative)
        values = agreement(words, votes, vocabulary.rarity)
        if detected is not None:
            values += _DETECTED_WEIGHT * expected
    order = sorted(
        range(len(captions)),
        key=lambda i: (not repeats_itself(captions[i].words), values[i]),
        reverse=True,
    )
    return [captions[i] for i in order]


def _best_places(candidates: np.ndarray) -> np.ndarray:
    """Find the best `width` of `[images, width, vocabulary]`, `[images, width]`."""
    images, width, vocabulary_size = candidates.shape
    # Sorting out what cannot be among them first is several times as fast: the best of
    # each word are different candidates, so as many are at least as good as this.
    best_of_word = candidates.max(axis=1)
    enough = min(width, vocabulary_size)
    least = np.partition(best_of_word, -enough, axis=1)[:, -enough]
    if enough < width:
        least[:] = -np.inf
    places = np.empty((images, width), np.intp)
    for image, flat in enumerate(candidates.reshape(images, -1)):
        possible = np.flatnonzero(flat >= least[image])
        places[image] = possible[np.argpartition(flat[possible], -width)[-width:]]
    return places


def _extend(
    beams: _Beams,
    parents: np.ndarray,
    last_words: np.ndarray,
    log_probabilities: np.ndarray,
    attention: np.ndarray | None,
) -> _Beams:
    chosen = log_probabilities[parents, last_words]
    maps = beams.attention if attention is None else [*beams.attention, attention]
    return _Beams(
        np.column_stack([beams.words[parents], last_words]),
        np.column_stack([beams.word_log_probabilities[parents], chosen]),
        [grids[parents] for grids in maps],
    )


def _rank(caption: Caption, settings: BeamSettings) -> float:
    return caption.score(settings.length_penalty)


def _finish(
    searched: Sequence[list[Caption]],
    beams: _Beams,
    totals: np.ndarray,
    vocabulary: Vocabulary,
    settings: BeamSettings,
) -> None:
    """Record every live caption that ends here among the best of its picture."""
    length = beams.words.shape[1] + 1
    if length == 1:
        return
    ranks = totals / length**settings.length_penalty
    for place, captions in enumerate(searched):
        worst = -np.inf
        if len(captions) >= settings.width:
            worst = min(_rank(caption, settings) for caption in captions)
        for beam in np.flatnonzero(ranks[place] > worst):
            row = place * settings.width + int(beam)
            captions.append(_caption(beams, row, totals[place, beam], vocabulary))
        if len(captions) > settings.width:
            captions.sort(key=lambda c: _rank(c, settings), reverse=True)
            del captions[settings.width :]


def _caption(
    beams: _Beams, row: int, log_probability: float, vocabulary: Vocabulary
) -> Caption:
    return Caption(
        vocabulary.decode(beams.words[row]),
        float(log_probability),
        tuple(np.exp(beams.word_log_probabilities[row]).tolist()),
        np.stack([grids[row] for grids in beams.attention])
        if beams.attention
        else None,
    )


def _cut_off(
    beams: _Beams, place: int, totals: np.ndarray, vocabulary: Vocabulary
) -> list[Caption]:
    """Take the live captions of a picture for which none has ended in time."""
    first = place * len(totals)
    return [
        _caption(beams, first + beam, total, vocabulary)
        for beam, total in enumerate(totals)
        if np.isfinite(total)
    ]


def _may_get_better(
    searched: Sequence[Sequence[Caption]],
    candidates: np.ndarray,
    length: int,
    settings: BeamSettings,
) -> list[bool]:
    """Tell which pictures lack captions, or have a live one that ranks above the worst.

    A live caption could still overtake a finished one by growing much longer at
    almost no cost; such captions repeat themselves, so nobody waits for them.
    """
    live = candidates.max(axis=(1, 2)) / length**settings.length_penalty
    return [
        len(captions) < settings.width
        or min(_rank(caption, settings) for caption in captions) < rank
        for captions, rank in zip(searched, live.tolist(), strict=True)
    ]
