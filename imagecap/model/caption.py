"""A caption: its words, how probable they are, and how far to trust it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from imagecap.text.tokenizer import detokenize


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
        expected_cider: How much it is expected to have in common with what people would
            write; see `imagecap.model.rankers.expected_cider`. `None` for models
            without a word detector.
        confidence: The share of captions with such an expected CIDEr, or score, that
            were right when the model was calibrated, between 0 and 1. `None` for
            models that were not, for pictures unlike all that the model has learned
            from, and for captions that are not the best one of their picture.
        unsure: Whether the model doubts that it describes the picture rightly.
        similarity: How well it suits the picture; see `DualEncoder`. `None` for models
            without a dual encoder.
        expected_gender: How much more the gender that it says is expected than the
            other; see `imagecap.model.attributes`. `None` without a word detector.
        expected_colour: How much the colours that it says are expected; the same.
    """

    words: tuple[str, ...]
    log_probability: float
    word_probabilities: tuple[float, ...]
    attention: np.ndarray | None = field(default=None, compare=False)
    expected_cider: float | None = field(default=None, compare=False)
    confidence: float | None = None
    unsure: bool = False
    similarity: float | None = field(default=None, compare=False)
    expected_gender: float | None = field(default=None, compare=False)
    expected_colour: float | None = field(default=None, compare=False)

    @property
    def text(self) -> str:
        """The caption as a sentence, "A dog runs through the grass."."""
        return detokenize(self.words)

    @property
    def hedged_text(self) -> str:
        """The sentence as it should be told, "Possibly: a dog…" where it is unsure."""
        text = self.text
        if not self.unsure or not text:
            return text
        return f"Possibly: {text[0].lower()}{text[1:]}"

    @property
    def probability(self) -> float:
        """The probability of the whole caption, between 0 and 1."""
        return math.exp(self.log_probability)

    def score(self, length_penalty: float) -> float:
        """Return the log-probability, divided by the length to that power."""
        return float(self.log_probability / (len(self.words) + 1) ** length_penalty)
