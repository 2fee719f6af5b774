"""Captions begun before all is known of a picture are those that are found at once."""

from __future__ import annotations

import numpy as np
import pytest
from test_beam_search import PICTURES, VOCABULARY, TableDecoder

from imagecap.model.beam_search import BeamSettings, State, beam_search
from imagecap.model.begun import Begun


@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_captions_are_found(beams: int, seed: int) -> None:
    decoder, settings = TableDecoder(9, seed), BeamSettings(4, 9, kept=8)
    begun = Begun(decoder, PICTURES, beams)
    found = beam_search(begun, PICTURES, VOCABULARY, settings)
    assert found == beam_search(decoder, PICTURES, VOCABULARY, settings)


def test_one_picture_has_as_many_rows_in_each_step_as_were_begun() -> None:
    rows = []

    class CountingDecoder(TableDecoder):
        def step(
            self, words: np.ndarray, state: State
        ) -> tuple[np.ndarray, State, np.ndarray | None]:
            rows.append(len(words))
            return super().step(words, state)

    picture = PICTURES[:1]
    begun = Begun(CountingDecoder(9, 0), picture, 3)
    beam_search(begun, picture, VOCABULARY, BeamSettings(3, 9))
    assert {*rows} == {3}
