"""What a person writes to find pictures, as the word index understands it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imagecap.library.errors import LibraryError
from imagecap.library.word_index import ANY, BY_MACHINE, BY_ME, TAKEN, UNSURE
from imagecap.text.lexicon import FUNCTION_WORDS

_MOST_TERMS = 64
# A minus, a key, and a phrase in quotation marks or a word.
_TERM = re.compile(r'(-?)(?:(by|in|taken):)?(?:"([^"]*)"?|([^\s"]+))', re.IGNORECASE)
_WORDS_COLUMNS = "{human machine name said}"
_CAPTION_COLUMNS = "{human machine said}"
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_SPEAKERS = {"me": BY_ME, "machine": BY_MACHINE}


class QueryError(LibraryError):
    """What was written to find pictures cannot be understood."""


@dataclass(frozen=True)
class Term:
    """A part of a query.

    Attributes:
        kind: "word", "phrase", "by", "in", "taken" or "unsure".
        text: What stands there.
        is_excluded: Whether pictures that have it are left out.
    """

    kind: str
    text: str
    is_excluded: bool = False

    def expression(self) -> str:
        """Return what finds the pictures that have it, in the language of FTS5."""
        if self.kind == "by":
            return _column("marks", _SPEAKERS[self.text.lower()])
        if self.kind == "unsure":
            return _column("marks", UNSURE)
        if self.kind == "taken":
            return f"{_column('marks', TAKEN + self.text.replace('-', ''))} *"
        if self.kind == "in":
            return _column("folder", self.text)
        if self.text.endswith("*"):
            return self.beginning()
        return _column(_WORDS_COLUMNS, self.text)

    def beginning(self) -> str:
        """Return what finds words that begin with it."""
        return f"{_column(_WORDS_COLUMNS, self.text.rstrip('*'))} *"

    def in_captions(self) -> str:
        """Return what finds the pictures whose captions have this very word."""
        return _column(_CAPTION_COLUMNS, self.text.rstrip("*"))

    def any_of(self, words: Sequence[str]) -> str:
        """Return what finds one of other words instead."""
        return f"{_WORDS_COLUMNS} : ({' OR '.join(map(_quoted, words))})"


def parse(text: str) -> list[Term]:
    """Take a query apart; parts without a letter or digit count for nothing.

    Raises:
        QueryError: If it has too many parts, or one that means nothing; the message
            says which.
    """
    terms = list(dict.fromkeys(_terms(text)))
    # Words that say nothing of what is seen are in most captions.
    telling = [term for term in terms if term.text.lower() not in FUNCTION_WORDS]
    terms = telling or terms
    if len(terms) > _MOST_TERMS:
        raise QueryError(
            f"{len(terms):,} words are too many to be searched for; write at most "
            f"{_MOST_TERMS}."
        )
    return terms


def _terms(text: str) -> list[Term]:
    terms = []
    for minus, key, phrase, word in _TERM.findall(text.replace("\0", " ")):
        content = (phrase or word).strip()
        if not any(letter.isalnum() for letter in content):
            continue
        kind = key.lower() or ("phrase" if phrase else "word")
        if kind == "word" and content.lower() == "unsure":
            kind = "unsure"
        _check(kind, content)
        terms.append(Term(kind, content, bool(minus)))
    return terms


def _check(kind: str, content: str) -> None:
    if kind == "by" and content.lower() not in _SPEAKERS:
        raise QueryError(
            f"by:{content} means nothing; write by:me for your captions or by:machine."
        )
    if kind == "taken" and not _DAY.fullmatch(content):
        raise QueryError(
            f"taken:{content} is no year, month or day; write it as taken:2024, "
            "taken:2024-07 or taken:2024-07-31."
        )


def combine(expressions: Mapping[Term, str]) -> str:
    """Return what finds the pictures that have all of a query, in FTS5's language.

    Args:
        expressions: The parts of the query, at least one, each with what finds it.
    """
    wanted = [f"({one})" for term, one in expressions.items() if not term.is_excluded]
    excluded = [f"({one})" for term, one in expressions.items() if term.is_excluded]
    expression = " AND ".join(wanted) or _column("marks", ANY)
    if excluded:
        expression = f"({expression}) NOT ({' OR '.join(excluded)})"
    return expression


def _column(name: str, content: str) -> str:
    return f"{name} : {_quoted(content)}"


def _quoted(content: str) -> str:
    return '"' + content.replace('"', '""') + '"'
