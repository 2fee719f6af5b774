"""A photograph in, captions out: the one class that serves every user of a model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from imagecap.model.bulk import try_reading, use_many, use_readable
from imagecap.model.bundle import (
    Bundle,
    find_bundle,
    read_bundle,
)
from imagecap.model.cache import cache_path
from imagecap.model.caption import Caption
from imagecap.model.describer import (
    Described,
    Describer,
    load_decoder,
    load_encoder,
)
from imagecap.model.experts import load_experts, share_out
from imagecap.model.litert import THREADS
from imagecap.model.picture_encoder import Picture
from imagecap.model.trial import ensure_tried
from imagecap.pictures.reading import PictureError

if TYPE_CHECKING:
    from imagecap.model.corrected_words import (
        CorrectedWords,
        Corrections,
    )
    from imagecap.model.embedding import Embedding

DEFAULT_MODEL = "default"
_Picture = TypeVar("_Picture", bound=Picture)


class Captioner:
    """Describes photographs with the model of a bundle. Safe to use from threads.

    Example:
        >>> captioner = Captioner.load()
        >>> captioner.caption("photo.jpg").text  # doctest: +SKIP
        'A dog runs through the grass.'

    Args:
        bundle: The model.
        threads: How many compute.

    Attributes:
        bundle: The model.
        experts: What captions pictures of other kinds, and the model itself as the
            last.
    """

    def __init__(self, bundle: Bundle, threads: int = THREADS) -> None:
        self.bundle = bundle
        self._threads = threads
        self._decoding = bundle.manifest.decoding
        # LiteRT keeps Python's lock while it loads networks; what is hashed before and
        # inflated meanwhile does not need it.
        with ThreadPoolExecutor(1) as beside:
            experts = beside.submit(load_experts, bundle)
            self._encoder = load_encoder(bundle, threads)
            decoder = load_decoder(bundle, threads)
        self.experts = experts.result()
        self._own = self.experts[-1]
        others = [load_decoder(one.bundle, threads) for one in self.experts[:-1]]
        self._describer = Describer(
            self._encoder,
            self.experts,
            [*others, decoder],
            ThreadPoolExecutor(1) if threads > 1 else None,
        )
        self._remembered = self._own.remembered()
        self._learns_at_once = False
        self._corrected = self._correct_by(None)

    @classmethod
    def load(cls, model: str | Path | None = None) -> Captioner:
        """Load a model; one that is not known is tried first, see `ensure_tried`.

        Args:
            model: The name of a model or the path of its folder; by default the
                model that comes with imagecap.

        Raises:
            BundleError: If there is no such model, or it is damaged.
        """
        bundle = read_bundle(find_bundle(model or DEFAULT_MODEL))
        ensure_tried(bundle)
        return cls(bundle)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.bundle.name

    def learn_at_once(self, corrections: Corrections | None) -> None:
        """Let what people said of pictures help with those that are like them.

        Args:
            corrections: What they said, such as `Library.corrections` gives, beside
                what the model itself remembers; `None` for nothing, as at first. They
                have no say in a model without a word detector.
        """
        self._corrected = self._correct_by(corrections)
        self._learns_at_once = None not in (corrections, self._corrected)

    @property
    def learns_at_once(self) -> bool:
        """Whether corrections have a say."""
        return self._learns_at_once

    def _correct_by(self, corrections: Corrections | None) -> CorrectedWords | None:
        detector, remembered = self._own.word_detector, self._remembered
        if detector is None or not (remembered or corrections is not None):
            return None
        from imagecap.model.corrected_words import CorrectedWords
        from imagecap.model.memory import Remembered

        return CorrectedWords(
            Remembered(remembered, corrections),
            lambda: self.embedding,
            detector,
            self.bundle.vocabulary,
        )

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
        return self.describe(picture, count, beam_width).captions

    def describe(
        self, picture: Picture, count: int = 1, beam_width: int | None = None
    ) -> Described:
        """Describe a picture and keep its features; see `candidates`.

        Raises:
            PictureError: If the file cannot be read as a picture.
        """
        pixels = self._encoder.read(picture)[np.newaxis]
        decoding = self._decoding.for_captions(count, beam_width)
        corrected = self._corrected
        return self._describer.describe(pixels, count, decoding, corrected)[0]

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
        for path, result in self.describe_many(paths, count, beam_width):
            yield path, result.captions if isinstance(result, Described) else result

    def describe_together(
        self, paths: Sequence[Path], count: int = 1
    ) -> list[Described | PictureError]:
        """Describe a few picture files on this thread, in one search.

        Args:
            paths: The files.
            count: How many captions each shall have.

        Returns:
            For each its captions and features, or the error that says why it has none.
        """
        decoding, corrected = self._decoding.for_captions(count, None), self._corrected
        return use_readable(
            [try_reading(self._encoder.read, path) for path in paths],
            lambda pixels: self._describer.describe(pixels, count, decoding, corrected),
        )

    def on_one_core(self) -> Captioner:
        """Load the networks once more, to compute in one thread.

        Networks that share each step among all cores wait for each other at its end;
        where much is to be done, one of these for each core does more.

        Returns:
            A captioner that says the same.

        Raises:
            BundleError: If the files are no longer those that were loaded first.
        """
        other = copy.copy(self)
        other._describer = self._copy_describer()
        return other

    def describe_many(
        self,
        pictures: Iterable[_Picture],
        count: int = 1,
        beam_width: int | None = None,
    ) -> Iterator[tuple[_Picture, Described | PictureError]]:
        """Describe many pictures, in order, and keep their features.

        Args:
            pictures: Picture files, or pictures in memory.
            count: How many captions each shall have.
            beam_width: Captions kept in parallel by the search.

        Yields:
            Each picture with its captions and features, or with the error that says why
            it has none.
        """
        decoding, corrected = (
            self._decoding.for_captions(count, beam_width),
            self._corrected,
        )

        def use(describer: Describer) -> Callable[[np.ndarray], list[Described]]:
            return lambda pixels: describer.describe(pixels, count, decoding, corrected)

        return use_many(
            pictures,
            self._encoder.read,
            use(self._describer),
            lambda: use(self._copy_describer()),
            self._threads,
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
        from imagecap.model.keywords import choose_keywords

        features = self._encoder.encode(self._encoder.read(picture)[np.newaxis])
        place = share_out([one.kind for one in self.experts], features)[0]
        expert = self.experts[place]
        expected = expert.expect(features)
        if expected is None:
            return ()
        vocabulary = expert.bundle.vocabulary
        return choose_keywords(expected.weights[0], vocabulary, limit, threshold)

    def embed(self, picture: Picture) -> np.ndarray:
        """Give the vector by which a picture is compared with others, `[L]`, float32.

        Raises:
            PictureError: If the file cannot be read as a picture.
        """
        features = self._encoder.encode(self._encoder.read(picture)[np.newaxis])
        vector: np.ndarray = self.embedding.embed(features)[0]
        return vector

    @cached_property
    def embedding(self) -> Embedding:
        """What makes vectors of this model's features."""
        return self._own.make_embedding(cache_path("embeddings", self.bundle))

    def encode_many(
        self, paths: Iterable[Path]
    ) -> Iterator[tuple[Path, np.ndarray | PictureError]]:
        """Compute the features of many picture files; see `PictureEncoder`."""
        return self._encoder.encode_many(paths)

    def _copy_describer(self) -> Describer:
        """Load the networks once more, to compute in one thread.

        Raises:
            BundleError: If they are no longer those that were loaded first.
        """
        encoder = load_encoder(self.bundle, 1)
        decoders = [load_decoder(one.bundle, 1) for one in self.experts]
        return Describer(encoder, self.experts, decoders)
