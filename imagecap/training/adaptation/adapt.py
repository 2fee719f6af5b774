"""A finished model goes on with a person's own pictures, and is compared with itself.

Features are computed once, by the encoder as it serves, and stay what they are; what
learns is the decoder of each member, and the word detector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.datasets.splits import chance
from imagecap.errors import ImagecapError
from imagecap.evaluation.calibration.feature_pass import encode_once
from imagecap.evaluation.comparison import Comparison, compare_captions
from imagecap.model.beam_search import DecoderStep
from imagecap.model.bundle import Bundle
from imagecap.model.caption import Caption
from imagecap.model.confidence import load_confidence
from imagecap.model.decoding import decode
from imagecap.model.dual_encoder import load_dual_encoder
from imagecap.model.language_model import load_language_model
from imagecap.model.litert import LiteRTDecoder
from imagecap.model.picture_encoder import PictureEncoder
from imagecap.model.word_detector import (
    WordDetector,
    load_word_detector,
    mean_features,
)
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.fit_decoder import Course, DecoderFit
from imagecap.training.adaptation.members import Members, load_members
from imagecap.training.adaptation.new_words import NewWords, find_new_words
from imagecap.training.batches.teacher_forcing import (
    TokenizedExample,
    tokenize_examples,
)
from imagecap.training.export.adapt_word_detector import adapt_word_detector
from imagecap.training.networks.from_bundle import extend_vocabulary
from imagecap.training.run.validation import KerasDecoderStep, references_of

MOST_PICTURES = 2000
"""From so many on there is enough to learn anew from, and to measure on dev."""

_FOLDS = 5
_MOST_WORDS = 40
_PICTURES_AT_ONCE = 50


class AdaptationError(ImagecapError):
    """There is nothing to go on with."""


@dataclass(frozen=True)
class Adaptation:
    """What came of going on.

    Attributes:
        members: The decoders, with what they have learned.
        vocabulary: The words, new ones at the end.
        word_detector: The adapted one; `None` where there was none.
        course: How far the decoders went.
        words: What was new.
        comparison: The model as it was against the new one, on pictures that the new
            one had not learned from.
        captions: Picture name → what it then said.
        features: Picture name → the features of the model.
        examples: What was learned from.
    """

    members: Members
    vocabulary: Vocabulary
    word_detector: WordDetector | None
    course: Course
    words: NewWords
    comparison: Comparison
    captions: Mapping[str, Caption]
    features: Mapping[str, np.ndarray]
    examples: Sequence[Example]


def adapt(
    bundle: Bundle,
    examples: Sequence[Example],
    minimum_count: int,
    seed: int,
    report: Callable[[str], None],
    step_done: Callable[[], object] = lambda: None,
) -> Adaptation:
    """Go on with a model as it ships.

    What the new model is worth is measured by cross-validation: each picture is
    captioned by a model that has not learned from it.

    Args:
        bundle: The model.
        examples: Pictures with captions.
        minimum_count: How many captions must have a new word for it to be learned.
        seed: The same gives the same model.
        report: Is told in sentences what is odd and what is new.
        step_done: Is called after each of `count_steps`.

    Raises:
        AdaptationError: If fewer than two of the pictures can be read.
        ImagecapError: If the model is damaged.
    """
    keras.utils.set_random_seed(seed)
    features = _Features(examples)
    encode_once(PictureEncoder(bundle), [features], "Looking at the pictures")
    known = [example for example in examples if example.name in features.arrays]
    if unreadable := len(examples) - len(known):
        report(f"{unreadable:,} of the {len(examples):,} pictures cannot be read.")
    if len(known) < 2:
        raise AdaptationError(
            f"Learning needs at least two pictures with captions that can be read; "
            f"there are {len(known)}. Caption more pictures."
        )
    step_done()
    captions = [[tokenize(caption) for caption in one.captions] for one in known]
    every = [caption for group in captions for caption in group]
    words = find_new_words(bundle.vocabulary, every, minimum_count)
    for sentence in words.sentences():
        report(sentence)
    vocabulary = extend_vocabulary(bundle.vocabulary, captions, minimum_count)
    learner = _Learner(bundle, vocabulary, known, features.arrays, seed)
    before, after, course = _cross_validate(learner, seed, step_done)
    comparison = compare_captions(
        {name: caption.words for name, caption in before.items()},
        {name: caption.words for name, caption in after.items()},
        references_of(known),
    )
    detector = learner.learn(known, course)
    step_done()
    return Adaptation(
        learner.members,
        vocabulary,
        detector,
        course,
        words,
        comparison,
        after,
        features.arrays,
        known,
    )


class _Features:
    """Keeps the features of pictures; a `FeatureConsumer`."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.arrays: dict[str, np.ndarray] = {}

    def add(self, example: Example, features: np.ndarray) -> None:
        """Take the features of a picture; see `FeatureConsumer`."""
        # Half of the memory, and finer than the 8 bits of what reads them.
        self.arrays[example.name] = features.astype(np.float16)


class _Learner:
    """A model that learns from some pictures, each time from what it was."""

    def __init__(
        self,
        bundle: Bundle,
        vocabulary: Vocabulary,
        examples: Sequence[Example],
        features: Mapping[str, np.ndarray],
        seed: int,
    ) -> None:
        self.examples = examples
        self.members = load_members(bundle, vocabulary)
        self._bundle = bundle
        self._vocabulary = vocabulary
        self._features = features
        self._detector = load_word_detector(bundle)
        self._confidence = load_confidence(bundle)
        self._language = load_language_model(bundle)
        self._dual_encoder = load_dual_encoder(bundle)
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
        self, examples: Sequence[Example], held_out: Sequence[Example]
    ) -> Course:
        """Find out how far the first member should go; the second goes as far."""
        return self._fits[0].choose_course(self._known(examples), self._known(held_out))

    def learn(self, examples: Sequence[Example], course: Course) -> WordDetector | None:
        """Learn from pictures; return the word detector that belongs to it."""
        for fit in self._fits:
            fit.fit(self._known(examples), course)
        if self._detector is None:
            return None
        confidence = self._confidence
        usual = None if confidence is None else confidence.out_of_distribution
        return adapt_word_detector(
            self._detector,
            mean_features(self._stacked(examples)),
            [[tokenize(caption) for caption in one.captions] for one in examples],
            self._vocabulary,
            usual,
        )

    def describe_as_before(self) -> dict[str, Caption]:
        """Caption all pictures with the model as it ships."""
        decoder, words = LiteRTDecoder(self._bundle), self._bundle.vocabulary
        return self._describe(decoder, words, self._detector, self.examples)

    def describe(
        self, detector: WordDetector | None, examples: Sequence[Example]
    ) -> dict[str, Caption]:
        """Caption pictures with what was learned last."""
        return self._describe(self._step, self._vocabulary, detector, examples)

    def _describe(
        self,
        decoder: DecoderStep,
        vocabulary: Vocabulary,
        detector: WordDetector | None,
        examples: Sequence[Example],
    ) -> dict[str, Caption]:
        decoding = self._bundle.manifest.decoding
        language = self._language
        if language is not None:
            language = language.with_words(len(vocabulary))
        matcher = self._dual_encoder
        if matcher is not None:
            matcher = matcher.with_words(len(vocabulary))
        captions = {}
        for first in range(0, len(examples), _PICTURES_AT_ONCE):
            some = examples[first : first + _PICTURES_AT_ONCE]
            features = self._stacked(some)
            expected = None
            if detector is not None:
                expected = detector.detect(features, vocabulary)
            found = decode(
                decoder, features, vocabulary, decoding, expected, language, matcher
            )
            for example, (best, *_) in zip(some, found, strict=True):
                captions[example.name] = best
        return captions

    def _stacked(self, examples: Sequence[Example]) -> np.ndarray:
        return np.stack([self._features[one.name] for one in examples]).astype(
            np.float32
        )

    def _known(self, examples: Sequence[Example]) -> list[TokenizedExample]:
        return [
            self._tokenized[one.name] for one in examples if one.name in self._tokenized
        ]


def _cross_validate(
    learner: _Learner, seed: int, step_done: Callable[[], object]
) -> tuple[dict[str, Caption], dict[str, Caption], Course]:
    """Caption each picture before and after learning from others.

    How far to go is found out in the first fold and kept in all.
    """
    examples = sorted(learner.examples, key=lambda one: chance(one.name, seed))
    folds = _count_folds(examples)
    before = learner.describe_as_before()
    step_done()
    parts = [examples[number::folds] for number in range(folds)]
    learned = [[one for one in examples if one not in part] for part in parts]
    course = learner.choose_course(learned[0], parts[0])
    step_done()
    after: dict[str, Caption] = {}
    for others, held_out in zip(learned, parts, strict=True):
        detector = learner.learn(others, course)
        after.update(learner.describe(detector, held_out))
        step_done()
    return {name: before[name] for name in after}, after, course


def count_steps(examples: Sequence[Example]) -> int:
    """Tell how many steps, of about the same time, `adapt` takes."""
    return _count_folds(examples) + 5


def _count_folds(examples: Sequence[Example]) -> int:
    return min(_FOLDS, len(examples))
