"""What English words say about people, colours and numbers."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

# The lists of Hirota, Nakashima and Garcia 2022, "Quantifying societal bias
# amplification in image captioning", word for word as their code has them
# (github.com/rebnej/lick-caption-bias).
_FEMALE = (
    "woman women female lady ladies mother girl girls aunt wife actress princess "
    "waitress daughter she her hers herself sister sisters queen queens pregnant"
)
_MALE = (
    "man men male father gentleman gentlemen boy boys uncle husband actor prince "
    "waiter son he his him himself brother brothers guy guys emperor emperors dude "
    "dudes cowboy"
)
GENDERS = {
    **dict.fromkeys(_FEMALE.split(), "female"),
    **dict.fromkeys(_MALE.split(), "male"),
}
"""Word → the gender it says."""

_COLOURS = (
    "black white red blue green yellow orange brown pink purple gray tan gold silver "
    "beige blond"
)
COLOURS = {
    **{colour: colour for colour in _COLOURS.split()},
    **{"grey": "gray", "blonde": "blond", "golden": "gold", "blonde-haired": "blond"},
}
"""Word → the colour it says."""

_NUMBERS = "two three four five six seven eight nine ten"
NUMBERS = {
    **{word: word for word in _NUMBERS.split()},
    **{str(number): word for number, word in enumerate(_NUMBERS.split(), start=2)},
    **{"couple": "two", "pair": "two"},
}
"""Word → the number it says. "One" is not among them: it is mostly a pronoun."""

_ONE = "man woman boy girl child person baby toddler lady guy kid player dog"
_SEVERAL = (
    "men women boys girls children people babies toddlers ladies guys kids players "
    "dogs group crowd team couple pair"
)
ONE_OR_SEVERAL = {
    **dict.fromkeys(_ONE.split(), "one"),
    **dict.fromkeys(_SEVERAL.split(), "several"),
}
"""Word → whether it speaks of one person or dog, or of several."""

_SUBJECTS = {
    "person": "man men woman women boy boys girl girls child children person people "
    "baby babies toddler toddlers lady ladies guy guys kid kids player players group "
    "crowd team couple he she him her man's rider skier surfer biker skateboarder "
    "snowboarder climber cyclist bicyclist runner",
    "dog": "dog dogs puppy puppies poodle greyhound greyhounds terrier retriever "
    "collie shepherd dalmatian",
}
SUBJECTS = {
    word: subject for subject, words in _SUBJECTS.items() for word in words.split()
}
"""Word → the kind of subject it names; other things are not among them."""

_FUNCTION_WORDS = (
    "a an the this that these those some any each other another one is are was were be "
    "been being has have having had do does doing not no and or but while as with "
    "without in on at of to from by for into onto over under up down out off through "
    "across along around behind front beside between near next against above below "
    "during toward towards past about away together it its he his him she her they "
    "their them who which whose what where there here 's very"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that say nothing of what is seen."""


def meanings(words: Iterable[str], kind: Mapping[str, str]) -> set[str]:
    """Return all that words say of a kind, such as `GENDERS` or `COLOURS`."""
    return {kind[word] for word in words if word in kind}


@functools.cache
def stem(word: str) -> str:
    """Cut off what changes when an English word is bent: "riding" becomes "ride".

    Source: Porter's English stemmer ("Porter 2") of the Snowball project.
    """
    # Only scoring needs it; it would slow down the start of everything else.
    from snowballstemmer import stemmer

    return str(stemmer("english").stemWord(word))


def content_stems(words: Sequence[str]) -> set[str]:
    """Return the stems of the words that say what is seen."""
    return {stem(word) for word in words if word not in FUNCTION_WORDS}


def repeats_itself(words: Sequence[str]) -> bool:
    """Return whether a caption says the same twice.

    "White and white", "a man and a man", or the same two words in a row again, as in "a
    bench on a bench". "A red jacket and a red hat" is none, nor "a black dog and a
    brown dog".
    """
    pairs = [*pairwise(words)]
    plain = [word for word in words if word not in ("a", "an", "the")]
    # Most captions say no word again, nor any two.
    if len({*plain}) == len(plain) and len({*pairs}) == len(pairs):
        return False
    twins = any(
        first == second and middle == "and"
        for first, middle, second in zip(plain, plain[1:], plain[2:], strict=False)
    )
    return twins or any(
        count > 1 and not _may_come_again(pair)
        for pair, count in Counter(pairs).items()
    )


def _may_come_again(pair: Sequence[str]) -> bool:
    """Return whether two words are no phrase: "in a", "a red", "a dog", "man in"."""
    content = [word for word in pair if word not in FUNCTION_WORDS]
    return len(content) < 2 and all(
        word in COLOURS or word in SUBJECTS for word in content
    )
