"""The tables of the library, and which version of them a file has."""

from __future__ import annotations

import sqlite3

VERSION = 2
# In place of a beam width; part of a key, which takes no NULL twice.
OWN_SEARCH = 0
FORMER_NAMES = frozenset({"machine", "human"})
"""The tables of the library before it had versions."""

# Of pictures in the first version; nothing ever stood there.
_FORMER_COLUMNS = ("width", "height")
# A path that is no BLOB is damaged, and none. What a person says is told apart by its
# own row alone: it has the path and the content of its picture, too, so that it can be
# saved where all else is damaged.
_TABLES = {
    "pictures": """
        id INTEGER PRIMARY KEY, path BLOB UNIQUE, content BLOB, bytes INTEGER,
        modified INTEGER, taken TEXT, place TEXT, said TEXT, missing INTEGER""",
    "machine_captions": """
        sequence INTEGER PRIMARY KEY, picture INTEGER NOT NULL, model TEXT NOT NULL,
        beam_width INTEGER NOT NULL, content BLOB, bytes INTEGER, modified INTEGER,
        captions TEXT NOT NULL, made REAL, UNIQUE (picture, model, beam_width)""",
    "human_captions": """
        sequence INTEGER PRIMARY KEY, picture INTEGER NOT NULL, path BLOB,
        content BLOB, caption TEXT, kind TEXT NOT NULL, made REAL""",
    "vectors": """
        picture INTEGER NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL,
        UNIQUE (picture, model)""",
}
_INDEXES = {
    "pictures_by_size": "pictures (bytes)",
    "human_captions_by_picture": "human_captions (picture, sequence)",
}
# Porter's stems are English, as the models' captions are.
_WORDS = """
    CREATE VIRTUAL TABLE words USING fts5(
        human, machine, name, said, folder, marks,
        tokenize = "porter unicode61 remove_diacritics 2", prefix = '2 3')"""

NAMES = frozenset({*_TABLES, "words"})
"""The tables of this version."""


def tables_of(database: sqlite3.Connection) -> set[str]:
    """Return the names of the tables that a database has."""
    rows = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {str(name) for (name,) in rows}


def is_as_made(database: sqlite3.Connection) -> bool:
    """Tell whether a database has the tables of this version and no other ones."""
    rows = database.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' "
        "AND name NOT LIKE 'words_%'"
    )
    made = {
        name: f"CREATE TABLE {name} ({columns})" for name, columns in _TABLES.items()
    }
    made["words"] = _WORDS
    there = dict(rows.fetchall())
    # A column that was taken out leaves another line break.
    return {name: "".join(str(sql).split()) for name, sql in there.items()} == {
        name: "".join(sql.split()) for name, sql in made.items()
    }


def drop_former_columns(database: sqlite3.Connection) -> None:
    """Take out what a former version has and this one has not."""
    rows = database.execute("SELECT name FROM pragma_table_info('pictures')")
    there = {name for (name,) in rows}
    for name in _FORMER_COLUMNS:
        if name in there:
            database.execute(f"ALTER TABLE pictures DROP COLUMN {name}")


def version_of(database: sqlite3.Connection) -> int:
    """Return which version of the tables a database has; 0 for none or the former."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def create_tables(database: sqlite3.Connection) -> None:
    """Make those tables that are missing, within the transaction that is going on."""
    for name, columns in _TABLES.items():
        database.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
    for name, columns in _INDEXES.items():
        database.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")
    if "words" not in tables_of(database):
        create_word_index(database)
    database.execute(f"PRAGMA user_version = {VERSION}")


def create_word_index(database: sqlite3.Connection) -> None:
    """Make the table of the words by which pictures are found."""
    database.execute(_WORDS)
