"""Picture files through a model's encoder."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from imagecap.model.bulk import use_many
from imagecap.model.bundle import ENCODER, Bundle
from imagecap.model.litert import THREADS, LiteRTEncoder
from imagecap.pictures.content import PictureContent
from imagecap.pictures.reading import (
    PictureError,
    encoder_pixels,
    open_picture,
    upright_rgb,
)

Picture = str | os.PathLike[str] | PictureContent | Image.Image


class PictureEncoder:
    """The encoder of a bundle, which reads picture files. Safe to use from threads.

    Args:
        bundle: The model; only its encoder needs to be there.
        threads: How many compute.

    Raises:
        BundleError: If the encoder cannot be loaded.
    """

    def __init__(self, bundle: Bundle, threads: int = THREADS) -> None:
        self._bundle = bundle
        self._size = bundle.image_size
        self._encoder = LiteRTEncoder(bundle, threads)
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
        # One by one: the cache has no room for what comes between of several pictures.
        found = [self._encode_one(one) for one in pixels]
        return np.concatenate(found) if len(found) > 1 else found[0]

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

        def copy() -> Callable[[np.ndarray], np.ndarray]:
            self._bundle.verify(ENCODER)
            return PictureEncoder(self._bundle, 1).encode

        return use_many(paths, self.read, self.encode, copy)

    def _encode_one(self, pixels: np.ndarray) -> np.ndarray:
        with self._lock:
            return self._encoder.encode(pixels[np.newaxis])
