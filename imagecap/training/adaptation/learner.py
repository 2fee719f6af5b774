"""A finished model that learns from a few pictures, again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.model.bundle import DECODER_START, DECODER_STEP
from imagecap.model.confidence import pooled
from imagecap.model.corrected_words import Correction
from imagecap.model.embedding import Embedding
from imagecap.model.experts import Expert, Kind, share_out
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.memory import Remembered
from imagecap.model.word_detector import WordDetector, mean_features
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.fit_decoder import Course, DecoderFit
from imagecap.training.adaptation.kinds import fit_kind
from imagecap.training.adaptation.members import load_members
from imagecap.training.adaptation.remember import remember
from imagecap.training.adaptation.saying import Said, Saying
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
# Fewer do not tell what is common to pictures of their kind.
_FEWEST_OF_KIND = 10


class Learned(NamedTuple):
    """What a model has besides its decoders after it has learned.

    Attributes:
        course: How far its decoders went.
        detector: Its word detector; `None` where it has none.
        remembered: What it remembers of pictures, the newest first.
        embedding: What made their vectors, if there are any.
        kind: The pictures that the decoders are for; `None` for all that they were for
            before.
    """

    course: Course
    detector: WordDetector | None
    remembered: Sequence[Correction] = ()
    embedding: Embedding | None = None
    kind: Kind | None = None


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
        firsts: Picture name → the first one that shows the same; see `Firsts.alike`.
        seed: Decides the order of the pictures.

    Attributes:
        examples: The pictures.
        firsts: The same.
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
        firsts: Mapping[str, str],
        seed: int,
    ) -> None:
        self.examples, self.firsts = examples, firsts
        self._experts = experts
        self._place = place
        self._expert = experts[place]
        bundle = self._expert.bundle
        confidence = self._expert.confidence
        self._usual = None if confidence is None else confidence.out_of_distribution
        self._remembered = self._expert.remembered()
        self._vocabulary = vocabulary
        self._stand_ins = stand_ins
        self.members = load_members(bundle, vocabulary, stand_ins)
        self._step = KerasDecoderStep(self.members.start, self.members.step)
        self._tokenized = {
            item.example.name: item
            for item in tokenize_examples(examples, vocabulary, _MOST_WORDS)
        }
        decoding = experts[-1].bundle.manifest.decoding
        self._saying = Saying(decoding, features, vocabulary)
        kinds = [one.kind for one in experts]
        self._known_by = {
            one.name: int(share_out(kinds, self._saying.stacked([one]))[0])
            for one in examples
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
        fewest = max(len(self.examples) / 2, _FEWEST_OF_KIND)
        odd = len(self._of_kind(self.examples))
        return replace(course, apart=course.is_whole and odd >= fewest)

    def learn(self, examples: Sequence[Example], course: Course) -> Learned:
        """Learn from pictures; return what belongs to the decoders then.

        Pictures of a world that it half knows a model remembers, which changes nothing
        for others; its decoders then learn new words alone. For another world it takes
        another word detector. Where the pictures are unlike all that it knows, that is
        for these alone.

        Args:
            examples: The pictures.
            course: How far the decoders go where nothing is remembered.
        """
        learned = self._learn_besides(examples, course)
        for fit in self._fits:
            fit.fit(self._known(examples), learned.course)
        return learned

    def _learn_besides(self, examples: Sequence[Example], course: Course) -> Learned:
        kind = self._fit_kind(examples) if course.apart else None
        detector = self._expert.word_detector
        if detector is None:
            return Learned(course, None, kind=kind)
        captions, features = _words_of(examples), self._saying.stacked(examples)
        if kind is not None:
            adapted = word_detector_of_kind(
                detector,
                mean_features(features),
                captions,
                self._vocabulary,
                self._known_stand_ins(),
            )
            return Learned(course, adapted, kind=kind)
        adapted = adapt_word_detector(
            detector,
            mean_features(features),
            captions,
            self._vocabulary,
            self._usual,
            self._known_stand_ins(),
            None if course.is_whole else len(self._expert.bundle.vocabulary),
        )
        if course.is_whole:
            return Learned(course, adapted)
        embedding, former = self._embedding, self._remembered
        if adapted is not detector:
            grown = replace(self._expert, word_detector=adapted)
            embedding = grown.make_embedding()
            former = [
                one._replace(vector=self._embedding.translate(one.vector, embedding))
                for one in former
            ]
        vectors = embedding.embed(features)
        newer = remember(
            vectors,
            captions,
            features,
            adapted,
            self._vocabulary,
            [self.firsts[one.name] for one in examples],
        )
        if newer:
            # What decoders would gain beside it is less than what they would forget.
            course = replace(course, epochs=0)
        both = Remembered(former, Remembered(newer, None))
        return Learned(course, adapted, both.read(), embedding)

    def _fit_kind(self, examples: Sequence[Example]) -> Kind:
        some = self._of_kind(examples)
        if self._expert.kind is not None and len(some) < _FEWEST_OF_KIND:
            return self._expert.kind
        return fit_kind(pooled(self._saying.stacked(some)))

    def _of_kind(self, examples: Sequence[Example]) -> list[Example]:
        """Choose the pictures that an expert of their own would be for.

        For one that was there already, those that it knows; else those that are unlike
        all that the model knows.
        """
        own = [one for one in examples if self._known_by[one.name] == self._place]
        if self._expert.kind is not None or not own:
            return own
        confidence = self._expert.confidence
        if confidence is None or self._usual is None:
            return []
        vectors = [pooled(self._saying.stacked([one])) for one in own]
        far = self._usual.distance(np.concatenate(vectors)) > confidence.farthest
        return [one for one, is_far in zip(own, far, strict=True) if is_far]

    def _known_stand_ins(self) -> dict[int, int]:
        known, unknown = len(self._expert.bundle.vocabulary), Vocabulary.UNKNOWN
        numbered = enumerate(self._stand_ins.tolist(), known)
        return {new: like for new, like in numbered if like != unknown}

    @cached_property
    def _embedding(self) -> Embedding:
        return self._expert.make_embedding()

    @cached_property
    def before(self) -> Said:
        """What the model says of all pictures as it ships."""
        said = Said.nothing()
        for place, expert in enumerate(self._experts):
            some = [one for one in self.examples if self._known_by[one.name] == place]
            if not some:
                continue
            expert.bundle.verify(DECODER_START, DECODER_STEP)
            remembered = expert.remembered()
            found = self._saying.describe(
                LiteRTDecoder(expert.bundle),
                expert,
                some,
                remembered,
                expert.make_embedding() if remembered else None,
            )
            said.add(found)
        return said

    def describe(self, learned: Learned, examples: Sequence[Example]) -> Said:
        """Caption pictures with what was learned last.

        Pictures that are for another expert are captioned as before.

        Args:
            learned: What `learn` returned.
            examples: The pictures.
        """
        said = Said.nothing()
        anew = [one for one in examples if self._is_for(learned.kind, one)]
        if anew:
            said = self._saying.describe(
                self._step,
                self._with_words(learned.detector),
                anew,
                learned.remembered,
                learned.embedding,
            )
        for name in {one.name for one in examples} - said.captions.keys():
            said.captions[name] = self.before.captions[name]
            said.in_common[name] = self.before.in_common[name]
        return said

    def _with_words(self, detector: WordDetector | None) -> Expert:
        """Return the expert that learns, with the new words."""
        grown = self._expert.with_words(self._vocabulary, self._stand_ins)
        return replace(grown, word_detector=detector)

    def _is_for(self, kind: Kind | None, example: Example) -> bool:
        if kind is None:
            return self._known_by[example.name] == self._place
        return bool(kind.has(self._saying.stacked([example]))[0])

    def _known(self, examples: Sequence[Example]) -> list[TokenizedExample]:
        return [
            self._tokenized[one.name] for one in examples if one.name in self._tokenized
        ]


def _words_of(examples: Sequence[Example]) -> list[list[list[str]]]:
    return [[tokenize(caption) for caption in one.captions] for one in examples]
