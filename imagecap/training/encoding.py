"""Pictures through an encoder: the next ones are read while the network works."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from imagecap.images import PictureError, encoder_pixels, open_picture
from imagecap.training.datasets import Example
from imagecap.training.prefetch import prefetch

_BATCH_SIZE = 32


@dataclass(frozen=True)
class EncodedBatch:
    """What became of a few pictures.

    Attributes:
        arrays: Picture name → features, float32, for those that could be read.
        unreadable: One sentence for each of the others.
    """

    arrays: dict[str, np.ndarray]
    unreadable: tuple[str, ...]


def encode_pictures(
    encoder: keras.Model, examples: Sequence[Example]
) -> Iterator[EncodedBatch]:
    """Compute the features of pictures; shows progress with the time left.

    Args:
        encoder: From pixels to features.
        examples: The pictures.
    """
    size = encoder.input_shape[1]

    def read(batch: Sequence[Example]) -> list[np.ndarray | PictureError]:
        return [_pixels_or_error(example.path, size) for example in batch]

    batches = [
        examples[first : first + _BATCH_SIZE]
        for first in range(0, len(examples), _BATCH_SIZE)
    ]
    with tqdm(
        total=len(examples), desc="Extracting features", unit="img", leave=False
    ) as bar:
        for batch, read_batch in zip(batches, prefetch(read, batches), strict=True):
            pixels = {
                example.name: one
                for example, one in zip(batch, read_batch, strict=True)
                if isinstance(one, np.ndarray)
            }
            arrays: dict[str, np.ndarray] = {}
            if pixels:
                stacked = np.stack(list(pixels.values())).astype(np.float32)
                features = np.asarray(encoder.predict_on_batch(stacked))
                arrays = dict(zip(pixels, features, strict=True))
            yield EncodedBatch(
                arrays,
                tuple(str(one) for one in read_batch if isinstance(one, PictureError)),
            )
            bar.update(len(batch))


def _pixels_or_error(path: Path, size: int) -> np.ndarray | PictureError:
    try:
        return encoder_pixels(open_picture(path, at_least=(size, size)), size)
    except PictureError as error:
        return error
