"""Beam search over a decoder's one-word step; the same search for every model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Caption:
    """One caption of one picture.

    Attributes:
        words: The words, lower case, without boundary tokens.
        log_probability: Natural logarithm of the probability of the whole caption,
            its end included.
        word_probabilities: The probability of each word, given those before it.
        attention: Where the model looked for each word, `[words, rows, columns]`,
            float32, each map summing to one; `None` for models without attention.
    """

    words: tuple[str, ...]
    log_probability: float
    word_probabilities: tuple[float, ...]
    attention: np.ndarray | None = None

    @property
    def text(self) -> str:
        """The caption as a sentence, "A dog runs through the grass."."""
        raise NotImplementedError

    @property
    def probability(self) -> float:
        """The probability of the whole caption, between 0 and 1."""
        return float(np.exp(self.log_probability))
