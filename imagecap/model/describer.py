"""From pixels to captions, by one set of a model's networks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

import numpy as np

from imagecap.model.begun import Begun
from imagecap.model.bundle import DECODER_START, DECODER_STEP, ENCODER, Bundle
from imagecap.model.caption import Caption
from imagecap.model.decoding import Decoding
from imagecap.model.experts import Expert, share_out
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.picture_encoder import PictureEncoder

if TYPE_CHECKING:
    from imagecap.model.corrected_words import CorrectedWords

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Described(NamedTuple):
    """A picture described.

    Attributes:
        captions: Its captions, the best first.
        features: The encoder's output for it, `[...]`, float32.
    """

    captions: tuple[Caption, ...]
    features: np.ndarray


class Describer:
    """Describes pictures with networks that are loaded. Safe to use from threads.

    Args:
        encoder: The model's encoder.
        experts: Its experts, itself as the last.
        decoders: The decoder of each.
        beside: Finds out what the features tell of a picture while the decoder begins;
            by default that comes first.
    """

    def __init__(
        self,
        encoder: PictureEncoder,
        experts: Sequence[Expert],
        decoders: Sequence[LiteRTDecoder],
        beside: Executor | None = None,
    ) -> None:
        self._beside = beside
        self._encoder = encoder
        self._experts = experts
        self._decoders = decoders
        # An interpreter serves one caller at a time.
        self._lock = threading.Lock()

    def describe(
        self,
        pixels: np.ndarray,
        count: int,
        decoding: Decoding,
        corrected: CorrectedWords | None = None,
    ) -> list[Described]:
        """Describe pictures.

        Args:
            pixels: `[N, size, size, 3]`, uint8, RGB.
            count: How many captions each shall have at most.
            decoding: How captions are found.
            corrected: What people have said of other pictures; it has no say where
                there is no word detector, and none in pictures that an expert knows
                besides the model itself.
        """
        features = self._encoder.encode(pixels)
        places = share_out([one.kind for one in self._experts], features)
        own = len(self._experts) - 1
        found: list[Sequence[Caption]] = [()] * len(features)
        for place in np.unique(places).tolist():
            some = np.flatnonzero(places == place)
            said = corrected if place == own else None
            # Features of grids are large, and mostly all are for one.
            theirs = features if len(some) == len(features) else features[some]
            captions = self._caption(place, theirs, decoding, count, said)
            for picture, own_captions in zip(some.tolist(), captions, strict=True):
                found[picture] = own_captions
        return [
            Described(tuple(captions), own_features)
            for captions, own_features in zip(found, features, strict=True)
        ]

    def _caption(
        self,
        place: int,
        features: np.ndarray,
        decoding: Decoding,
        count: int,
        corrected: CorrectedWords | None,
    ) -> list[list[Caption]]:
        """Caption pictures, all by one expert."""
        expert, confidence = self._experts[place], self._experts[place].confidence
        expected = self._begin(expert.expect, features, corrected)
        outside = None
        if confidence is not None:
            outside = self._begin(confidence.is_outside, features)
        with self._lock:
            beams = decoding.search.width if len(features) == 1 else 1
            begun = Begun(self._decoders[place], features, beams)
            # Before the expected words are waited for.
            seen = expert.look_at(features)
            found = expert.decode(begun, features, decoding, expected(), seen)
        found = [captions[:count] for captions in found]
        if confidence is not None and outside is not None:
            penalty = decoding.search.length_penalty
            found = confidence.judge(found, outside(), penalty)
        return found

    def _begin(
        self,
        work: Callable[_Arguments, _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> Callable[[], _Result]:
        """Begin what is wanted later; what is returned gives its result."""
        if self._beside is not None:
            return self._beside.submit(work, *args, **kwargs).result
        result = work(*args, **kwargs)
        return lambda: result


def load_encoder(bundle: Bundle, threads: int) -> PictureEncoder:
    """Verify and load a model's encoder.

    Raises:
        BundleError: If it is damaged, or no longer that of the model.
    """
    bundle.verify(ENCODER)
    return PictureEncoder(bundle, threads)


def load_decoder(bundle: Bundle, threads: int) -> LiteRTDecoder:
    """Verify and load a decoder.

    Raises:
        BundleError: If it is damaged, or no longer that of the model.
    """
    bundle.verify(DECODER_START, DECODER_STEP)
    return LiteRTDecoder(bundle, threads)
