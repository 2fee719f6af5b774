"""What a person writes to find pictures, as the word index understands it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imagecap.library.errors import LibraryError
from imagecap.library.word_index import ANY, BY_MACHINE, BY_ME, TAKEN, UNSURE

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

    def expression(self, instead: Sequence[str] = ()) -> str:
        """Return what finds the pictures that have it, in the language of FTS5.

        Args:
            instead: Words that are near, of which one is enough.
        """
        if self.kind == "by":
            return _column("marks", _SPEAKERS[self.text.lower()])
        if self.kind == "unsure":
            return _column("marks", UNSURE)
        if self.kind == "taken":
            return f"{_column('marks', TAKEN + self.text.replace('-', ''))} *"
        if self.kind == "in":
            return _column("folder", self.text)
        if instead:
            near = " OR ".join(map(_quoted, instead))
            return f"{_WORDS_COLUMNS} : ({near})"
        if self.kind == "phrase":
            return _column(_WORDS_COLUMNS, self.text)
        # The word itself counts for more than what only begins so.
        word = self.text.rstrip("*")
        whole = [] if self.text.endswith("*") else [_quoted(word)]
        begun = [f"{_quoted(word)} *"] if len(word) > 1 else []
        return f"{_WORDS_COLUMNS} : ({' OR '.join(whole + begun or [_quoted(word)])})"

    def in_captions(self) -> str:
        """Return what finds the pictures whose captions have this very word."""
        return _column(_CAPTION_COLUMNS, self.text.rstrip("*"))


def parse(text: str) -> list[Term]:
    """Take a query apart; parts without a letter or digit count for nothing.

    Raises:
        QueryError: If it has too many parts, or one that means nothing; the message
            says which.
    """
    terms = list(dict.fromkeys(_terms(text)))
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


def match_expression(
    terms: Sequence[Term], near: Mapping[Term, Sequence[str]] | None = None
) -> str:
    """Return what finds the pictures that have all of a query, in FTS5's language.

    Args:
        terms: The parts of the query, at least one.
        near: For some of them words that are enough instead.
    """
    wanted = [
        f"({term.expression((near or {}).get(term, ()))})"
        for term in terms
        if not term.is_excluded
    ]
    excluded = [f"({term.expression()})" for term in terms if term.is_excluded]
    expression = " AND ".join(wanted) or _column("marks", ANY)
    if excluded:
        expression = f"({expression}) NOT ({' OR '.join(excluded)})"
    return expression


def _column(name: str, content: str) -> str:
    return f"{name} : {_quoted(content)}"


def _quoted(content: str) -> str:
    return '"' + content.replace('"', '""') + '"'
