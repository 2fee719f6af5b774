"""Two captions of each picture compared: is the one better, or is it chance?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagecap.datasets.dataset import Example
from imagecap.evaluation.examples import describe_examples, references_of
from imagecap.evaluation.gains import MoreInCommon, NewWordsSaid
from imagecap.evaluation.metrics.bootstrap import bootstrap_intervals
from imagecap.evaluation.metrics.ngram import CiderD, Words
from imagecap.model.caption import Caption
from imagecap.model.captioner import Captioner
from imagecap.pictures.reading import PictureError

# That fewer pictures all gain by chance is not less probable than 2.5 %.
_FEWEST = 6
_IMPROBABLE = 0.025


@dataclass(frozen=True)
class Comparison:
    """The CIDEr, times 100, of two captions for each of the same pictures.

    CIDEr tells whether a caption is what people would say, and is noisy: with another
    word the search goes another way. What all candidates have in common with people's
    captions tells as much of fewer pictures, where it is known.

    Attributes:
        pictures: How many there are.
        before: The mean of the one.
        after: The mean of the other.
        low: The lower bound of the 95 % interval of what `after` gains.
        high: Its upper bound.
        in_common: How much more all candidates of what `after` is of have in common
            with people's captions.
        new_words: Words that only what `after` is of can say, and does where they
            belong.
    """

    pictures: int
    before: float
    after: float
    low: float
    high: float
    in_common: MoreInCommon | None = None
    new_words: NewWordsSaid | None = None

    @property
    def gain(self) -> float:
        """How much more `after` is."""
        return self.after - self.before

    @property
    def is_better(self) -> bool:
        """Whether the gain is more than chance.

        It is where CIDEr is more, or what candidates have in common with people's
        captions; and where new words are said where they belong, and neither is less.
        """
        if self.pictures < _FEWEST or self.is_worse:
            return False
        if self.low > 0:
            return True
        if self.in_common is not None and self.in_common.high < 0:
            return False
        shares_more = self.in_common is not None and self.in_common.low > 0
        return shares_more or self.new_words is not None

    @property
    def is_worse(self) -> bool:
        """Whether the loss is more than chance."""
        return self.high < 0

    def __str__(self) -> str:
        """Say it: "CIDEr 60.3 before, 65.8 after: +5.5, 95 % +1.4 to +10.2"."""
        return (
            f"CIDEr {self.before:.1f} before, {self.after:.1f} after: "
            f"{self.gain:+.1f}, 95 % {self.low:+.1f} to {self.high:+.1f}"
            + (
                f"; more of people's words in candidates by {self.in_common}"
                if self.in_common
                else ""
            )
        )


def compare_captions(
    before: Mapping[str, Words],
    after: Mapping[str, Words],
    references: Mapping[str, Sequence[Words]],
) -> Comparison:
    """Compare two captions of each picture, by a paired bootstrap.

    Each resample draws pictures, and with each picture both of its captions: what makes
    a picture hard for both does not blur their difference (Koehn 2004, "Statistical
    significance tests for machine translation evaluation").

    Args:
        before: Picture name → the words of its caption.
        after: The same, of the same pictures.
        references: Picture name → what people wrote; holds all of these.
    """
    names = list(before)
    if not names:
        return Comparison(0, 0.0, 0.0, 0.0, 0.0)
    cider = CiderD({name: references[name] for name in names})
    scores = np.array(
        [
            [100 * cider.score(name, captions[name]) for captions in (before, after)]
            for name in names
        ]
    )
    gains = scores[:, 1:] - scores[:, :1]
    interval = bootstrap_intervals(gains, lambda sums: sums / len(names))
    low, high = interval[:, 0].tolist()
    means = scores.mean(axis=0)
    return Comparison(len(names), float(means[0]), float(means[1]), low, high)


def with_candidates(
    comparison: Comparison, before: Mapping[str, float], after: Mapping[str, float]
) -> Comparison:
    """Add to a comparison how much more candidates share with people's captions.

    Args:
        comparison: Of captions of the same pictures.
        before: Picture name → what all its candidates have in common with people's
            captions of it on the mean, at least 0; see `expected_cider`.
        after: The same.
    """
    usual = sum(before.values()) / max(len(before), 1)
    if not usual:
        return comparison
    gains = np.array([[after[name] - before[name]] for name in before]) / usual
    interval = bootstrap_intervals(gains, lambda sums: sums / len(gains))
    low, high = interval[:, 0].tolist()
    in_common = MoreInCommon(float(gains.mean()), low, high)
    return replace(comparison, in_common=in_common)


def with_new_words(
    comparison: Comparison,
    after: Mapping[str, Words],
    references: Mapping[str, Sequence[Words]],
    words: Sequence[str],
) -> Comparison:
    """Add to a comparison the new words that are said where people say them.

    That a model which says a word of so many pictures would by chance say it of as many
    that it belongs to must be less probable than 2.5 %, all words taken together.

    Args:
        comparison: Of captions of the same pictures.
        after: Picture name → the words of its caption.
        references: Picture name → what people wrote of it.
        words: Those that only the model of these captions knows.
    """
    said = {word: {name for name in after if word in after[name]} for word in words}
    true = {
        word: {name for name in after if any(word in one for one in references[name])}
        for word in words
    }
    belong = [
        word
        for word in words
        if len(words) * _chance(len(after), said[word], true[word]) < _IMPROBABLE
    ]
    if not belong:
        return comparison
    right = set[str]().union(*(said[word] & true[word] for word in belong))
    new_words = NewWordsSaid(
        tuple(belong),
        len(right),
        len(set[str]().union(*(true[word] for word in belong))),
        len(set[str]().union(*(said[word] - true[word] for word in belong)) - right),
    )
    return replace(comparison, new_words=new_words)


def _chance(pictures: int, said: set[str], true: set[str]) -> float:
    """Compute how probable as many hits are by chance: the tail of Fisher's test."""
    ways = sum(
        math.comb(len(true), hits) * math.comb(pictures - len(true), len(said) - hits)
        for hits in range(len(said & true), min(len(said), len(true)) + 1)
    )
    return ways / math.comb(pictures, len(said))


def caption_examples(
    captioner: Captioner, examples: Sequence[Example]
) -> Iterator[tuple[Example, tuple[Caption, ...] | PictureError]]:
    """Caption pictures as a user would, and show how far it is.

    Args:
        captioner: The model.
        examples: The pictures.

    Yields:
        Each with its captions, the best first, or with why it has none.
    """
    task = f"Captioning with {captioner.name}"
    for example, result in describe_examples(captioner, examples, task):
        yield example, result if isinstance(result, PictureError) else result.captions


def compare_models(
    before: Captioner, after: Captioner, examples: Sequence[Example]
) -> Comparison:
    """Compare two models as they are used, on the same pictures.

    Args:
        before: The one.
        after: The other.
        examples: Pictures with captions that neither has learned from; those that
            cannot be read are left out.
    """
    found = [
        {
            example.name: result[0].words
            for example, result in caption_examples(captioner, examples)
            if not isinstance(result, PictureError)
        }
        for captioner in (before, after)
    ]
    return compare_captions(found[0], found[1], references_of(examples))
