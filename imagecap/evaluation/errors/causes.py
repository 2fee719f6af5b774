"""Why captions fail, by rules that look at captions and references alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from statistics import fmean

from imagecap.evaluation.errors.failures import contradicts
from imagecap.evaluation.metrics.ngram import CiderD
from imagecap.text.lexicon import COLOURS, SUBJECTS, content_stems, meanings, stem
from imagecap.text.tokenizer import tokenize

Words = Sequence[str]

_DISAGREE = 0.2
"""CIDEr of references against each other, below which people disagree."""

CAUSES: Mapping[str, tuple[str, str]] = {
    "unseen words": (
        "Most references share a word that the model does not know.",
        "Learn from photographs of such things: a larger data set, or one’s own "
        "photographs with their words (train.py --from).",
    ),
    "people disagree": (
        "The references, scored against each other, get a CIDEr below 20.",
        "Nothing in the model: what to say of such a picture is a matter of taste; "
        "more references would tell a fair caption from a wrong one.",
    ),
    "wrong subject": (
        "It speaks of a person, of a dog or of neither, and no reference does.",
        "A stronger encoder, fine-tuned, and more pictures without people and dogs, "
        "of which most captions here speak.",
    ),
    "wrong object": (
        "Beside its subject it names nothing that a reference names.",
        "A larger picture for the encoder, and attention to parts of it: what is "
        "missed is often small or in the background.",
    ),
    "wrong person": (
        "It gives people a gender that no reference gives them.",
        "“Person” where the model wavers between the two, and a training set with as "
        "many women as men.",
    ),
    "wrong count": (
        "It speaks of one where references speak of several, or of another number.",
        "Attention or detection: one vector for a whole picture hardly counts.",
    ),
    "wrong colour": (
        "It names colours, and references name only others.",
        "Attention, and no changes of colour in augmentation; until then captions "
        "without colours are safer than wrong ones.",
    ),
    "wrong action": (
        "What it says is done, a word that ends in -ing, is in no reference.",
        "More captions of each action; self-critical training, which rewards the "
        "rarer verb where it fits.",
    ),
    "too little": (
        "None of the above: what it says is there, but not what people speak of.",
        "Self-critical training on CIDEr, which rewards what is particular.",
    ),
}
"""Cause → the rule by which it is found, and what would mend it."""

_CONTRADICTIONS = {
    "wrong person": ("gender",),
    "wrong count": ("number, “two” and up", "one or several"),
    "wrong colour": ("colour",),
}


def find_causes(
    names: Sequence[str],
    captions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    vocabulary: Collection[str],
) -> dict[str, list[str]]:
    """Find why captions fail.

    Args:
        names: The pictures to look at.
        captions: Picture name → its caption.
        references: Picture name → what people wrote; the rarity of words, by which
            people's agreement is measured, is that among all of these.
        vocabulary: The words the model can say; none if that is not known.

    Returns:
        Picture name → all causes that fit, at least one, in the order of `CAUSES`.
    """
    truths = {name: [tokenize(t) for t in group] for name, group in references.items()}
    cider = CiderD(truths)
    known = set(vocabulary)
    found = {}
    for name in names:
        causes = set(_causes(tokenize(captions[name]), truths[name]))
        if known and _shared_words(truths[name]) - known:
            causes.add("unseen words")
        if _agreement(cider, name, truths[name]) < _DISAGREE:
            causes.add("people disagree")
        found[name] = [cause for cause in CAUSES if cause in causes] or ["too little"]
    return found


def _causes(words: Words, references: Sequence[Words]) -> Iterator[str]:
    subjects = _subjects(words)
    if not any(subjects & _subjects(truth) for truth in references):
        yield "wrong subject"
    theirs = set().union(*(content_stems(truth) for truth in references))
    aside = {stem(word) for word in (*SUBJECTS, *COLOURS)}
    others = content_stems(words) - aside
    if others and not others & theirs:
        yield "wrong object"
    for cause, kinds in _CONTRADICTIONS.items():
        if any(contradicts(words, references, kind) for kind in kinds):
            yield cause
    actions = {stem(word) for word in words if len(word) > 4 and word.endswith("ing")}
    if actions and not actions & theirs:
        yield "wrong action"


def _subjects(words: Words) -> set[str]:
    return meanings(words, SUBJECTS) or {"other"}


def _shared_words(references: Sequence[Words]) -> set[str]:
    """Return the words that more than half of the references have."""
    counts = Counter(word for truth in references for word in set(truth))
    return {word for word, count in counts.items() if count > len(references) / 2}


def _agreement(cider: CiderD, name: str, references: Sequence[Words]) -> float:
    """Score references against each other; without the score that each gives itself."""
    count = len(references)
    if count < 2:
        return float("inf")
    scores = [
        # Of the four lengths of n-grams, a short caption has but some.
        cider.score(name, truth) - 10 * min(len(truth), 4) / 4 / count
        for truth in references
    ]
    return fmean(scores) * count / (count - 1)
