"""A finished model that learns from a few pictures, again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.model.beam_search import DecoderStep
from imagecap.model.caption import Caption
from imagecap.model.caption_probability import mean_log_probabilities
from imagecap.model.confidence import pooled
from imagecap.model.decoding import decode
from imagecap.model.experts import Expert, Kind, share_out
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.word_detector import WordDetector, mean_features
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.fit_decoder import WHOLE, Course, DecoderFit
from imagecap.training.adaptation.kinds import fit_kind
from imagecap.training.adaptation.members import load_members
from imagecap.training.batches.teacher_forcing import (
    TokenizedExample,
    tokenize_examples,
)
from imagecap.training.export.adapt_word_detector import (
    adapt_word_detector,
    word_detector_of_kind,
)
from imagecap.training.run.validation import KerasDecoderStep

_MOST_WORDS = 40
# Attention over as many grids, for each of their captions, takes some 100 MB.
_PICTURES_AT_ONCE = 50
# Fewer do not tell what is common to pictures of their kind.
_FEWEST_OF_KIND = 10


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
    """What belongs to the decoders that have learned.

    Attributes:
        word_detector: The adapted one; `None` where there was none.
        kind: The pictures that they are for; `None` for all that they were for before.
    """

    word_detector: WordDetector | None
    kind: Kind | None


class Learner:
    """A model that learns from some pictures, each time from what it was.

    Args:
        experts: Those of the model, itself as the last.
        place: The place of the one that learns.
        vocabulary: Begins with the words of that one.
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
        experts: Sequence[Expert],
        place: int,
        vocabulary: Vocabulary,
        stand_ins: np.ndarray,
        examples: Sequence[Example],
        features: Mapping[str, np.ndarray],
        seed: int,
    ) -> None:
        self.examples = examples
        self._experts = experts
        self._place = place
        self._expert = experts[place]
        self._bundle = bundle = self._expert.bundle
        self._vocabulary = vocabulary
        self._features = features
        self._stand_ins = stand_ins
        # Which words these are, and how they are numbered, is the same for all.
        every = [one.bundle.vocabulary.words for one in experts]
        alike = takewhile(lambda words: len({*words}) == 1, zip(*every, strict=False))
        self._known_words = len([*alike])
        kinds = [one.kind for one in experts]
        self._known_by = {
            one.name: int(share_out(kinds, self._stacked([one]))[0]) for one in examples
        }
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
        course = self._fits[0].choose_course(
            [(self._known(one), self._known(other)) for one, other in folds]
        )
        if self._expert.kind is not None:
            return replace(course, apart=True)
        odd = len(self._of_kind(self.examples))
        apart = course.share == WHOLE and odd >= max(
            len(self.examples) / 2, _FEWEST_OF_KIND
        )
        return replace(course, apart=apart)

    def learn(self, examples: Sequence[Example], course: Course) -> Learned:
        """Learn from pictures."""
        for fit in self._fits:
            fit.fit(self._known(examples), course)
        kind = None
        if course.apart:
            kind = self._fit_kind(examples)
        detector, confidence = self._expert.word_detector, self._expert.confidence
        if detector is None:
            return Learned(None, kind)
        usual = None if confidence is None else confidence.out_of_distribution
        captions = [[tokenize(caption) for caption in e.captions] for e in examples]
        features = mean_features(self._stacked(examples))
        stand_ins = self._known_stand_ins()
        if course.apart:
            adapted = word_detector_of_kind(
                detector, features, captions, self._vocabulary, stand_ins
            )
        else:
            adapted = adapt_word_detector(
                detector, features, captions, self._vocabulary, usual, stand_ins
            )
        return Learned(adapted, kind)

    def _fit_kind(self, examples: Sequence[Example]) -> Kind:
        some = self._of_kind(examples)
        if self._expert.kind is not None and len(some) < _FEWEST_OF_KIND:
            return self._expert.kind
        return fit_kind(pooled(self._stacked(some)))

    def _of_kind(self, examples: Sequence[Example]) -> list[Example]:
        """Choose the pictures that an expert of their own would be for.

        For one that was there already, those that it knows; else those that are unlike
        all that the model knows.
        """
        own = [one for one in examples if self._known_by[one.name] == self._place]
        if self._expert.kind is not None or not own:
            return own
        confidence = self._expert.confidence
        if confidence is None or confidence.out_of_distribution is None:
            return []
        vectors = np.concatenate([pooled(self._stacked([one])) for one in own])
        distances = confidence.out_of_distribution.distance(vectors)
        far = distances > confidence.farthest
        return [one for one, is_far in zip(own, far, strict=True) if is_far]

    def _known_stand_ins(self) -> dict[int, int]:
        known, unknown = len(self._bundle.vocabulary), Vocabulary.UNKNOWN
        numbered = enumerate(self._stand_ins.tolist(), known)
        return {new: like for new, like in numbered if like != unknown}

    @cached_property
    def before(self) -> Said:
        """What the model says of all pictures as it ships."""
        said = Said({}, {})
        for place, expert in enumerate(self._experts):
            some = [one for one in self.examples if self._known_by[one.name] == place]
            if some:
                decoder = LiteRTDecoder(expert.bundle)
                found = self._describe(decoder, expert, some)
                said.captions.update(found.captions)
                said.log_probabilities.update(found.log_probabilities)
        return said

    def describe(self, learned: Learned, examples: Sequence[Example]) -> Said:
        """Caption pictures with what was learned last.

        Pictures that an expert captions which has not learned are left as they were.
        """
        said = Said({}, {})
        anew = [one for one in examples if self._is_for(learned.kind, one)]
        if anew:
            new = self._stand_ins
            expert = replace(
                self._expert,
                bundle=replace(self._bundle, vocabulary=self._vocabulary),
                word_detector=learned.word_detector,
                language=self._expert.language
                and self._expert.language.with_words(new),
                dual_encoder=self._expert.dual_encoder
                and self._expert.dual_encoder.with_words(new),
            )
            said = self._describe(self._step, expert, anew)
        for name in {one.name for one in examples} - said.captions.keys():
            said.captions[name] = self.before.captions[name]
            if name in self._tokenized:
                known = self.before.log_probabilities[name]
                said.log_probabilities[name] = known
        return said

    def _is_for(self, kind: Kind | None, example: Example) -> bool:
        if kind is None:
            return self._known_by[example.name] == self._place
        return bool(kind.has(self._stacked([example]))[0])

    def _describe(
        self, decoder: DecoderStep, expert: Expert, examples: Sequence[Example]
    ) -> Said:
        decoding, vocabulary = self._bundle.manifest.decoding, expert.bundle.vocabulary
        learns = expert.bundle.folder == self._bundle.folder
        numbered = len(vocabulary) if learns else self._known_words
        said = Said({}, {})
        for first in range(0, len(examples), _PICTURES_AT_ONCE):
            some = examples[first : first + _PICTURES_AT_ONCE]
            features = self._stacked(some)
            expected = None
            if expert.word_detector is not None:
                expected = expert.word_detector.detect(features, vocabulary)
            found = decode(
                decoder,
                features,
                vocabulary,
                decoding,
                expected,
                expert.language,
                expert.dual_encoder,
            )
            for example, (best, *_) in zip(some, found, strict=True):
                said.captions[example.name] = best
            said.log_probabilities.update(
                self._log_probabilities(decoder, features, numbered, some)
            )
        return said

    def _log_probabilities(
        self,
        decoder: DecoderStep,
        features: np.ndarray,
        words: int,
        examples: Sequence[Example],
    ) -> dict[str, float]:
        """Compute how probable people's captions are, as far as all know the words."""
        of_picture = [
            (picture, [n if n < words else Vocabulary.UNKNOWN for n in caption])
            for picture, example in enumerate(examples)
            if example.name in self._tokenized
            for caption in self._tokenized[example.name].captions
        ]
        if not of_picture:
            return {}
        pictures, captions = zip(*of_picture, strict=True)
        known = self._known_words
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
