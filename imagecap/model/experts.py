"""The parts of a model: each captions the pictures of a kind, with words of its own.

What is learned of pictures that are like none before need not replace what was known:
the encoder is the same for all, and for each picture one decoder has to be asked.

Source: Aljundi, Chakravarty and Tuytelaars 2017, "Expert gate: lifelong learning with a
network of experts"; their linear autoencoder is a subspace here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imagecap.model.beam_search import DecoderStep
from imagecap.model.bundle import MANIFEST, MEMORY, Bundle, BundleError, read_bundle
from imagecap.model.caption import Caption
from imagecap.model.confidence import (
    Confidence,
    OutOfDistribution,
    load_confidence,
    pooled,
)
from imagecap.model.decoding import Decoding, decode
from imagecap.model.dual_encoder import DualEncoder, Seen, load_dual_encoder
from imagecap.model.language_model import LanguageModel, load_language_model
from imagecap.model.rankers import ExpectedWords
from imagecap.model.word_detector import WordDetector, load_word_detector
from imagecap.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from imagecap.model.corrected_words import CorrectedWords, Correction
    from imagecap.model.embedding import Embedding


@dataclass(frozen=True)
class Kind:
    """Knows pictures of one kind by their features.

    Attributes:
        subspace: Near which these are.
        farthest: At most so far from it; see `OutOfDistribution.distance`.
    """

    subspace: OutOfDistribution
    farthest: float

    def has(self, features: np.ndarray) -> np.ndarray:
        """Tell which pictures are of the kind.

        Args:
            features: The encoder's output for them, `[N, ...]`, float32.

        Returns:
            `[N]`, bool.
        """
        near: np.ndarray = self.subspace.distance(pooled(features)) <= self.farthest
        return near


@dataclass(frozen=True)
class Expert:
    """What captions pictures, beside the networks; the model itself is one, too.

    Attributes:
        bundle: Where its networks are, its words and its decoding.
        kind: The pictures that it captions; `None` for the model itself, which
            captions all that no other expert does.
        word_detector: Its word detector, if it has one.
        language: Its language model, if it has one.
        dual_encoder: Its dual encoder, if it has one.
        confidence: What it knows of its captions' confidence, if anything.
    """

    bundle: Bundle
    kind: Kind | None
    word_detector: WordDetector | None
    language: LanguageModel | None
    dual_encoder: DualEncoder | None
    confidence: Confidence | None

    def expect(
        self, features: np.ndarray, corrected: CorrectedWords | None = None
    ) -> ExpectedWords | None:
        """Return the words that are expected of pictures; `None` without a detector.

        Args:
            features: The encoder's output for them, `[N, ...]`, float32.
            corrected: What people have said of other pictures, if that has a say.
        """
        if self.word_detector is None:
            return None
        expected = self.word_detector.detect(features, self.bundle.vocabulary)
        return expected if corrected is None else corrected.correct(expected, features)

    def look_at(self, features: np.ndarray) -> Seen | None:
        """Look at pictures, to compare captions with them; see `DualEncoder`.

        Args:
            features: The encoder's output for them, `[N, ...]`, float32.
        """
        return (
            None if self.dual_encoder is None else self.dual_encoder.look_at(features)
        )

    def decode(
        self,
        decoder: DecoderStep,
        features: np.ndarray,
        decoding: Decoding,
        expected: ExpectedWords | None,
        seen: Seen | None,
    ) -> list[list[Caption]]:
        """Find captions of pictures with all that it knows; see `decode`."""
        return decode(
            decoder,
            features,
            self.bundle.vocabulary,
            decoding,
            expected,
            self.language,
            seen,
        )

    def remembered(self) -> Sequence[Correction]:
        """Load what it remembers of pictures that it has learned from.

        Raises:
            BundleError: If that is damaged; the message names the file.
        """
        if MEMORY not in self.bundle.manifest.files:
            return ()
        from imagecap.model.memory import load_memory

        memory = load_memory(self.bundle, self.word_detector)
        return memory.corrections(self.bundle.vocabulary) if memory else ()

    def make_embedding(self, kept: Path | None = None) -> Embedding:
        """Make what gives vectors of its features; see `make_embedding`."""
        from imagecap.model.embedding import make_embedding

        judge = self.confidence
        known = None if judge is None else judge.out_of_distribution
        length = self.bundle.feature_shape[-1]
        return make_embedding(length, self.word_detector, known, kept)

    def with_words(self, vocabulary: Vocabulary, stand_ins: np.ndarray) -> Expert:
        """Return it with new words; its word detector stays as it is.

        Args:
            vocabulary: Its words and the new ones.
            stand_ins: For each new word the number of one that it is like, `[new]`.
        """
        language, matcher = self.language, self.dual_encoder
        return replace(
            self,
            bundle=replace(self.bundle, vocabulary=vocabulary),
            language=language and language.with_words(stand_ins),
            dual_encoder=matcher and matcher.with_words(stand_ins),
        )


def load_experts(bundle: Bundle) -> tuple[Expert, ...]:
    """Load all experts of a model, itself as the last.

    Raises:
        BundleError: If one is damaged; the message names the file.
    """
    return (*map(_load_expert, load_expert_bundles(bundle)), _load(bundle, None))


def load_expert_bundles(bundle: Bundle) -> list[Bundle]:
    """Read what experts a model has besides itself; they have no encoder.

    Their networks stay unverified.

    Raises:
        BundleError: If one is damaged; the message names the file.
    """
    found = []
    for record in bundle.manifest.experts or ():
        bundle.verify(f"{record.folder}/{MANIFEST}")
        folder = bundle.folder / record.folder
        expert = read_bundle(folder)
        if expert.feature_shape != bundle.feature_shape or expert.manifest.experts:
            raise BundleError(
                f"{folder / MANIFEST} is damaged: it does not suit the model that it "
                "is part of. Install the model again."
            )
        found.append(expert)
    return found


def share_out(kinds: list[Kind | None], features: np.ndarray) -> np.ndarray:
    """Tell who captions which picture.

    Args:
        kinds: Those of all experts of a model, `None` for the last.
        features: The encoder's output for pictures, `[N, ...]`, float32.

    Returns:
        The place of the first expert that knows each picture, `[N]`.
    """
    places = np.full(len(features), len(kinds) - 1)
    for place, kind in reversed([*enumerate(kinds)]):
        if kind is not None:
            places[kind.has(features)] = place
    return places


def _load_expert(bundle: Bundle) -> Expert:
    confidence = load_confidence(bundle)
    if confidence is None or confidence.out_of_distribution is None:
        raise BundleError(
            f"{bundle.folder / MANIFEST} is damaged: it does not say which pictures "
            "the expert knows. Install the model again."
        )
    kind = Kind(confidence.out_of_distribution, confidence.farthest)
    return _load(bundle, kind, confidence)


def _load(
    bundle: Bundle, kind: Kind | None, confidence: Confidence | None = None
) -> Expert:
    return Expert(
        bundle,
        kind,
        load_word_detector(bundle),
        load_language_model(bundle),
        load_dual_encoder(bundle),
        confidence or load_confidence(bundle),
    )
