"""From pixels to captions, by one set of a model's networks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imagecap.model.bundle import Bundle
from imagecap.model.caption import Caption
from imagecap.model.confidence import Confidence
from imagecap.model.decoding import Decoding, decode
from imagecap.model.dual_encoder import DualEncoder
from imagecap.model.language_model import LanguageModel
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.picture_encoder import PictureEncoder
from imagecap.model.word_detector import WordDetector

if TYPE_CHECKING:
    from imagecap.model.corrected_words import CorrectedWords


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
        bundle: The model.
        encoder: Its encoder.
        decoder: Its decoder.
        word_detector: Its word detector, if it has one.
        language: Its language model, if it has one.
        dual_encoder: Its dual encoder, if it has one.
        confidence: What it knows of its captions' confidence, if anything.
    """

    def __init__(
        self,
        bundle: Bundle,
        encoder: PictureEncoder,
        decoder: LiteRTDecoder,
        word_detector: WordDetector | None,
        language: LanguageModel | None,
        dual_encoder: DualEncoder | None,
        confidence: Confidence | None,
    ) -> None:
        self._vocabulary = bundle.vocabulary
        self._encoder = encoder
        self._decoder = decoder
        self._word_detector = word_detector
        self._language = language
        self._dual_encoder = dual_encoder
        self._confidence = confidence
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
                there is no word detector.
        """
        expected = None
        features = self._encoder.encode(pixels)
        if self._word_detector is not None:
            expected = self._word_detector.detect(features, self._vocabulary)
            if corrected is not None:
                expected = corrected.correct(expected, features)
        with self._lock:
            found = decode(
                self._decoder,
                features,
                self._vocabulary,
                decoding,
                expected,
                self._language,
                self._dual_encoder,
            )
        found = [captions[:count] for captions in found]
        if self._confidence is not None:
            penalty = decoding.search.length_penalty
            found = self._confidence.judge(found, features, penalty)
        return [
            Described(tuple(captions), own)
            for captions, own in zip(found, features, strict=True)
        ]
