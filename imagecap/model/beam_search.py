"""Beam search over a decoder's one-word step; the same search for every model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple, Protocol

import numpy as np

from imagecap.model.caption import Caption
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
    """How candidates are searched for.

    Attributes:
        width: Captions kept in parallel.
        max_length: Words after which a caption is cut off.
        length_penalty: Exponent of the length by which log-probabilities are divided
            to compare captions: 0 prefers short captions, 1 compares means per word
            (Wu et al. 2016 discuss such normalisation).
        word_bias: What the bias of a word counts beside the logarithm of its
            probability; see `ExpectedWords`.
    """

    width: Annotated[int, Range(1, 100)] = 3
    max_length: Annotated[int, Range(1, 200)] = 24
    length_penalty: Annotated[float, Range(0, 10)] = 0.7
    word_bias: Annotated[float, Range(0, 1000)] = 0.0


class _Found(NamedTuple):
    """A caption that has ended, and what the search compares it by."""

    rank: float
    caption: Caption


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
    word_bias: np.ndarray | None = None,
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

    Returns:
        For each picture up to `width` captions, in no order that means anything; a
        ranker orders them.
    """
    images, width = len(features), settings.width
    state = {
        name: np.repeat(array, width, axis=0)
        for name, array in decoder.start(features).items()
    }
    rows = images * width
    beams = _Beams(np.zeros((rows, 0), np.int32), np.zeros((rows, 0), np.float32), [])
    last_words = np.full(rows, Vocabulary.START, np.int32)
    # Log-probabilities, and the bias of words. All beams of a picture begin alike;
    # only the first may branch.
    totals = np.full((images, width), -np.inf, np.float32)
    totals[:, 0] = 0.0
    bias = None
    if word_bias is not None and settings.word_bias:
        bias = settings.word_bias * word_bias
    found: list[list[_Found]] = [[] for _ in range(images)]
    # The lists of the pictures that are still in search.
    searched = list(found)

    for length in range(1, settings.max_length + 1):
        log_probabilities, changed, attention = decoder.step(last_words, state)
        _finish(searched, beams, totals, log_probabilities, vocabulary, settings)
        values = log_probabilities
        if bias is not None:
            values = values + _bias_of_new_words(bias, beams.words)
        candidates = totals[:, :, None] + values.reshape(len(searched), width, -1)
        candidates[:, :, Vocabulary.END] = -np.inf
        remaining = np.flatnonzero(
            _may_get_better(searched, candidates, length, settings)
        )
        if not len(remaining):
            break
        if some_done := len(remaining) < len(searched):
            candidates = candidates[remaining]
            searched = [searched[place] for place in remaining]
            bias = None if bias is None else bias[remaining]
        best = _best_places(candidates)
        vocabulary_size = candidates.shape[2]
        totals = np.take_along_axis(candidates.reshape(len(searched), -1), best, axis=1)
        parents = (remaining[:, None] * width + best // vocabulary_size).reshape(-1)
        last_words = (best % vocabulary_size).reshape(-1).astype(np.int32)
        beams = _extend(beams, parents, last_words, log_probabilities, attention)
        # What a step does not return is the same for all beams of a picture.
        moved = {**state, **changed} if some_done else changed
        state.update({name: array[parents] for name, array in moved.items()})

    for place, ended in enumerate(searched):
        if not ended:
            ended += _cut_off(beams, place, totals[place], vocabulary)
    return [[one.caption for one in ended] for ended in found]


def _bias_of_new_words(bias: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Return for each live caption the bias of the words that it has not said yet.

    Args:
        bias: Of each picture, `[N, vocabulary]`.
        words: The live captions, the same number for each picture, `[rows, length]`.

    Returns:
        `[rows, vocabulary]`.
    """
    new = np.repeat(bias, len(words) // len(bias), axis=0)
    np.put_along_axis(new, words, 0.0, axis=1)
    return new


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


def _finish(
    searched: Sequence[list[_Found]],
    beams: _Beams,
    totals: np.ndarray,
    log_probabilities: np.ndarray,
    vocabulary: Vocabulary,
    settings: BeamSettings,
) -> None:
    """Record every live caption that ends here among the best of its picture."""
    length = beams.words.shape[1] + 1
    if length == 1:
        return
    ends = log_probabilities[:, Vocabulary.END].reshape(totals.shape)
    ranks = (totals + ends) / length**settings.length_penalty
    for place, found in enumerate(searched):
        worst = -np.inf
        if len(found) >= settings.width:
            worst = min(one.rank for one in found)
        for beam in np.flatnonzero(ranks[place] > worst):
            row = place * settings.width + int(beam)
            caption = _caption(beams, row, ends[place, beam], vocabulary)
            found.append(_Found(float(ranks[place, beam]), caption))
        if len(found) > settings.width:
            found.sort(key=lambda one: one.rank, reverse=True)
            del found[settings.width :]


def _caption(beams: _Beams, row: int, end: float, vocabulary: Vocabulary) -> Caption:
    log_probabilities = beams.word_log_probabilities[row]
    return Caption(
        vocabulary.decode(beams.words[row]),
        float(log_probabilities.sum() + end),
        tuple(np.exp(log_probabilities).tolist()),
        np.stack([grids[row] for grids in beams.attention])
        if beams.attention
        else None,
    )


def _cut_off(
    beams: _Beams, place: int, totals: np.ndarray, vocabulary: Vocabulary
) -> list[_Found]:
    """Take the live captions of a picture for which none has ended in time."""
    first = place * len(totals)
    return [
        _Found(total, _caption(beams, first + beam, 0.0, vocabulary))
        for beam, total in enumerate(totals.tolist())
        if np.isfinite(total)
    ]


def _may_get_better(
    searched: Sequence[Sequence[_Found]],
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
        len(found) < settings.width or min(one.rank for one in found) < rank
        for found, rank in zip(searched, live.tolist(), strict=True)
    ]
