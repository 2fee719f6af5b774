"""What captions say against what people wrote: genders, colours, numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from imagecap.model.measured import Failures, Tally
from imagecap.text.lexicon import (
    COLOURS,
    GENDERS,
    NUMBERS,
    ONE_OR_SEVERAL,
    meanings,
    repeats_itself,
)
from imagecap.text.tokenizer import tokenize

Words = Sequence[str]

KINDS: Mapping[str, Mapping[str, str]] = {
    "gender": GENDERS,
    "colour": COLOURS,
    "number, “two” and up": NUMBERS,
    "one or several": ONE_OR_SEVERAL,
}
"""What is counted → word → what the word says."""


def count_failures(
    captions: Mapping[str, str], references: Mapping[str, Sequence[str]]
) -> Failures:
    """Count what captions say that people do not.

    People are measured by the same rule: the first reference of each picture that has
    several is taken for a caption, and the others for what people wrote.

    Args:
        captions: Picture name → its caption.
        references: Picture name → what people wrote; holds every name in `captions`.
    """
    pairs = [
        (tokenize(caption), [tokenize(text) for text in references[name]])
        for name, caption in captions.items()
    ]
    among_people = [(first, others) for _, (first, *others) in pairs if others]
    # (what all references say, what the caption says) → how often
    genders = Counter(
        (theirs, "both" if len(ours) > 1 else next(iter(ours)))
        for words, truths in pairs
        if (ours := meanings(words, GENDERS))
        for theirs in _only(_all_meanings(truths, GENDERS))
    )
    return Failures(
        len(pairs),
        {kind: _tally(pairs, words) for kind, words in KINDS.items()},
        {kind: _tally(among_people, words) for kind, words in KINDS.items()},
        genders["female", "male"],
        sum(count for (theirs, _), count in genders.items() if theirs == "female"),
        genders["male", "female"],
        sum(count for (theirs, _), count in genders.items() if theirs == "male"),
        sum(repeats_itself(words) for words, _ in pairs),
    )


def contradicts(words: Words, references: Sequence[Words], kind: str) -> bool:
    """Return whether a caption says of a kind what people do not, who say others."""
    theirs = _all_meanings(references, KINDS[kind])
    return bool(theirs) and bool(meanings(words, KINDS[kind]) - theirs)


def count_contradictions(words: Words, references: Sequence[Words]) -> int:
    """Count what a caption says of gender, colour and number and people do not.

    Of a kind of which they say nothing, nothing counts; nor does whether one is spoken
    of or several.

    Args:
        words: Those of the caption.
        references: Those of what people wrote.
    """
    total = 0
    for kind in (GENDERS, COLOURS, NUMBERS):
        theirs = _all_meanings(references, kind)
        total += len(meanings(words, kind) - theirs) if theirs else 0
    return total


def _all_meanings(references: Sequence[Words], kind: Mapping[str, str]) -> set[str]:
    return set().union(*(meanings(truth, kind) for truth in references))


def _only(meanings: set[str]) -> set[str]:
    return meanings if len(meanings) == 1 else set()


def _tally(
    pairs: Iterable[tuple[Words, Sequence[Words]]], kind: Mapping[str, str]
) -> Tally:
    said = agreed = alone = 0
    for words, truths in pairs:
        theirs = _all_meanings(truths, kind)
        ours = meanings(words, kind)
        said += len(ours)
        agreed += len(ours & theirs)
        alone += 0 if theirs else len(ours)
    return Tally(said, agreed, alone, said - agreed - alone)
