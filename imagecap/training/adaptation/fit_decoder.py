"""A member's decoder trained on a few pictures, again and again from where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from imagecap.training.adaptation.members import Member, PartOfFeatures, Weights
from imagecap.training.batches.teacher_forcing import (
    CaptionBatches,
    TokenizedExample,
)
from imagecap.training.networks.losses import caption_loss, smoothed_caption_loss
from imagecap.training.networks.optimizers import TwoRateAdam
from imagecap.training.networks.static_shapes import needs_static_shapes
from imagecap.training.run.validation import mean_loss

_LEARNING_RATE = 5e-4
_BATCH_SIZE = 32
_MOST_EPOCHS = 12
# Epochs that do not help before no more are tried.
_PATIENCE = 2
# A part of the way is best for a world that the model knows, and forgets least; for one
# that it does not know, the whole way is better by far.
_QUARTER, _WHOLE = 0.25, 1.0
# It is better by far where so little of the loss is left, and a quarter more is gained.
# Of photographs of baseball 0.94 was left, by a decoder that label smoothing has made
# unsure: going all of the way then forgets much, and takes the memory's place.
_LEFT, _GAINED = 0.8, 1.25
# The last tenth of what can be gained takes half of the steps, and they forget most.
_NEARLY_ALL = 0.9
_REPEATED = 3
# Steps for new words alone, how large, and pictures without them that are seen, too.
# Beside a few of these a new word would come to be expected anywhere.
_NEW_WORD_STEPS, _NEW_WORD_RATE, _MOST_OTHERS = 40, 5e-3, 150

_Fold = tuple[Sequence[TokenizedExample], Sequence[TokenizedExample]]


@dataclass(frozen=True)
class Course:
    """How far a decoder goes.

    Attributes:
        epochs: How often it sees the pictures; 0 leaves it as it was.
        share: How much of the way from its old weights to those it then has it goes,
            0 to 1. New words go all of it.
        apart: Whether what was learned stands beside what was known, for pictures of
            its kind, and does not take its place.
    """

    epochs: int
    share: float
    apart: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it goes the whole way, as in a world that it did not know."""
        return self.share == _WHOLE


class DecoderFit:
    """Trains a member, each time from its old weights.

    A weighted mean of old and new weights, as of Wortsman et al. 2022, "Robust
    fine-tuning of zero-shot models", keeps most of what was known.

    Args:
        member: The member; what was learned last is in its weights.
        features: Picture name → the model's features.
        known: How many words it knew before it was given more.
        seed: Decides the order of the pictures.
    """

    def __init__(
        self,
        member: Member,
        features: Mapping[str, np.ndarray],
        known: int,
        seed: int,
    ) -> None:
        self._member = member
        self._features = PartOfFeatures(member, features)
        self._seed = seed
        # New words are the last, and an older member's numbers are others.
        self._added = len(member.translation) - known
        self._first_new = int(member.translation.max()) + 1 - self._added
        self._old = member.weights
        decoder = member.decoder.training
        decoder.compile(loss=caption_loss)
        # One model and one optimizer for all folds: each would be compiled anew.
        self._model = keras.Model(decoder.inputs, decoder.outputs)
        optimizer = TwoRateAdam(_LEARNING_RATE)
        self._model.compile(
            optimizer, loss=smoothed_caption_loss(member.label_smoothing)
        )
        optimizer.build(self._model.trainable_variables)
        self._unused = [np.asarray(each).copy() for each in optimizer.variables]

    def choose_course(self, folds: Sequence[_Fold]) -> Course:
        """Find out how far to go, by the loss of pictures that are not learned from.

        Args:
            folds: Of each the pictures that are, and those that are not. The first
                tells how many epochs are tried.
        """
        curves: dict[float, list[list[float]]] = {_QUARTER: [], _WHOLE: []}
        epochs = _MOST_EPOCHS
        for number, (examples, held_out) in enumerate(folds):
            losses = self._losses(examples, held_out, epochs, stops=not number)
            for share, curve in losses.items():
                curves[share].append(curve)
            epochs = len(losses[_QUARTER]) - 1
        means = {share: np.mean(each, axis=0) for share, each in curves.items()}
        start, quarter = means[_QUARTER][0], means[_QUARTER].min()
        whole = means[_WHOLE].min()
        gained = start - whole > _GAINED * (start - quarter)
        share = _WHOLE if whole < _LEFT * quarter and gained else _QUARTER
        return Course(_fewest_epochs(means[share]), share)

    def _losses(
        self,
        examples: Sequence[TokenizedExample],
        held_out: Sequence[TokenizedExample],
        epochs: int,
        stops: bool,
    ) -> dict[float, list[float]]:
        """Compute the loss at the start and after each epoch, for each share.

        Args:
            examples: What is learned from.
            held_out: Of which the loss is.
            epochs: How many, at most.
            stops: Whether it ends once epochs no longer help.
        """
        batches = self._begin(examples)
        other = self._translated(held_out)
        start = mean_loss(self._member.decoder, self._features, other)
        losses = {_QUARTER: [start], _WHOLE: [start]}
        for epoch in range(epochs):
            self._train_epoch(batches, epoch)
            new = self._member.weights
            for share, curve in losses.items():
                self._member.assign(self._mix(new, share))
                curve.append(mean_loss(self._member.decoder, self._features, other))
            self._member.assign(new)
            enough = max(map(_fewest_epochs, losses.values()))
            if stops and epoch + 1 - enough >= _PATIENCE:
                break
        return losses

    def fit(self, examples: Sequence[TokenizedExample], course: Course) -> None:
        """Leave in the member what it has after a course."""
        batches = self._begin(examples)
        for epoch in range(course.epochs):
            self._train_epoch(batches, epoch)
        self._member.assign(self._mix(self._member.weights, course.share))
        self._learn_new_words(self._translated(examples))

    def _learn_new_words(self, examples: Sequence[TokenizedExample]) -> None:
        """Let new words find their places, while all else stays what it is.

        A name that three captions have is else not learned in the few epochs that are
        good for the rest. The other captions say where it does not belong.
        """
        having = [item for item in examples if self._has_new_word(item)]
        others = [item for item in examples if not self._has_new_word(item)]
        if not having:
            return
        few = np.random.default_rng(self._seed).permutation(len(others))
        some = [others[place] for place in few[:_MOST_OTHERS]]
        batches = self._batches([*having, *some])
        fixed = self._member.weights
        optimizer = self._model.optimizer
        rate = float(optimizer.learning_rate)
        optimizer.learning_rate = _NEW_WORD_RATE
        for step in range(_NEW_WORD_STEPS):
            epoch, number = divmod(step, len(batches))
            if not number:
                batches.start_epoch(epoch)
            inputs, next_words = batches[number]
            self._model.train_on_batch(inputs, next_words)
            self._member.assign(self._mix(self._member.weights, 0.0, fixed))
        optimizer.learning_rate = rate

    def _has_new_word(self, item: TokenizedExample) -> bool:
        return any(max(caption) >= self._first_new for caption in item.captions)

    def _begin(self, examples: Sequence[TokenizedExample]) -> CaptionBatches:
        self._member.assign(self._old)
        optimizer = self._model.optimizer
        for variable, unused in zip(optimizer.variables, self._unused, strict=True):
            variable.assign(unused)
        return self._batches(self._translated(examples))

    def _batches(self, examples: Sequence[TokenizedExample]) -> CaptionBatches:
        return CaptionBatches(
            self._features,
            [self._repeated(item) for item in examples],
            _BATCH_SIZE,
            self._seed,
            needs_static_shapes(),
        )

    def _train_epoch(self, batches: CaptionBatches, epoch: int) -> None:
        batches.start_epoch(epoch)
        for number in range(len(batches)):
            inputs, next_words = batches[number]
            self._model.train_on_batch(inputs, next_words)

    def _translated(
        self, examples: Sequence[TokenizedExample]
    ) -> list[TokenizedExample]:
        numbers = self._member.translation
        return [
            replace(
                item,
                captions=tuple(
                    tuple(numbers[list(caption)].tolist()) for caption in item.captions
                ),
            )
            for item in examples
        ]

    def _repeated(self, item: TokenizedExample) -> TokenizedExample:
        """Let captions with new words be read more often: there are few of them."""
        captions = tuple(
            caption
            for caption in item.captions
            for _ in range(_REPEATED if max(caption) >= self._first_new else 1)
        )
        return replace(item, captions=captions)

    def _mix(
        self, new: Weights, share: float, old: Weights | None = None
    ) -> list[np.ndarray]:
        """Go a share of the way from old weights to new ones; new words go all of it.

        Args:
            new: The new ones.
            share: 0 to 1.
            old: The old ones; those from before all learning by default.
        """
        mixed = []
        for before, now in zip(old or self._old, new, strict=True):
            weights = before + share * (now - before)
            for axis, size in enumerate(weights.shape):
                if self._added and size == self._first_new + self._added:
                    place = (slice(None),) * axis + (slice(self._first_new, None),)
                    weights[place] = now[place]
            mixed.append(weights)
        return mixed


def _fewest_epochs(losses: Sequence[float]) -> int:
    """Tell after how many epochs a loss has fallen nearly as far as it ever does."""
    start, least = losses[0], min(losses)
    return int(np.argmax(np.asarray(losses) <= start - _NEARLY_ALL * (start - least)))
