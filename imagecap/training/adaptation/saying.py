"""What a model says of pictures whose features are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.model.beam_search import DecoderStep
from imagecap.model.caption import Caption
from imagecap.model.corrected_words import (
    CorrectedWords,
    Correction,
    mean_weights,
)
from imagecap.model.decoding import Decoding
from imagecap.model.embedding import Embedding
from imagecap.model.experts import Expert
from imagecap.model.memory import Remembered
from imagecap.model.rankers import expected_cider
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary

# Attention over as many grids, for each of their captions, takes some 100 MB.
_PICTURES_AT_ONCE = 50


class Said(NamedTuple):
    """What a model says of pictures.

    Attributes:
        captions: Picture name → its caption.
        in_common: Picture name → what all captions that were found have in common with
            those of people on the mean, by single words; see `expected_cider`.
    """

    captions: dict[str, Caption]
    in_common: dict[str, float]

    @classmethod
    def nothing(cls) -> Said:
        """Begin with no picture."""
        return cls({}, {})

    def add(self, other: Said) -> None:
        """Take what is said of further pictures."""
        self.captions.update(other.captions)
        self.in_common.update(other.in_common)


class Saying:
    """Captions pictures whose features are known.

    Args:
        decoding: How captions are found.
        features: Picture name → its features.
        vocabulary: Weighs the words of captions, by whichever expert they are.
    """

    def __init__(
        self,
        decoding: Decoding,
        features: Mapping[str, np.ndarray],
        vocabulary: Vocabulary,
    ) -> None:
        self._decoding = decoding
        self._features = features
        self._vocabulary = vocabulary

    def stacked(self, examples: Sequence[Example]) -> np.ndarray:
        """Return the features of pictures, `[N, ...]`, float32."""
        features = [self._features[one.name] for one in examples]
        return np.stack(features).astype(np.float32)

    def describe(
        self,
        decoder: DecoderStep,
        expert: Expert,
        examples: Sequence[Example],
        remembered: Sequence[Correction] = (),
        embedding: Embedding | None = None,
    ) -> Said:
        """Caption pictures, all by one expert.

        Args:
            decoder: Its decoder.
            expert: All that it has besides.
            examples: The pictures.
            remembered: What it remembers.
            embedding: What made the vectors of that, if there are any.
        """
        vocabulary, detector = expert.bundle.vocabulary, expert.word_detector
        corrected = None
        if detector is not None and embedding is not None:
            corrected = CorrectedWords(
                Remembered(remembered, None), lambda: embedding, detector, vocabulary
            )
        said = Said.nothing()
        for first in range(0, len(examples), _PICTURES_AT_ONCE):
            some = examples[first : first + _PICTURES_AT_ONCE]
            features = self.stacked(some)
            expected = expert.expect(features, corrected)
            found = expert.decode(
                decoder, features, self._decoding, expected, expert.look_at(features)
            )
            for example, candidates in zip(some, found, strict=True):
                said.captions[example.name] = candidates[0]
                said.in_common[example.name] = self._in_common(example, candidates)
        return said

    def _in_common(self, example: Example, candidates: Sequence[Caption]) -> float:
        """Compute what captions have in common with people's on the mean.

        A word more or less decides which one of them is the best, so this one alone
        tells less.
        """
        vocabulary = self._vocabulary
        theirs = mean_weights([tokenize(one) for one in example.captions], vocabulary)
        weights = np.zeros(len(vocabulary))
        known = [word for word in theirs if word in vocabulary]
        weights[vocabulary.encode(known)] = [theirs[word] for word in known]
        words = [one.words for one in candidates]
        return float(expected_cider(words, weights, vocabulary).mean())
