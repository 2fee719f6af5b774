"""Pictures found by words, the best first."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from imagecap.library.query import Term, match_expression, parse
from imagecap.library.schema import create_word_index
from imagecap.library.word_index import ANY, words_of_path

NearWords = Callable[[str], Sequence[str]]
# What a person wrote says more than what a model did, a folder less, marks nothing.
_RANK = "bm25(2.0, 1.0, 1.0, 1.0, 0.5, 0.0)"


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
    found = _matching(database, match_expression(terms), limit)
    instead = _near_terms(database, terms, near) if near else {}
    if instead and (limit is None or len(found) < limit):
        also = _matching(database, match_expression(terms, instead), limit)
        known = set(found)
        found += [number for number in also if number not in known]
    return found[:limit]


def _matching(
    database: sqlite3.Connection, expression: str, limit: int | None
) -> list[int]:
    rows = database.execute(
        "SELECT rowid FROM words WHERE words MATCH ? AND rank MATCH ? "
        "ORDER BY rank LIMIT ?",
        (expression, _RANK, -1 if limit is None else limit),
    )
    return [number for (number,) in rows]


def _near_terms(
    database: sqlite3.Connection, terms: Sequence[Term], near: NearWords
) -> dict[Term, Sequence[str]]:
    """Return words instead of those that no caption has."""
    found: dict[Term, Sequence[str]] = {}
    for term in terms:
        if term.kind == "word" and not term.is_excluded:
            row = database.execute(
                "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (term.in_captions(),)
            ).fetchone()
            words = () if row else near(term.text.lower())
            if words:
                found[term] = words
    return found


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
            [(number, *words_of_path(one), ANY) for number, one in enumerate(pictures)],
        )
        numbers = _matching(names, match_expression(terms), None)
    return [pictures[number] for number in numbers]
