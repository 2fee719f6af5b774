"""Of two copies of a caption that differ by a letter or so, one is damaged: which?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from imagecap.library.kept_rows import to_text

# Where more letters are others, there is mostly something that nobody can have written.
_DAMAGED_LETTERS = 3
_WORD = re.compile(r"\w+|[^\w\s]")

Values = tuple[object, ...]


def mend_copies(
    words: Mapping[int, Values], own: Mapping[int, Values]
) -> dict[int, Values]:
    """Give the word index with the captions of people as their own rows have them.

    Where none of these rows is lost, a copy in the index with a few other letters is no
    later caption: one of the two is damaged. That is the copy, unless its words are
    known from elsewhere in the library, and those of the row are not. Where rows are
    lost, the copy may be a later caption; it is damaged if its words are not known
    from elsewhere, and those of the row are.

    Args:
        words: Number of a picture → its row in the word index: what a person says, what
            a model says and its name are the second to the fourth value.
        own: Sequence → a row of what people say: the picture's number is the second
            value, the caption the fifth.

    Returns:
        The word index; where a row is the damaged one, or is lost, as it was.
    """
    are_all_there = sorted(own) == list(range(1, len(own) + 1))
    said: dict[object, list[str]] = defaultdict(list)
    for _, row in sorted(own.items()):
        if isinstance(row[4], str):
            said[row[1]].append(row[4])
    known = _known_words(words, said)
    return {
        number: (
            row[0],
            _whole(to_text(row[1]), said[number], known, are_all_there),
            *row[2:],
        )
        if row[1] is not None and number in said
        else row
        for number, row in words.items()
    }


def _known_words(
    words: Mapping[int, Values], said: Mapping[object, list[str]]
) -> set[str]:
    """Return the words that more than one place of the library has."""
    places = Counter[str]()
    for number, row in words.items():
        human, machine, name = ("" if one is None else to_text(one) for one in row[1:4])
        places.update(_words_of(" ".join([human, machine, *said.get(number, [])])))
        places.update(_words_of(name))
    return {word for word, count in places.items() if count > 1}


def _whole(copy: str, rows: list[str], known: set[str], are_all_there: bool) -> str:
    """Return the row that it is a copy of, unless it is the whole one of the two."""
    for row in reversed(rows):
        others = sum(a != b for a, b in zip(copy, row, strict=False))
        if len(copy) == len(row) and others <= _DAMAGED_LETTERS:
            of_copy, of_row = _words_of(copy), _words_of(row)
            is_copy_known = of_copy - of_row <= known
            is_row_known = of_row - of_copy <= known
            if is_copy_known == is_row_known:
                return row if are_all_there else copy
            return copy if is_copy_known else row
    return copy


def _words_of(text: str) -> set[str]:
    return set(_WORD.findall(text))
