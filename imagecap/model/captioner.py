"""A photograph in, captions out: the one class that serves every user of a model."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from imagecap.model.beam_search import BeamSettings, beam_search
from imagecap.model.bundle import Bundle, find_bundle, load_bundle
from imagecap.model.caption import Caption
from imagecap.model.confidence import load_confidence
from imagecap.model.keywords import choose_keywords
from imagecap.model.litert import LiteRTDecoder, LiteRTEncoder
from imagecap.model.word_detector import load_word_detector
from imagecap.pictures.reading import (
    PictureError,
    encoder_pixels,
    open_picture,
    upright_rgb,
)

DEFAULT_MODEL = "default"
_PICTURES_AT_ONCE = 8
_READERS = os.cpu_count() or 1

Picture = str | os.PathLike[str] | Image.Image
_Result = TypeVar("_Result")


class Captioner:
    """Describes photographs with the model of a bundle. Safe to use from threads.

    Example:
        >>> captioner = Captioner.load()
        >>> captioner.caption("photo.jpg").text  # doctest: +SKIP
        'A dog runs through the grass.'

    Args:
        bundle: The model.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._encoder = LiteRTEncoder(bundle)
        self._decoder = LiteRTDecoder(bundle)
        self._word_detector = load_word_detector(bundle)
        self._confidence = load_confidence(bundle)
        # An interpreter serves one caller at a time.
        self._lock = threading.Lock()

    @classmethod
    def load(cls, model: str | Path | None = None) -> Captioner:
        """Load a model.

        Args:
            model: The name of a model or the path of its folder; by default the
                model that comes with imagecap.

        Raises:
            BundleError: If there is no such model, or it is damaged.
        """
        return cls(load_bundle(find_bundle(model or DEFAULT_MODEL)))

    @property
    def name(self) -> str:
        """The model's name."""
        return self.bundle.name

    def caption(self, picture: Picture, beam_width: int | None = None) -> Caption:
        """Describe a picture in one sentence.

        Args:
            picture: A picture file, or a picture in memory.
            beam_width: Captions kept in parallel by the search; 1 is greedy search.
                By default as many as suit the model.

        Raises:
            PictureError: If the file cannot be read as a picture.
        """
        return self.candidates(picture, 1, beam_width)[0]

    def candidates(
        self, picture: Picture, count: int, beam_width: int | None = None
    ) -> tuple[Caption, ...]:
        """Describe a picture in several ways.

        Args:
            picture: A picture file, or a picture in memory.
            count: How many captions are wanted; the search is at least as wide.
            beam_width: Captions kept in parallel by the search.

        Returns:
            Up to `count` captions, the best first.

        Raises:
            PictureError: If the file cannot be read as a picture.
        """
        pixels = self._pixels(picture)[np.newaxis]
        return self._search(pixels, count, beam_width)[0]

    def caption_many(
        self, paths: Iterable[Path], count: int = 1, beam_width: int | None = None
    ) -> Iterator[tuple[Path, tuple[Caption, ...] | PictureError]]:
        """Describe many picture files, in order; reading overlaps with describing.

        Args:
            paths: The files.
            count: How many captions each shall have.
            beam_width: Captions kept in parallel by the search.

        Yields:
            Each path with its captions, the best first, or with the error that says
            why it has none.
        """
        return self._read_ahead(
            paths, lambda pixels: self._search(pixels, count, beam_width)
        )

    def keywords(
        self, picture: Picture, limit: int, threshold: float
    ) -> tuple[str, ...]:
        """Name what the word detector finds in a picture; see `choose_keywords`.

        Args:
            picture: A picture file, or a picture in memory.
            limit: How many keywords there are at most.
            threshold: The least weight of a word in people's captions, between 0 and 1.

        Returns:
            The keywords, the surest first; none of a model without a word detector.

        Raises:
            PictureError: If the file cannot be read as a picture.
        """
        if self._word_detector is None:
            return ()
        vocabulary = self.bundle.vocabulary
        pixels = self._pixels(picture)[np.newaxis]
        with self._lock:
            features = self._encoder.encode(pixels)
            expected = self._word_detector.detect(features, vocabulary)
        return choose_keywords(expected.weights[0], vocabulary, limit, threshold)

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

        def encode(pixels: np.ndarray) -> list[np.ndarray]:
            with self._lock:
                return list(self._encoder.encode(pixels))

        return self._read_ahead(paths, encode)

    def _read_ahead(
        self, paths: Iterable[Path], use: Callable[[np.ndarray], Sequence[_Result]]
    ) -> Iterator[tuple[Path, _Result | PictureError]]:
        """Read pictures while those before them are used, a few together."""

        def read(path: Path) -> np.ndarray | PictureError:
            try:
                return self._pixels(path)
            except PictureError as error:
                return error

        with ThreadPoolExecutor(_READERS) as pool:
            reading: deque[tuple[Path, Future[np.ndarray | PictureError]]] = deque()
            for path in paths:
                reading.append((path, pool.submit(read, path)))
                if len(reading) >= 2 * _PICTURES_AT_ONCE:
                    yield from _use_first(reading, use)
            while reading:
                yield from _use_first(reading, use)

    def _pixels(self, picture: Picture) -> np.ndarray:
        size = self.bundle.image_size
        if isinstance(picture, Image.Image):
            return encoder_pixels(upright_rgb(picture), size)
        return encoder_pixels(open_picture(picture, at_least=(size, size)), size)

    def _search(
        self, pixels: np.ndarray, count: int, beam_width: int | None
    ) -> list[tuple[Caption, ...]]:
        settings = self.beam_settings(count, beam_width)
        vocabulary, expected = self.bundle.vocabulary, None
        with self._lock:
            features = self._encoder.encode(pixels)
            if self._word_detector is not None:
                expected = self._word_detector.detect(features, vocabulary)
            found = beam_search(self._decoder, features, vocabulary, settings, expected)
        if self._confidence is not None:
            found = self._confidence.judge(found, features, settings.length_penalty)
        return [tuple(captions[:count]) for captions in found]

    def beam_settings(self, count: int, beam_width: int | None) -> BeamSettings:
        """Give the search for captions: the model's own, or the same of another width.

        Args:
            count: How many captions are wanted; the search is at least as wide.
            beam_width: Captions kept in parallel.

        Raises:
            ValueError: If a number is less than one.
        """
        if count < 1 or (beam_width is not None and beam_width < 1):
            raise ValueError(
                f"At least one caption and a beam of one are needed. Received: "
                f"count={count}, beam_width={beam_width}"
            )
        own = self.bundle.beam_settings
        return replace(own, width=max(count, beam_width or own.width))


def _use_first(
    reading: deque[tuple[Path, Future[np.ndarray | PictureError]]],
    use: Callable[[np.ndarray], Sequence[_Result]],
) -> Iterator[tuple[Path, _Result | PictureError]]:
    """Take the first few pictures of a queue and use them together."""
    chosen = [reading.popleft() for _ in range(min(len(reading), _PICTURES_AT_ONCE))]
    read = [(path, future.result()) for path, future in chosen]
    pictures = [pixels for _, pixels in read if isinstance(pixels, np.ndarray)]
    results = iter(use(np.stack(pictures)) if pictures else ())
    for path, pixels in read:
        yield path, pixels if isinstance(pixels, PictureError) else next(results)
