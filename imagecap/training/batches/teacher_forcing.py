"""Batches for training, loaded progressively: one at a time, never the whole set.

The classical generator of this field makes a row of every prefix of every caption,
with the picture's features and a one-hot vector beside it; 30,000 captions become
306,000 rows. Here a caption stays whole: one pass of the LSTM predicts every next
word of it (teacher forcing), which gives the same loss and the same gradients.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np
from PIL import Image

from imagecap.datasets.dataset import Example
from imagecap.pictures.reading import open_picture
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.networks.devices import own_rows, whole_shares
from imagecap.training.networks.static_shapes import pad_batch

_NO_WORDS = (Vocabulary.PADDING,) * 2


@dataclass(frozen=True)
class TokenizedExample:
    """A picture with its captions as word numbers, boundary tokens included."""

    example: Example
    captions: tuple[tuple[int, ...], ...]
    may_be_mirrored: bool


def tokenize_examples(
    examples: Sequence[Example], vocabulary: Vocabulary, max_length: int
) -> list[TokenizedExample]:
    """Turn captions into word numbers.

    Args:
        examples: Pictures with captions.
        vocabulary: Gives the numbers.
        max_length: Words after which a caption is cut off.
    """
    numbered = []
    for example in examples:
        captions = [tokenize(caption)[:max_length] for caption in example.captions]
        said = {word for words in captions for word in words}
        numbered.append(
            TokenizedExample(
                example,
                tuple(
                    (Vocabulary.START, *vocabulary.encode(words), Vocabulary.END)
                    for words in captions
                    if words
                ),
                said.isdisjoint(("left", "right")),
            )
        )
    return [item for item in numbered if item.captions]


def pad_captions(
    captions: Sequence[Sequence[int]], length: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Split captions into what the decoder reads and what it must predict.

    Args:
        captions: Word numbers, boundary tokens included.
        length: T; by default what the longest needs.

    Returns:
        Two arrays `[N, T]`, int32, padded with zeros at the end: all words but the
        last, and all but the first.
    """
    if length is None:
        length = max(map(len, captions)) - 1
    words = np.full((2, len(captions), length), Vocabulary.PADDING, np.int32)
    for row, caption in enumerate(captions):
        words[0, row, : len(caption) - 1] = caption[:-1]
        words[1, row, : len(caption) - 1] = caption[1:]
    return words[0], words[1]


class SeededBatches(keras.utils.PyDataset, ABC):
    """Batches whose order depends on the seed and the epoch alone.

    A resumed run therefore sees the very batches that it would have seen.

    Args:
        seed: Decides the order.
        one_shape: Whether all batches have the shape of the largest, which devices
            can share evenly; see `needs_static_shapes`. What fills them up is zero,
            its words are padding.
    """

    def __init__(self, seed: int, one_shape: bool = False) -> None:
        super().__init__()
        self._seed = seed
        self._one_shape = one_shape
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Shuffle for an epoch, counted from zero."""
        self._epoch = epoch
        self._shuffle(np.random.default_rng((self._seed, epoch)))

    @abstractmethod
    def _shuffle(self, generator: np.random.Generator) -> None:
        """Decide what the batches of an epoch are."""


class DerivedBatches(SeededBatches, ABC):
    """Batches made from others, one of each, in their order and by their seed.

    Args:
        batches: The others; shuffled for an epoch as these are.
    """

    def __init__(self, batches: SeededBatches) -> None:
        self._batches = batches
        super().__init__(batches._seed, batches._one_shape)

    def start_epoch(self, epoch: int) -> None:
        """Shuffle for an epoch, counted from zero."""
        self._batches.start_epoch(epoch)
        super().start_epoch(epoch)

    def _shuffle(self, generator: np.random.Generator) -> None:
        """Leave the order to the others."""

    def __len__(self) -> int:
        return len(self._batches)


def _most_and_longest(examples: Sequence[TokenizedExample]) -> tuple[int, int]:
    """Count the captions of the picture with most, and the words of the longest."""
    most = max(len(item.captions) for item in examples)
    longest = max(len(caption) for item in examples for caption in item.captions)
    return most, longest - 1


class CaptionBatches(SeededBatches):
    """Whole captions with the features of their pictures, bucketed by length.

    Each item is `([features, words], next_words)`: `[N, feature size]` float32,
    `[N, T]` int32 and `[N, T]` int32. The features of a batch are fetched when the
    batch is.

    Args:
        features: Picture name → feature vector.
        examples: The pictures and their captions; all must have features.
        batch_size: Captions in a batch.
        seed: Decides the order.
        one_shape: Whether all batches have one shape; see `SeededBatches`.
    """

    def __init__(
        self,
        features: Mapping[str, np.ndarray],
        examples: Sequence[TokenizedExample],
        batch_size: int,
        seed: int,
        one_shape: bool = False,
    ) -> None:
        self._features = features
        self._captions = [
            (item.example.name, caption)
            for item in examples
            for caption in item.captions
        ]
        self._batch_size = batch_size
        _, self._longest = _most_and_longest(examples)
        super().__init__(seed, one_shape)

    def _shuffle(self, generator: np.random.Generator) -> None:
        # Captions of one length together leave hardly anything to pad.
        lengths = np.array([len(caption) for _, caption in self._captions])
        order = np.lexsort((generator.random(len(lengths)), lengths))
        count = max(1, round(len(order) / self._batch_size))
        batches = np.array_split(order, count)
        self._batches = [batches[place] for place in generator.permutation(count)]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(
        self, index: int
    ) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        chosen = [self._captions[number] for number in self._batches[index]]
        captions = [caption for _, caption in chosen]
        features = np.stack([self._features[name] for name, _ in chosen])
        count, length = len(chosen), None
        if self._one_shape:
            count = whole_shares(max(map(len, self._batches)))
            length = self._longest
        captions += [_NO_WORDS] * (count - len(captions))
        words, next_words = pad_captions(captions, length)
        return (pad_batch(features, count), words), next_words


class _Change(NamedTuple):
    """How a picture is changed: what part of it is taken, and whether mirrored."""

    zoom: np.ndarray
    corner: np.ndarray
    mirrored: bool


class PictureBatches(SeededBatches):
    """Pictures, lightly changed, with all their captions: for training the encoder.

    Each item is `([pixels, words], next_words)`: `[N, size, size, 3]` float32 0–255,
    `[N, K, T]` int32 and `[N, K, T]` int32, where K is the largest number of
    captions of a picture in the batch. Pictures that other machines compute are left
    black; see `own_rows`.

    Args:
        examples: The pictures and their captions.
        image_size: Height and width that the encoder reads.
        batch_size: Pictures in a batch.
        largest_zoom: A random part of each picture is taken and enlarged up to this
            much; 1 takes the whole.
        mirror: Whether half of the pictures are mirrored, except those whose
            captions speak of left or right.
        seed: Decides the order and the changes.
        one_shape: Whether all batches have one shape; see `SeededBatches`.
    """

    def __init__(
        self,
        examples: Sequence[TokenizedExample],
        image_size: int,
        batch_size: int,
        largest_zoom: float,
        mirror: bool,
        seed: int,
        one_shape: bool = False,
    ) -> None:
        self._examples = examples
        self._image_size = image_size
        self._batch_size = batch_size
        self._largest_zoom = largest_zoom
        self._mirror = mirror
        self._largest = _most_and_longest(examples)
        super().__init__(seed, one_shape)

    def _shuffle(self, generator: np.random.Generator) -> None:
        count = max(1, round(len(self._examples) / self._batch_size))
        self._batches = np.array_split(
            generator.permutation(len(self._examples)), count
        )

    def __len__(self) -> int:
        return len(self._batches)

    def names(self, index: int) -> list[str]:
        """Return the names of the pictures of a batch."""
        return [self._examples[number].example.name for number in self._batches[index]]

    def __getitem__(
        self, index: int
    ) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        chosen = [self._examples[number] for number in self._batches[index]]
        generator = np.random.default_rng((self._seed, self._epoch, index))
        if self._one_shape:
            pictures = whole_shares(max(map(len, self._batches)))
            captions, length = self._largest
        else:
            pictures = len(chosen)
            captions, length = _most_and_longest(chosen)
        size = self._image_size
        pixels = np.zeros((pictures, size, size, 3), np.float32)
        own = range(pictures)[own_rows(pictures)]
        for row, item in enumerate(chosen):
            # Chance is drawn for those, too, that other machines read.
            change = self._draw_change(item, generator)
            if row in own:
                pixels[row] = self._read(item, change)
        rows = [
            caption
            for item in chosen
            for caption in (
                *item.captions,
                *[_NO_WORDS] * (captions - len(item.captions)),
            )
        ]
        rows += [_NO_WORDS] * (pictures * captions - len(rows))
        words, next_words = pad_captions(rows, length)
        shape = (pictures, captions, -1)
        return (pixels, words.reshape(shape)), next_words.reshape(shape)

    def _draw_change(
        self, item: TokenizedExample, generator: np.random.Generator
    ) -> _Change:
        zoom = generator.uniform(1, self._largest_zoom, 2)
        corner = generator.uniform(0, 1, 2)
        mirrored = self._mirror and item.may_be_mirrored and generator.random() < 0.5
        return _Change(zoom, corner, mirrored)

    def _read(self, item: TokenizedExample, change: _Change) -> np.ndarray:
        size = self._image_size
        picture = open_picture(item.example.path, at_least=(size, size))
        full = np.array(picture.size)
        part = full / change.zoom
        left, top = (full - part) * change.corner
        box = (left, top, left + part[0], top + part[1])
        pixels = np.asarray(
            picture.resize((size, size), Image.Resampling.BILINEAR, box=box)
        )
        return pixels[:, ::-1] if change.mirrored else pixels
