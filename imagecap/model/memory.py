"""What a model remembers of a person's pictures that it learned from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imagecap.model.arrays import read_arrays
from imagecap.model.bundle import MEMORY, Bundle, naming
from imagecap.model.corrected_words import SAME, Correction, Corrections
from imagecap.model.embedding import LENGTH
from imagecap.text.vocabulary import Vocabulary

MOST_CAPTIONS = 50_000
"""How many captions a model remembers at most."""

_MOST_WORDS = 100 * MOST_CAPTIONS
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
            corrections: At least one.
            vocabulary: The words of the model; others are not remembered.
        """
        every = [
            vocabulary.encode(each) for one in corrections for each in one.captions
        ]
        return cls(
            np.stack([one.vector for one in corrections]).astype(np.float16),
            np.array([len(one.captions) for one in corrections], np.int32),
            np.array([len(each) for each in every], np.int32),
            np.array([number for each in every for number in each], np.int32),
        )

    def corrections(self, vocabulary: Vocabulary) -> list[Correction]:
        """Return what was said of each picture.

        Args:
            vocabulary: The words of the model.
        """
        ends = np.cumsum(self.lengths)[:-1]
        every = [
            vocabulary.decode(numbers.tolist())
            for numbers in np.split(self.words, ends)
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
        newer: The latter; what it says of a remembered picture counts alone.
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
        if not newer or not self._remembered:
            return newer or self._remembered
        known, vectors = (
            np.stack([one.vector for one in some]).astype(np.float32)
            for some in (self._remembered, newer)
        )
        if known.shape[1] != vectors.shape[1]:
            return newer
        likeness = (known @ vectors.T).max(axis=1)
        kept = zip(self._remembered, likeness.tolist(), strict=True)
        return [*newer, *(one for one, alike in kept if alike <= SAME)]


def load_memory(bundle: Bundle) -> Memory | None:
    """Load what a model remembers; `None` if it remembers nothing.

    Raises:
        BundleError: If it is damaged; the message names the file.
    """
    if MEMORY not in bundle.manifest.files:
        return None
    bundle.verify(MEMORY)
    with naming(bundle.folder / MEMORY, "does not suit its vocabulary"):
        most = max(2 * LENGTH * MOST_CAPTIONS, 4 * _MOST_WORDS)
        memory = Memory(**read_arrays(bundle.folder / MEMORY, _KINDS, most))
        _check(memory, len(bundle.vocabulary))
    return memory


def _check(memory: Memory, vocabulary: int) -> None:
    vectors, captions = memory.vectors, memory.captions
    lengths, words = memory.lengths, memory.words
    shapes = [captions.shape, lengths.shape, words.shape]
    pictures = vectors.shape[0] if vectors.ndim == 2 else 0
    if not pictures or shapes != [(pictures,), (len(lengths),), (len(words),)]:
        raise ValueError(f"shapes {[vectors.shape, *shapes]}")
    # Numbers near the largest would add up to small ones.
    for counts, least, of in ((captions, 1, lengths), (lengths, 0, words)):
        if counts.min(initial=least) < least or counts.sum(dtype=np.float64) != len(of):
            raise ValueError("its captions are not as long as it says")
    if len(lengths) > MOST_CAPTIONS:
        raise ValueError(f"it has more than {MOST_CAPTIONS:,} captions")
    if words.min(initial=0) < 0 or words.max(initial=0) >= vocabulary:
        raise ValueError("it names words that the vocabulary lacks")
    squares = (vectors.astype(np.float32) ** 2).sum(axis=1)
    # Also where one is no number.
    if not (np.abs(squares - 1) < _ROUNDED).all():
        raise ValueError("it holds vectors that are not of length one")
