"""Captions that have been begun before all is known that decides how they go on."""

from __future__ import annotations

import numpy as np

from imagecap.model.beam_search import DecoderStep, State
from imagecap.text.vocabulary import Vocabulary


class Begun:
    """A decoder that has predicted the first words of pictures already.

    What else is to be known of a picture first matters where one of these is chosen,
    and can be found out meanwhile on another core.

    Args:
        decoder: The decoder.
        features: The encoder's output for N pictures, `[N, ...]`, float32.
        beams: How many captions of each are begun, all alike. A network takes some time
            to prepare for another number of them, so that it saves time to begin as
            many as are searched for in parallel, if these are few in all.
    """

    def __init__(
        self, decoder: DecoderStep, features: np.ndarray, beams: int = 1
    ) -> None:
        self._decoder = decoder
        self._state = {
            name: array if beams == 1 else array.repeat(beams, axis=0)
            for name, array in decoder.start(features).items()
        }
        starts = np.full(len(features) * beams, Vocabulary.START, np.int32)
        self._first: tuple[np.ndarray, State, np.ndarray | None] | None
        self._first = decoder.step(starts, self._state)

    def start(self, features: np.ndarray) -> State:
        """Give the captions that have begun, once; see `DecoderStep`."""
        return self._state

    def step(
        self, words: np.ndarray, state: State
    ) -> tuple[np.ndarray, State, np.ndarray | None]:
        """Predict the next words; see `DecoderStep`."""
        first, self._first = self._first, None
        return self._decoder.step(words, state) if first is None else first
