"""All that is measured of one caption a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from imagecap.counted import counted
from imagecap.errors import ImagecapError
from imagecap.evaluation.metrics.bootstrap import bootstrap_intervals
from imagecap.evaluation.metrics.meteor import Meteor
from imagecap.evaluation.metrics.ngram import (
    BLEU_STATISTICS,
    CiderD,
    Words,
    bleu,
    bleu_statistics,
    rouge_l,
)
from imagecap.text.tokenizer import tokenize


class EvaluationError(ImagecapError):
    """Captions cannot be scored, or their scores not be saved."""


@dataclass(frozen=True)
class Score:
    """A score with its 95 % confidence interval, times 100.

    Attributes:
        value: The score of all pictures.
        low: The interval's lower bound.
        high: Its upper bound.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Lengths:
    """How many words captions have.

    Attributes:
        mean: Their mean.
        deviation: Their standard deviation.
        shortest: The fewest.
        longest: The most.
    """

    mean: float
    deviation: float
    shortest: int
    longest: int


@dataclass(frozen=True)
class Evaluation:
    """What was measured.

    Attributes:
        scores: BLEU-1 to BLEU-4, METEOR if it could be had, ROUGE-L and CIDEr; without
            those that these captions leave undefined.
        cider: Picture name → CIDEr of its caption alone, times 100; 0 for all where
            CIDEr is undefined.
        distinct_captions: How many captions differ from each other.
        words: How many different words the captions use.
        lengths: Words in a caption.
        reference_lengths: Words in what people wrote.
        seen: The share of captions that stand word for word in the train split, 0 to 1;
            `None` where there is none.
        notes: Sentences about the scores that are left out.
    """

    scores: Mapping[str, Score]
    cider: Mapping[str, float]
    distinct_captions: int
    words: int
    lengths: Lengths
    reference_lengths: Lengths
    seen: float | None
    notes: tuple[str, ...] = ()

    @property
    def tells_pictures_apart(self) -> bool:
        """Whether CIDEr is defined, so that it says which captions are better."""
        return "CIDEr" in self.scores


def evaluate_captions(
    captions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    train_captions: Iterable[str],
    meteor: Meteor | None,
) -> Evaluation:
    """Score one caption a picture, and describe the captions.

    The rarity of words, which CIDEr needs, is that among the references of all these
    pictures, in the resamples of the confidence intervals, too.

    Args:
        captions: Picture name → its caption, at least one.
        references: Picture name → what people wrote; holds every name in `captions`.
        train_captions: What the model may have learned by heart.
        meteor: Computes METEOR, or `None` to leave it out.

    Raises:
        MeteorError: If METEOR cannot be computed after all.
    """
    words = {name: tokenize(caption) for name, caption in captions.items()}
    truths = {name: [tokenize(text) for text in references[name]] for name in captions}
    cider = CiderD(truths)
    statistics = _picture_statistics(words, truths, meteor, cider)
    undefined = _undefined(words, cider)
    pictures = len(statistics)

    def score(sums: np.ndarray) -> np.ndarray:
        of_bleu, of_meteor, of_pictures = np.split(sums, [BLEU_STATISTICS, -2], axis=-1)
        scores = [bleu(of_bleu), of_pictures / pictures]
        if meteor is not None:
            scores.insert(1, meteor.score(of_meteor)[..., np.newaxis])
        return 100 * np.concatenate(scores, axis=-1)

    names = [*(f"BLEU-{n}" for n in range(1, 5)), "ROUGE-L", "CIDEr"]
    if meteor is not None:
        names.insert(4, "METEOR")
    values = score(statistics.sum(axis=0)).tolist()
    lows, highs = bootstrap_intervals(statistics, score).tolist()
    spoken = {tuple(caption) for caption in words.values()}
    known = {tuple(tokenize(caption)) for caption in train_captions}
    return Evaluation(
        scores={
            name: Score(*numbers)
            for name, *numbers in zip(names, values, lows, highs, strict=True)
            if name not in undefined
        },
        cider=dict(zip(captions, (100 * statistics[:, -1]).tolist(), strict=True)),
        distinct_captions=len(spoken),
        words=len(set().union(*spoken)),
        lengths=_lengths(words.values()),
        reference_lengths=_lengths(text for group in truths.values() for text in group),
        seen=sum(tuple(caption) in known for caption in words.values()) / pictures
        if known
        else None,
        notes=tuple(f"{name} was left out: {why}." for name, why in undefined.items()),
    )


def _undefined(captions: Mapping[str, Words], cider: CiderD) -> dict[str, str]:
    """Tell which scores say nothing of these captions, each with the reason."""
    longest = max(map(len, captions.values()))
    undefined = {
        f"BLEU-{n}": f"no caption has {counted(n, 'word')}"
        for n in range(max(longest, 1) + 1, 5)
    }
    if not cider.is_defined:
        undefined["CIDEr"] = (
            "it weighs words by how few pictures have them, and here every word is in "
            "the references of every picture"
        )
    return undefined


def _picture_statistics(
    captions: Mapping[str, Words],
    references: Mapping[str, Sequence[Words]],
    meteor: Meteor | None,
    cider: CiderD,
) -> np.ndarray:
    """Count what BLEU and METEOR need, a row a picture; ROUGE-L and CIDEr are last."""
    rows = []
    for picture, words in captions.items():
        truths = references[picture]
        row = [*bleu_statistics(words, truths)]
        if meteor is not None:
            row += [*meteor.statistics(words, truths)]
        rows.append([*row, rouge_l(words, truths), cider.score(picture, words)])
    return np.array(rows)


def _lengths(captions: Iterable[Words]) -> Lengths:
    lengths = np.array([len(words) for words in captions])
    return Lengths(
        float(lengths.mean()),
        float(lengths.std()),
        int(lengths.min()),
        int(lengths.max()),
    )
