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
from imagecap.errors import ImagecapError
from imagecap.evaluation.calibration.feature_pass import encode_once
from imagecap.evaluation.comparison import (
    Comparison,
    compare_captions,
    with_candidates,
    with_new_words,
)
from imagecap.evaluation.examples import references_of
from imagecap.model.bundle import Bundle
from imagecap.model.caption import Caption
from imagecap.model.experts import Expert, load_experts, share_out
from imagecap.model.picture_encoder import PictureEncoder
from imagecap.model.word_detector import mean_features
from imagecap.text.tokenizer import tokenize
from imagecap.text.vocabulary import Vocabulary
from imagecap.training.adaptation.fit_decoder import Course
from imagecap.training.adaptation.folds import (
    MOST_FOLDS,
    divide_into_folds,
    find_firsts,
)
from imagecap.training.adaptation.learner import Learned, Learner
from imagecap.training.adaptation.members import Members
from imagecap.training.adaptation.new_words import NewWords, find_new_words
from imagecap.training.adaptation.saying import Said
from imagecap.training.adaptation.stand_ins import find_stand_ins, with_idfs_of
from imagecap.training.networks.from_bundle import extend_vocabulary

MOST_PICTURES = 2000
"""From so many on there is enough to learn anew from, and to measure on dev."""

# Captions that tell how far to go; fewer tell it by chance.
_ENOUGH_CAPTIONS = 100


class AdaptationError(ImagecapError):
    """There is nothing to go on with."""


@dataclass(frozen=True)
class Adaptation:
    """What came of going on.

    Attributes:
        expert: Which of the model's experts has learned, as it was; mostly the model
            itself.
        members: Its decoders, with what they have learned.
        vocabulary: The words, new ones at the end.
        stand_ins: For each of these the known one that it is like; see
            `find_stand_ins`.
        learned: What belongs to the decoders.
        words: What was new.
        comparison: The model as it was against the new one, on pictures that the new
            one had not learned from.
        captions: Picture name → what it then said, where what has learned said it.
        features: Picture name → the features of the model.
        examples: What was learned from.
    """

    expert: Expert
    members: Members
    vocabulary: Vocabulary
    stand_ins: np.ndarray
    learned: Learned
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
        AdaptationError: If fewer than two different pictures can be read.
        ImagecapError: If the model is damaged.
    """
    keras.utils.set_random_seed(seed)
    given = len(examples)
    examples = [one for one in examples if any(map(tokenize, one.captions))]
    if wordless := given - len(examples):
        report(f"{wordless:,} of the {given:,} pictures have no caption with words.")
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
    firsts = find_firsts(known)
    distinct = [one for one in known if firsts.same[one.name] == one.name]
    if len(distinct) < len(known):
        report(
            f"Of the {len(known):,} pictures {len(distinct):,} are different ones; "
            "whether the model is better is told by these."
        )
    if len(distinct) < 2:
        raise AdaptationError(
            f"All {len(known):,} pictures are the same one; learning needs at least "
            "two. Caption other pictures, too."
        )
    step_done()
    captions = [[tokenize(caption) for caption in one.captions] for one in known]
    every = [caption for group in captions for caption in group]
    experts = load_experts(bundle)
    place = _who_learns(experts, [features.arrays[one.name] for one in known])
    expert = experts[place]
    words = find_new_words(expert.bundle.vocabulary, every, minimum_count)
    for sentence in words.sentences():
        report(sentence)
    vocabulary = extend_vocabulary(expert.bundle.vocabulary, captions, minimum_count)
    stand_ins = find_stand_ins(
        expert.word_detector,
        mean_features(np.stack([features.arrays[one.name] for one in known])),
        captions,
        vocabulary,
        len(expert.bundle.vocabulary),
    )
    vocabulary = with_idfs_of(vocabulary, stand_ins)
    learner = Learner(
        experts,
        place,
        vocabulary,
        stand_ins,
        known,
        features.arrays,
        firsts.alike,
        seed,
    )
    before, after, course = _cross_validate(learner, seed, step_done)
    comparison = _compare(before, after, distinct, words.learned)
    learned = learner.learn(known, course)
    step_done()
    anew = {n: c for n, c in after.captions.items() if c is not before.captions[n]}
    return Adaptation(
        expert,
        learner.members,
        vocabulary,
        stand_ins,
        learned,
        words,
        comparison,
        anew,
        features.arrays,
        known,
    )


def _compare(
    before: Said, after: Said, examples: Sequence[Example], new_words: Sequence[str]
) -> Comparison:
    """Compare what was said of pictures before and after learning from others."""
    names = [one.name for one in examples]
    references = references_of(examples)
    said, says = (
        {name: one.captions[name].words for name in names} for one in (before, after)
    )
    in_common = (
        {name: one.in_common[name] for name in names} for one in (before, after)
    )
    comparison = compare_captions(said, says, references)
    comparison = with_candidates(comparison, *in_common)
    return with_new_words(comparison, says, references, new_words)


def _who_learns(experts: Sequence[Expert], features: Sequence[np.ndarray]) -> int:
    """Return the place of the expert that captions most of some pictures."""
    kinds = [one.kind for one in experts]
    places = [
        share_out(kinds, one[np.newaxis].astype(np.float32))[0] for one in features
    ]
    return int(np.bincount(places).argmax())


class _Features:
    """Keeps the features of pictures; a `FeatureConsumer`."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.arrays: dict[str, np.ndarray] = {}

    def add(self, example: Example, features: np.ndarray) -> None:
        """Take the features of a picture; see `FeatureConsumer`."""
        # Half of the memory, and finer than the 8 bits of what reads them.
        self.arrays[example.name] = features.astype(np.float16)


def _cross_validate(
    learner: Learner, seed: int, step_done: Callable[[], object]
) -> tuple[Said, Said, Course]:
    """Caption each picture before and after learning from others.

    How far to go is found out in as many folds as it takes and kept in all.
    """
    before = learner.before
    step_done()
    parts = divide_into_folds(learner.examples, learner.firsts, seed)
    folds = [
        ([one for part in parts if part is not held_out for one in part], held_out)
        for held_out in parts
    ]
    captions = np.cumsum([sum(len(one.captions) for one in part) for part in parts])
    enough = int(np.searchsorted(captions, _ENOUGH_CAPTIONS)) + 1
    course = learner.choose_course(folds[:enough])
    step_done()
    after = Said.nothing()
    for others, held_out in folds:
        after.add(learner.describe(learner.learn(others, course), held_out))
        step_done()
    return before, after, course


def count_steps(examples: Sequence[Example]) -> int:
    """Tell how many steps, of about the same time, `adapt` takes at most."""
    return min(MOST_FOLDS, len(examples)) + 5
