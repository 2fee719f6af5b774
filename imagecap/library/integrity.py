"""Whether a library is whole: its pages, its indexes, and both copies of captions."""

from __future__ import annotations

import sqlite3

# SQLite itself does not see a wrong letter; the word index has a copy of each caption.
_OTHER_COPY = """
    SELECT 1 FROM words_content WHERE c0 IS NOT
        (SELECT caption FROM human_captions WHERE picture = words_content.id
            ORDER BY sequence DESC LIMIT 1)
    LIMIT 1"""


def find_damage(database: sqlite3.Connection) -> str | None:
    """Return what is wrong with a library of this version; `None` of a whole one.

    That takes 0.5 s of 250,000 pictures.

    Raises:
        sqlite3.Error: If it cannot even be read.
    """
    (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        return str(found)
    if database.execute(_OTHER_COPY).fetchone():
        return "a caption differs from its copy"
    return None
