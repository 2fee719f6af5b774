"""Pictures found by words, the best first."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from operator import itemgetter
from pathlib import Path

from imagecap.library.query import Term, combine, parse
from imagecap.library.schema import create_word_index
from imagecap.library.word_index import ANY, words_of_path

NearWords = Callable[[str], Sequence[str]]
# Of more pictures the newest are ranked alone: a word that so many have tells little.
_MOST_RANKED = 2000
_MATCHING = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC"
# What a person wrote says more than what a model did, a folder less, marks nothing.
_RANKED = _MATCHING.replace("rowid", "rowid, bm25(words, 2, 1, 1, 1, 0.5, 0)", 1)
_RANKED_BETWEEN = _RANKED.replace("ORDER", "AND rowid BETWEEN ? AND ? ORDER")


def search(
    database: sqlite3.Connection, text: str, limit: int | None, near: NearWords | None
) -> list[int]:
    """Find pictures by words.

    Args:
        database: The library.
        text: The query, see `imagecap.library.query`.
        limit: How many are wanted at most; `None` for all.
        near: Gives words that are near to one that no caption has.

    Returns:
        The numbers of the pictures, the best first; those that are only near behind.

    Raises:
        QueryError: If the query cannot be understood.
    """
    terms = parse(text)
    if not terms:
        return []
    expressions = {term: _expression(database, term) for term in terms}
    found = _matching(database, expressions, limit)
    near_expressions = _near_expressions(database, terms, near) if near else {}
    if near_expressions and (limit is None or len(found) < limit):
        also = _matching(database, expressions | near_expressions, limit)
        known = set(found)
        found += [number for number in also if number not in known]
    return found[:limit]


def _matching(
    database: sqlite3.Connection, expressions: dict[Term, str], limit: int | None
) -> list[int]:
    """Find the rows that match, the best first."""
    found = _newest(database, expressions)
    if len(found) == _MOST_RANKED and (limit is None or limit > _MOST_RANKED):
        ranked = set(found)
        others = database.execute(_MATCHING, (combine(expressions),))
        found += [number for (number,) in others if number not in ranked]
    return found[:limit]


def _newest(database: sqlite3.Connection, expressions: dict[Term, str]) -> list[int]:
    """Find the newest rows that match, so many as are ranked, the best first.

    To rank, FTS5 counts the rows that have each part of a query, which takes long of
    what nearly all have or what is left out. So these only choose.
    """
    match = combine(expressions)
    telling = {
        term: expression
        for term, expression in expressions.items()
        if term.kind != "by" and not term.is_excluded
    }
    if len(telling) < len(expressions):
        rows = database.execute(f"{_MATCHING} LIMIT ?", (match, _MOST_RANKED))
        newest = [number for (number,) in rows]
        if not telling:
            return newest
        # Of fewer ones the range may have many others.
        if len(newest) == _MOST_RANKED:
            between = (combine(telling), newest[-1], newest[0])
            chosen = set(newest)
            ranked = database.execute(_RANKED_BETWEEN, between)
            return _best_first(row for row in ranked if row[0] in chosen)
    return _best_first(database.execute(f"{_RANKED} LIMIT ?", (match, _MOST_RANKED)))


def _best_first(rows: Iterable[tuple[int, float]]) -> list[int]:
    return [number for number, _ in sorted(rows, key=itemgetter(1))]


def _expression(database: sqlite3.Connection, term: Term) -> str:
    """Return what finds a term; where nothing has a word, what begins with it."""
    whole = term.expression()
    if term.kind == "word" and not _is_anywhere(database, whole):
        return term.beginning()
    return whole


def _near_expressions(
    database: sqlite3.Connection, terms: Sequence[Term], near: NearWords
) -> dict[Term, str]:
    """Return what finds the words near to those that no caption has."""
    unsaid = (
        term
        for term in terms
        if term.kind == "word"
        and not term.is_excluded
        and not _is_anywhere(database, term.in_captions())
    )
    near_words = {term: near(term.text.lower()) for term in unsaid}
    return {term: term.any_of(words) for term, words in near_words.items() if words}


def _is_anywhere(database: sqlite3.Connection, expression: str) -> bool:
    statement = "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1"
    return database.execute(statement, (expression,)).fetchone() is not None


def search_names(text: str, pictures: Iterable[Path]) -> list[Path]:
    """Find pictures of which nothing is known but their names, in order.

    Args:
        text: The query, see `imagecap.library.query`.
        pictures: The picture files.

    Raises:
        QueryError: If the query cannot be understood.
    """
    terms, pictures = parse(text), list(pictures)
    if not (terms and pictures):
        return []
    with closing(sqlite3.connect(":memory:")) as names:
        create_word_index(names)
        names.executemany(
            "INSERT INTO words (rowid, name, folder, marks) VALUES (?, ?, ?, ?)",
            # The highest number is found first.
            [(-place, *words_of_path(one), ANY) for place, one in enumerate(pictures)],
        )
        expressions = {term: _expression(names, term) for term in terms}
        numbers = _matching(names, expressions, None)
    return [pictures[-number] for number in numbers]
