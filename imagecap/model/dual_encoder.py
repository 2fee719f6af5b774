"""How well captions suit a picture: both as vectors, compared.

The decoder predicts each word after those before it, and knows by heart how captions
go on. This has learned only to tell a picture's captions from those of others.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from imagecap.model.arrays import check_numbers, cut, read_arrays, round_columns
from imagecap.model.bundle import DUAL_ENCODER, Bundle, naming
from imagecap.model.confidence import of_length_one
from imagecap.model.word_detector import mean_features
from imagecap.text.vocabulary import as_rows

STEPS = 31
"""Each way from zero, into which the largest number of each column is divided."""

_KINDS = {
    "pictures": np.int8,
    "picture_scales": np.float32,
    "picture_offsets": np.float32,
    "words": np.int8,
    "word_scales": np.float32,
    "word_offsets": np.float32,
}
# Vectors of real models have a thirtieth of it.
_LONGEST_VECTOR = 4096


@dataclass(frozen=True)
class DualEncoder:
    """Turns pictures and captions into vectors that are near where they belong.

    A picture's is a linear map of its features, a caption's the sum of those of its
    words, whatever their order. Both are in small whole numbers.

    Source: Frome et al. 2013, "DeViSE: a deep visual-semantic embedding model", and
    for how it is learned Radford et al. 2021, "Learning transferable visual models from
    natural language supervision".

    Attributes:
        pictures: From features to vectors, in units of `picture_scales`, `[P, D]`,
            int8; see `mean_features` for the features.
        picture_scales: `[D]`, float32.
        picture_offsets: Where all features are zero, `[D]`, float32.
        words: The vector of each word, in units of `word_scales`, `[vocabulary, D]`,
            int8.
        word_scales: `[D]`, float32.
        word_offsets: Of a caption without words, `[D]`, float32.
    """

    pictures: np.ndarray
    picture_scales: np.ndarray
    picture_offsets: np.ndarray
    words: np.ndarray
    word_scales: np.ndarray
    word_offsets: np.ndarray

    @classmethod
    def of_maps(
        cls,
        pictures: np.ndarray,
        picture_offsets: np.ndarray,
        words: np.ndarray,
        word_offsets: np.ndarray,
    ) -> DualEncoder:
        """Round two linear maps; see the attributes for their shapes."""
        rounded, picture_scales = round_columns(pictures, STEPS)
        rounded_words, word_scales = round_columns(words, STEPS)
        return cls(
            rounded,
            picture_scales,
            picture_offsets.astype(np.float32),
            rounded_words,
            word_scales,
            word_offsets.astype(np.float32),
        )

    def look_at(self, features: np.ndarray) -> Seen:
        """Turn pictures into vectors, to compare captions with them.

        Args:
            features: The encoder's output for N pictures, `[N, ..., P]`, float32.
        """
        # Not a matrix product: its threads would wait for more, busily, on the cores
        # that the networks need now.
        vectors = np.einsum("np,pd->nd", mean_features(features), self._picture_map)
        vectors = vectors * self.picture_scales + self.picture_offsets
        return Seen(self, of_length_one(vectors))

    def caption_vectors(self, captions: Sequence[Sequence[int]]) -> np.ndarray:
        """Turn captions into vectors.

        Args:
            captions: The numbers of the words of N captions.

        Returns:
            `[N, D]`, float32, each of length one.
        """
        lengths = np.array([len(words) for words in captions])
        rows = as_rows(captions, filling=len(self.words))
        totals = self._words_and_nothing[rows].sum(axis=1, dtype=np.float32)
        totals *= self.word_scales / np.sqrt(lengths + 1)[:, np.newaxis]
        return of_length_one(totals + self.word_offsets)

    @cached_property
    def _picture_map(self) -> np.ndarray:
        return self.pictures.astype(np.float32)

    @cached_property
    def _words_and_nothing(self) -> np.ndarray:
        return np.pad(self.words, ((0, 1), (0, 0)))

    def with_words(self, stand_ins: np.ndarray) -> DualEncoder:
        """Return it for a vocabulary that has further words at its end.

        Args:
            stand_ins: For each of them the number of a known word that is like it.
        """
        return DualEncoder(
            self.pictures,
            self.picture_scales,
            self.picture_offsets,
            np.vstack([self.words, self.words[stand_ins]]),
            self.word_scales,
            self.word_offsets,
        )

    def to_bytes(self) -> bytes:
        """Return the content of the bundle's file."""
        content = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _KINDS}
        np.savez_compressed(content, allow_pickle=False, **arrays)
        return content.getvalue()


@dataclass(frozen=True)
class Seen:
    """Pictures that a dual encoder has looked at.

    Attributes:
        encoder: The dual encoder.
        vectors: Those of N pictures, `[N, D]`, float32, each of length one.
    """

    encoder: DualEncoder
    vectors: np.ndarray

    def similarities(
        self, captions: Sequence[Sequence[Sequence[int]]]
    ) -> list[np.ndarray]:
        """Compare the pictures with captions.

        Args:
            captions: For each picture its captions, each as the numbers of its words.

        Returns:
            For each picture the cosine of its vector and that of each of its captions,
            `[captions]`, float32.
        """
        sizes = [len(own) for own in captions]
        texts = self.encoder.caption_vectors([*chain.from_iterable(captions)])
        pictures = self.vectors.repeat(sizes, axis=0)
        return cut(np.einsum("nd,nd->n", texts, pictures), sizes)


def load_dual_encoder(bundle: Bundle) -> DualEncoder | None:
    """Load a bundle's dual encoder; `None` if it has none.

    Raises:
        BundleError: If it is damaged; the message names the file.
    """
    if DUAL_ENCODER not in bundle.manifest.files:
        return None
    bundle.verify(DUAL_ENCODER)
    path = bundle.folder / DUAL_ENCODER
    length, size = bundle.feature_shape[-1], len(bundle.vocabulary)
    with naming(path, "does not suit its encoder and vocabulary"):
        arrays = read_arrays(path, _KINDS, max(length, size) * _LONGEST_VECTOR)
        found = [array.shape for array in arrays.values()]
        vector = arrays["picture_scales"].shape
        if len(vector) != 1 or found != [
            (length, *vector),
            vector,
            vector,
            (size, *vector),
            vector,
            vector,
        ]:
            raise ValueError(f"shapes {found}")
        check_numbers(*arrays.values())
    return DualEncoder(**arrays)
