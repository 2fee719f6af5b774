"""Picture files through a model's encoder: the next are read while it works."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from imagecap.model.bundle import Bundle
from imagecap.model.litert import LiteRTEncoder
from imagecap.pictures.reading import (
    PictureError,
    encoder_pixels,
    open_picture,
    upright_rgb,
)

_PICTURES_AT_ONCE = 8
_READERS = os.cpu_count() or 1

Picture = str | os.PathLike[str] | Image.Image
_Result = TypeVar("_Result")
_Queue = deque[tuple[Path, "Future[np.ndarray | PictureError]"]]


class PictureEncoder:
    """The encoder of a bundle, which reads picture files. Safe to use from threads.

    Args:
        bundle: The model; only its encoder needs to be there.

    Raises:
        BundleError: If the encoder cannot be loaded.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._size = bundle.image_size
        self._encoder = LiteRTEncoder(bundle)
        # An interpreter serves one caller at a time.
        self._lock = threading.Lock()

    def read(self, picture: Picture) -> np.ndarray:
        """Read a picture as the encoder wants it, `[size, size, 3]`, uint8, RGB.

        Raises:
            PictureError: If the file cannot be read as a picture.
        """
        size = self._size
        if isinstance(picture, Image.Image):
            return encoder_pixels(upright_rgb(picture), size)
        return encoder_pixels(open_picture(picture, at_least=(size, size)), size)

    def encode(self, pixels: np.ndarray) -> np.ndarray:
        """Compute the features of pictures.

        Args:
            pixels: `[N, size, size, 3]`, uint8, RGB.

        Returns:
            `[N, ...]`, float32.
        """
        with self._lock:
            return self._encoder.encode(pixels)

    def encode_many(
        self, paths: Iterable[Path]
    ) -> Iterator[tuple[Path, np.ndarray | PictureError]]:
        """Compute the features of many picture files, in order.

        Args:
            paths: The files.

        Yields:
            Each path with its features, float32, or with the error that says why it
            has none.
        """
        return self.use_many(paths, lambda pixels: list(self.encode(pixels)))

    def use_many(
        self, paths: Iterable[Path], use: Callable[[np.ndarray], Sequence[_Result]]
    ) -> Iterator[tuple[Path, _Result | PictureError]]:
        """Read picture files while those before them are used, a few together.

        Args:
            paths: The files.
            use: From the pixels of some, `[N, size, size, 3]`, to a result for each.

        Yields:
            Each path with its result, or with the error that says why it has none.
        """

        def read(path: Path) -> np.ndarray | PictureError:
            try:
                return self.read(path)
            except PictureError as error:
                return error

        with ThreadPoolExecutor(_READERS) as pool:
            reading: _Queue = deque()
            for path in paths:
                reading.append((path, pool.submit(read, path)))
                if len(reading) >= 2 * _PICTURES_AT_ONCE:
                    yield from _use_first(reading, use)
            while reading:
                yield from _use_first(reading, use)


def _use_first(
    reading: _Queue, use: Callable[[np.ndarray], Sequence[_Result]]
) -> Iterator[tuple[Path, _Result | PictureError]]:
    """Take the first few pictures of a queue and use them together."""
    chosen = [reading.popleft() for _ in range(min(len(reading), _PICTURES_AT_ONCE))]
    read = [(path, future.result()) for path, future in chosen]
    pictures = [pixels for _, pixels in read if isinstance(pixels, np.ndarray)]
    results = iter(use(np.stack(pictures)) if pictures else ())
    for path, pixels in read:
        yield path, pixels if isinstance(pixels, PictureError) else next(results)
