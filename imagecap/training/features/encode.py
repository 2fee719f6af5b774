"""Pictures through an encoder: the next ones are read while the network works."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.model.litert import THREADS, load_network
from imagecap.pictures.reading import PictureError, encoder_pixels, open_picture
from imagecap.progress import progress, progress_bar
from imagecap.training.features.prefetch import prefetch
from imagecap.training.networks.devices import whole_shares
from imagecap.training.networks.litert_conversion import convert
from imagecap.training.networks.static_shapes import needs_static_shapes, pad_batch

# Small networks are fastest while what their layers pass on stays in the cache.
_BATCH_SIZE = 16
WORTH_CONVERTING = 2000
"""For as many pictures LiteRT, which saves 5 to 10 ms on each, is worth the about ten
seconds that it takes to convert a network for it."""


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
    with (
        progress_bar("Extracting features", len(examples)) as bar,
        _fastest(encoder, len(examples)) as compute,
    ):
        for batch, read_batch in zip(batches, prefetch(read, batches), strict=True):
            pixels = {
                example.name: one
                for example, one in zip(batch, read_batch, strict=True)
                if isinstance(one, np.ndarray)
            }
            arrays: dict[str, np.ndarray] = {}
            if pixels:
                stacked = np.stack(list(pixels.values())).astype(np.float32)
                arrays = dict(zip(pixels, compute(stacked), strict=True))
            yield EncodedBatch(
                arrays,
                tuple(str(one) for one in read_batch if isinstance(one, PictureError)),
            )
            bar.update(len(batch))


def find_unreadable(examples: Sequence[Example], size: int) -> dict[str, str]:
    """Read pictures as training does; shows progress with the time left.

    Args:
        examples: The pictures.
        size: Height and width that the encoder reads.

    Returns:
        Picture name → why it cannot be read, in a sentence, for those that cannot.
    """

    def read(example: Example) -> np.ndarray | PictureError:
        return _pixels_or_error(example.path, size)

    results = zip(examples, prefetch(read, examples), strict=True)
    return {
        example.name: str(result)
        for example, result in progress(results, "Reading pictures", len(examples))
        if isinstance(result, PictureError)
    }


@contextmanager
def _fastest(
    encoder: keras.Model, pictures: int
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Choose what computes the features of so many pictures soonest.

    All compute the same, to rounding.
    """
    if (
        pictures < WORTH_CONVERTING
        or keras.backend.backend() != "tensorflow"
        or keras.distribution.list_devices("gpu")
    ):
        yield partial(_predict, encoder)
        return
    # Windows does not delete a file that is still mapped.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        path = Path(temporary) / "encoder.tflite"
        convert(encoder, path)
        # Kept, since a signature does not keep its interpreter alive.
        interpreter, run = load_network(path, THREADS)
        yield lambda pixels: next(iter(run(pixels=pixels).values()))
        del interpreter


def _predict(encoder: keras.Model, pixels: np.ndarray) -> np.ndarray:
    count = len(pixels)
    # The last batch may be smaller.
    if needs_static_shapes():
        pixels = pad_batch(pixels, whole_shares(_BATCH_SIZE))
    return np.asarray(encoder.predict_on_batch(pixels))[:count]


def _pixels_or_error(path: Path, size: int) -> np.ndarray | PictureError:
    try:
        return encoder_pixels(open_picture(path, at_least=(size, size)), size)
    except PictureError as error:
        return error
