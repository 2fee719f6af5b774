"""A finished model that learns from a few pictures, again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.model.beam_search import DecoderStep
from imagecap.model.bundle import Bundle
from imagecap.model.caption import Caption
from imagecap.model.caption_probability import mean_log_probabilities
from imagecap.model.confidence import load_confidence
from imagecap.model.corrected_words import CorrectedWords, Correction
from imagecap.model.decoding import decode
from imagecap.model.dual_encoder import load_dual_encoder
from imagecap.model.embedding import Embedding, make_embedding
from imagecap.model.language_model import load_language_model
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.memory import Remembered, load_memory
from imagecap.model.word_detector import (
    WordDetector,
    load_word_detector,
    mean_features,
)
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.fit_decoder import Course, DecoderFit
from imagecap.training.adaptation.members import load_members
from imagecap.training.adaptation.remember import remember
from imagecap.training.batches.teacher_forcing import (
    TokenizedExample,
    tokenize_examples,
)
from imagecap.training.export.adapt_word_detector import adapt_word_detector
from imagecap.training.run.validation import KerasDecoderStep

_MOST_WORDS = 40
# Attention over as many grids, for each of their captions, takes some 100 MB.
_PICTURES_AT_ONCE = 50


class Said(NamedTuple):
    """What a model says of pictures.

    Attributes:
        captions: Picture name → its caption.
        log_probabilities: Picture name → the mean log-probability of a word of what
            people say of it.
    """

    captions: dict[str, Caption]
    log_probabilities: dict[str, float]


class Learned(NamedTuple):
    """What a model has besides its decoders after it has learned.

    Attributes:
        detector: Its word detector; `None` where it has none.
        remembered: What it remembers of pictures, the newest first.
        embedding: What made their vectors, if there are any.
    """

    detector: WordDetector | None
    remembered: Sequence[Correction] = ()
    embedding: Embedding | None = None


class Learner:
    """A model that learns from some pictures, each time from what it was.

    Args:
        bundle: The model.
        vocabulary: Begins with the words of the bundle.
        stand_ins: For each further word one of these that it is like, `[new]`; see
            `find_stand_ins`.
        examples: Pictures with captions.
        features: Picture name → the model's features, of these.
        seed: Decides the order of the pictures.

    Attributes:
        examples: The pictures.
        members: The decoders, with what was learned last.
    """

    def __init__(
        self,
        bundle: Bundle,
        vocabulary: Vocabulary,
        stand_ins: np.ndarray,
        examples: Sequence[Example],
        features: Mapping[str, np.ndarray],
        seed: int,
    ) -> None:
        self.examples = examples
        self._bundle = bundle
        self._vocabulary = vocabulary
        self._features = features
        self._detector = load_word_detector(bundle)
        confidence = load_confidence(bundle)
        self._usual = None if confidence is None else confidence.out_of_distribution
        self._language = load_language_model(bundle)
        self._dual_encoder = load_dual_encoder(bundle)
        memory = load_memory(bundle, self._detector)
        self._remembered = memory.corrections(bundle.vocabulary) if memory else ()
        self._stand_ins = stand_ins
        self.members = load_members(bundle, vocabulary, stand_ins)
        self._step = KerasDecoderStep(self.members.start, self.members.step)
        self._tokenized = {
            item.example.name: item
            for item in tokenize_examples(examples, vocabulary, _MOST_WORDS)
        }
        self._fits = [
            DecoderFit(member, features, len(bundle.vocabulary), seed)
            for member in self.members.each
        ]

    def choose_course(
        self, folds: Sequence[tuple[Sequence[Example], Sequence[Example]]]
    ) -> Course:
        """Find out how far the first member should go; the second goes as far.

        Args:
            folds: Pictures to learn from, and others to tell by.
        """
        return self._fits[0].choose_course(
            [(self._known(one), self._known(other)) for one, other in folds]
        )

    def learn(self, examples: Sequence[Example], course: Course) -> Learned:
        """Learn from pictures; return what belongs to the decoders then.

        Pictures of a world that it half knows a model remembers, which changes nothing
        for others; for another world it takes another word detector.
        """
        for fit in self._fits:
            fit.fit(self._known(examples), course)
        detector = self._detector
        if detector is None:
            return Learned(None)
        if course.is_whole:
            return Learned(self._adapt(detector, examples, None))
        known = len(self._bundle.vocabulary)
        detector = self._adapt(detector, examples, known)
        embedding, former = self._embedding, self._remembered
        if detector is not self._detector:
            length = self._bundle.feature_shape[-1]
            embedding = make_embedding(length, detector, self._usual)
            former = [
                one._replace(vector=self._embedding.translate(one.vector, embedding))
                for one in former
            ]
        features = self._stacked(examples)
        newer = remember(
            embedding.embed(features),
            _words_of(examples),
            features,
            detector,
            self._vocabulary,
        )
        both = Remembered(former, Remembered(newer, None))
        return Learned(detector, both.read(), embedding)

    def _adapt(
        self,
        detector: WordDetector,
        examples: Sequence[Example],
        first_new: int | None,
    ) -> WordDetector:
        return adapt_word_detector(
            detector,
            mean_features(self._stacked(examples)),
            _words_of(examples),
            self._vocabulary,
            self._usual,
            self._known_stand_ins(),
            first_new,
        )

    def _known_stand_ins(self) -> dict[int, int]:
        known, unknown = len(self._bundle.vocabulary), Vocabulary.UNKNOWN
        numbered = enumerate(self._stand_ins.tolist(), known)
        return {new: like for new, like in numbered if like != unknown}

    @cached_property
    def _embedding(self) -> Embedding:
        return make_embedding(
            self._bundle.feature_shape[-1], self._detector, self._usual
        )

    def describe_as_before(self) -> Said:
        """Caption all pictures with the model as it ships."""
        decoder, words = LiteRTDecoder(self._bundle), self._bundle.vocabulary
        besides = Learned(self._detector, self._remembered)
        return self._describe(decoder, words, besides, self.examples)

    def describe(self, learned: Learned, examples: Sequence[Example]) -> Said:
        """Caption pictures with what was learned last.

        Args:
            learned: What `learn` returned.
            examples: The pictures.
        """
        return self._describe(self._step, self._vocabulary, learned, examples)

    def _describe(
        self,
        decoder: DecoderStep,
        vocabulary: Vocabulary,
        learned: Learned,
        examples: Sequence[Example],
    ) -> Said:
        detector = learned.detector
        corrected = None
        if detector is not None:
            remembered = Remembered(learned.remembered, None)
            corrected = CorrectedWords(
                remembered,
                lambda: learned.embedding or self._embedding,
                detector,
                vocabulary,
            )
        decoding = self._bundle.manifest.decoding
        new = self._stand_ins[: len(vocabulary) - len(self._bundle.vocabulary)]
        language = self._language and self._language.with_words(new)
        matcher = self._dual_encoder and self._dual_encoder.with_words(new)
        said = Said({}, {})
        for first in range(0, len(examples), _PICTURES_AT_ONCE):
            some = examples[first : first + _PICTURES_AT_ONCE]
            features = self._stacked(some)
            expected = None
            if detector is not None and corrected is not None:
                expected = detector.detect(features, vocabulary)
                expected = corrected.correct(expected, features)
            found = decode(
                decoder, features, vocabulary, decoding, expected, language, matcher
            )
            for example, (best, *_) in zip(some, found, strict=True):
                said.captions[example.name] = best
            said.log_probabilities.update(
                self._log_probabilities(decoder, features, len(vocabulary), some)
            )
        return said

    def _log_probabilities(
        self,
        decoder: DecoderStep,
        features: np.ndarray,
        words: int,
        examples: Sequence[Example],
    ) -> dict[str, float]:
        """Compute how probable people's captions are, as far as both know the words."""
        of_picture = [
            (picture, [n if n < words else Vocabulary.UNKNOWN for n in caption])
            for picture, example in enumerate(examples)
            if example.name in self._tokenized
            for caption in self._tokenized[example.name].captions
        ]
        if not of_picture:
            return {}
        pictures, captions = zip(*of_picture, strict=True)
        known = len(self._bundle.vocabulary)
        found = mean_log_probabilities(decoder, features, captions, pictures, known)
        sums, counts = np.bincount(pictures, found), np.bincount(pictures)
        return {
            examples[picture].name: float(sums[picture] / counts[picture])
            for picture in np.flatnonzero(counts).tolist()
        }

    def _stacked(self, examples: Sequence[Example]) -> np.ndarray:
        return np.stack([self._features[one.name] for one in examples]).astype(
            np.float32
        )

    def _known(self, examples: Sequence[Example]) -> list[TokenizedExample]:
        return [
            self._tokenized[one.name] for one in examples if one.name in self._tokenized
        ]


def _words_of(examples: Sequence[Example]) -> list[list[list[str]]]:
    return [[tokenize(caption) for caption in one.captions] for one in examples]
