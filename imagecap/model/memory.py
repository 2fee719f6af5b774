"""What a model remembers of a person's pictures that it learned from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imagecap.model.arrays import cut, read_arrays
from imagecap.model.bundle import MEMORY, Bundle, naming
from imagecap.model.corrected_words import SAME, Correction, Corrections
from imagecap.model.embedding import LENGTH
from imagecap.model.word_detector import WordDetector
from imagecap.text.vocabulary import Vocabulary

MOST_CAPTIONS = 10_000
"""How many captions a model remembers at most."""

# Captions of a picture, and words of a caption; the first ones.
_MOST_OF_PICTURE, _MOST_WORDS = 100, 100
_KINDS = {
    "vectors": np.float16,
    "captions": np.int32,
    "lengths": np.int32,
    "words": np.int32,
}
# That of a vector of length one, each of whose numbers was rounded.
_ROUNDED = 0.01


@dataclass(frozen=True)
class Memory:
    """Pictures as vectors, and which of the model's words people said of them.

    Attributes:
        vectors: Those of N pictures, `[N, L]`, float16, of length one; see
            `Embedding`.
        captions: How many captions each has, at least one, `[N]`, int32.
        lengths: How many words each of these has, `[C]`, int32.
        words: The numbers of all words, `[W]`, int32.
    """

    vectors: np.ndarray
    captions: np.ndarray
    lengths: np.ndarray
    words: np.ndarray

    @classmethod
    def of_corrections(
        cls, corrections: Sequence[Correction], vocabulary: Vocabulary
    ) -> Memory:
        """Remember what people said of pictures.

        Args:
            corrections: At least one, the newest first; of too many these are
                remembered.
            vocabulary: The words of the model; others are not remembered.
        """
        some = [one.captions[:_MOST_OF_PICTURE] for one in corrections]
        totals = np.cumsum([len(captions) for captions in some])
        kept = some[: int(np.searchsorted(totals, MOST_CAPTIONS, "right"))]
        every = [vocabulary.encode(each[:_MOST_WORDS]) for one in kept for each in one]
        vectors = [one.vector for one in corrections[: len(kept)]]
        return cls(
            np.stack(vectors).astype(np.float16),
            np.array([len(captions) for captions in kept], np.int32),
            np.array([len(words) for words in every], np.int32),
            np.array([number for words in every for number in words], np.int32),
        )

    def corrections(self, vocabulary: Vocabulary) -> list[Correction]:
        """Return what was said of each picture.

        Args:
            vocabulary: The words of the model.
        """
        # What the model does not know it cannot expect.
        every = [
            [
                "" if number == Vocabulary.UNKNOWN else vocabulary.words[number]
                for number in numbers.tolist()
            ]
            for numbers in cut(self.words, self.lengths.tolist())
        ]
        firsts = np.cumsum(self.captions) - self.captions
        return [
            Correction(vector, every[first : first + count])
            for vector, first, count in zip(
                self.vectors, firsts.tolist(), self.captions.tolist(), strict=True
            )
        ]

    def to_bytes(self) -> bytes:
        """Return the content of the bundle's file."""
        content = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _KINDS}
        np.savez_compressed(content, allow_pickle=False, **arrays)
        return content.getvalue()


class Remembered:
    """What a model remembers, and what a person has corrected since.

    Args:
        remembered: The former.
        newer: The latter; what it says of a remembered picture counts alone, and what
            was taken back is remembered no more.
    """

    def __init__(
        self, remembered: Sequence[Correction], newer: Corrections | None
    ) -> None:
        self._remembered = remembered
        self._newer = newer

    def version(self) -> int:
        """Return a number that is another one once there are others."""
        return 0 if self._newer is None else self._newer.version()

    def read(self) -> Sequence[Correction]:
        """Give all that have a say, the newest first."""
        newer = [] if self._newer is None else self._newer.read()
        if not newer:
            return self._remembered
        said = [one for one in newer if one.captions]
        if not self._remembered:
            return said
        known, vectors = (
            np.stack([one.vector for one in some]).astype(np.float32)
            for some in (self._remembered, newer)
        )
        if known.shape[1] != vectors.shape[1]:
            return said
        likeness = (known @ vectors.T).max(axis=1)
        kept = zip(self._remembered, likeness.tolist(), strict=True)
        return [*said, *(one for one, alike in kept if alike <= SAME)]


def load_memory(bundle: Bundle, detector: WordDetector | None) -> Memory | None:
    """Load what a model remembers; `None` if it remembers nothing.

    Args:
        bundle: The model.
        detector: Its word detector; without one it cannot remember.

    Raises:
        BundleError: If it is damaged; the message names the file.
    """
    if MEMORY not in bundle.manifest.files or detector is None:
        return None
    bundle.verify(MEMORY)
    length = min(LENGTH, len(detector.numbers))
    most = MOST_CAPTIONS * max(2 * length, 4 * _MOST_WORDS)
    with naming(bundle.folder / MEMORY, "does not suit its word detector"):
        memory = Memory(**read_arrays(bundle.folder / MEMORY, _KINDS, most))
        _check(memory, length, len(bundle.vocabulary))
    return memory


def _check(memory: Memory, length: int, vocabulary: int) -> None:
    arrays = memory.vectors, memory.captions, memory.lengths, memory.words
    pictures, captions, words = (len(array) for array in arrays[1:])
    shapes = [array.shape for array in arrays]
    expected = [(pictures, length), (pictures,), (captions,), (words,)]
    if shapes != expected or not 0 < pictures <= captions <= MOST_CAPTIONS:
        raise ValueError(f"shapes {shapes}")
    # Numbers near the largest would add up to small ones.
    for counts, least, of in (
        (memory.captions, 1, captions),
        (memory.lengths, 0, words),
    ):
        if counts.min() < least or counts.sum(dtype=np.float64) != of:
            raise ValueError("its captions are not as many or as long as it says")
    known = (memory.words >= Vocabulary.UNKNOWN) & (memory.words < vocabulary)
    if not known.all():
        raise ValueError("it names words that the vocabulary lacks")
    squares = (memory.vectors.astype(np.float32) ** 2).sum(axis=1)
    # Also where one is no number.
    if not (np.abs(squares - 1) < _ROUNDED).all():
        raise ValueError("it holds vectors that are not of length one")
