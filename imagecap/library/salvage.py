"""All that can still be read of a damaged library, put into a new one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from imagecap.library.captions_table import kind_of
from imagecap.library.damaged_copies import Values, mend_copies
from imagecap.library.kept_rows import from_json, to_text
from imagecap.library.migration import take_former_human, take_former_machine
from imagecap.library.sqlite_pages import read_rows
from imagecap.library.word_index import ANY, index_words

# How many columns pictures have; those of the first version had two more.
_PICTURES = (9, 11)


class Saved(NamedTuple):
    """How much was saved.

    Attributes:
        human: How many pictures have what a person says of them.
        machine: How many pictures have what a model says of them.
    """

    human: int
    machine: int


def content_of(file: Path) -> bytes:
    """Return what a file holds; nothing of one that is not there."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def salvage(database: bytes, log: bytes, new: sqlite3.Connection) -> Saved:
    """Put all that can be read of a library and its log into a new library.

    What a person took back may come again from the log of a library without versions;
    nothing that was said is missing for that.

    Args:
        database: The content of the damaged file, of this version or the former one.
        log: The content of its write-ahead log.
        new: The new library, with its tables, in a transaction.
    """
    found: dict[str, dict[int, Values]] = {name: {} for name, _ in _FILL}
    for number, values in read_rows(database, log):
        table = _table_of(values)
        if table:
            # The newest state of a row comes first.
            found[table].setdefault(number, _typed(table, values))
    found["words"] = mend_copies(found["words"], found["human_captions"])
    for table, fill in _FILL:
        fill(new, dict(sorted(found[table].items())))
    for (number,) in new.execute("SELECT id FROM pictures").fetchall():
        index_words(new, number)
    counts = new.execute(
        "SELECT (SELECT COUNT(*) FROM words WHERE human IS NOT NULL), "
        "(SELECT COUNT(*) FROM words WHERE machine IS NOT NULL)"
    )
    return Saved(*counts.fetchone())


def holds_captions(database: bytes, log: bytes) -> bool:
    """Tell whether something in a damaged database is of a library."""
    return any(_is_ours(values) for _, values in read_rows(database, log))


def _is_ours(values: Values) -> bool:
    if len(values) == 5:  # of the table of tables
        return values[2] in ("human", "machine", "human_captions", "machine_captions")
    # The columns with paths.
    place = {"human": 0, "machine": 0, "pictures": 1, "human_captions": 2}
    table = _table_of(values)
    if table == "words":
        return True
    path = values[place[table]] if table in place else None
    return isinstance(path, bytes) and Path(os.fsdecode(path)).is_absolute()


def _table_of(values: Values) -> str | None:
    """Tell by its shape of which table a row is."""
    if len(values) in _PICTURES and not isinstance(values[1], int):
        return "pictures"
    if len(values) == 9:
        return "machine_captions"
    if len(values) == 7 and values[0] is not None:
        return "machine"
    if len(values) == 7 and isinstance(values[6], str) and ANY in values[6].split():
        return "words"
    if len(values) == 7 and (isinstance(values[1], int) or _is_number(values[6])):
        return "human_captions"
    if len(values) == 3 and isinstance(values[0], int):
        return "vectors"
    return "human" if len(values) == 3 else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))


def _typed(table: str, values: Values) -> Values:
    """Return a row as its table holds it; what cannot be so in a column is `None`."""
    if len(values) == _PICTURES[1]:
        values = values[:5] + values[7:]
    types = _TYPES.get(table)
    return tuple(map(_as, types, values)) if types else values


def _as(column: type, value: object) -> object:
    if value is None or isinstance(value, column):
        return value
    if column is str:
        return to_text(value)
    if column is bytes and isinstance(value, str):
        return os.fsencode(value)
    return float(value) if column is float and isinstance(value, int) else None


def _fill_pictures(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    for number, (_, *others) in rows.items():
        new.execute(
            "INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *others),
        )


class _Words(NamedTuple):
    """What the word index says of a picture."""

    number: int
    human: str | None
    machine: str | None
    place: str


def _words(rows: dict[int, Values]) -> Iterator[_Words]:
    for number, row in rows.items():
        human, machine, name, _, folder = (
            None if value is None else to_text(value) for value in row[1:6]
        )
        if name and folder:
            yield _Words(number, human, machine, str(Path(folder, name)))


def _fill_places(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    """Take from the word index where pictures lie whose own row is lost."""
    for number, human, machine, place in _words(rows):
        # Such a mark may stand for what is no text.
        if "?" not in place and (human is not None or machine is not None):
            new.execute(
                "INSERT OR IGNORE INTO pictures (id, path) VALUES (?, ?)",
                (number, os.fsencode(place)),
            )


def _fill_human(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    for _, picture, path, content, caption, kind, made in rows.values():
        number = _picture(new, picture, path, content)
        new.execute(
            "INSERT INTO human_captions (picture, path, content, caption, kind, made) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                path,
                content,
                caption,
                "written" if kind is None else kind,
                made,
            ),
        )
        _correct_place(new, number, path)


def _fill_machine(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    for _, picture, *others in rows.values():
        model, beam_width, content, size, modified, captions, _ = others
        if None in (picture, model, beam_width) or not from_json(captions):
            continue
        number = _picture(new, picture, None, content)
        new.execute(
            "INSERT OR REPLACE INTO machine_captions (picture, model, beam_width, "
            "content, bytes, modified, captions, made) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *others),
        )
        # By its bytes a picture is found again where it was moved.
        new.execute(
            "UPDATE pictures SET content = ?1, bytes = ?2, modified = ?3 "
            "WHERE id = ?4 AND bytes IS NULL AND IFNULL(content, ?1) = ?1",
            (content, size, modified, number),
        )


def _fill_from_words(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    """Take what people say from the word index, where its own row is lost.

    Their rows are only ever added, so that what none of them has is from a later one,
    or damaged.
    """
    for number, human, machine, place in _words(rows):
        path = os.fsencode(place)
        # One that another picture has taken since is none.
        new.execute(
            "UPDATE OR IGNORE pictures SET path = ? "
            "WHERE id = ? AND path IS NULL AND missing IS NULL",
            (path, number),
        )
        if human is None:
            continue
        said = [] if machine is None else [machine]
        picture = _picture(new, number, path, None)
        _correct_place(new, picture, path)
        kept = {
            caption
            for (caption,) in new.execute(
                "SELECT caption FROM human_captions WHERE picture = ?", (picture,)
            )
        }
        if human in kept or (_has_damage(human) and kept - {None}):
            continue
        new.execute(
            "INSERT INTO human_captions (picture, path, content, caption, kind) "
            "SELECT id, path, content, ?, ? FROM pictures WHERE id = ?",
            (human, kind_of(human, said), picture),
        )


def _has_damage(text: str) -> bool:
    """Tell whether there is in a text what nobody can have written."""
    return any(char == "\ufffd" or (char < " " and not char.isspace()) for char in text)


def _fill_vectors(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    new.executemany(
        "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
        (values for values in rows.values() if None not in values),
    )


def _correct_place(new: sqlite3.Connection, number: int | None, path: object) -> None:
    """Take another place of a picture where there is a file, and none at its own.

    One wrong letter makes its own place another one.
    """
    (own,) = new.execute("SELECT path FROM pictures WHERE id = ?", (number,)).fetchone()
    known, other = (
        isinstance(one, bytes) and os.path.exists(one) for one in (own, path)
    )
    if other and not known:
        new.execute(
            "UPDATE OR IGNORE pictures SET path = ? WHERE id = ?", (path, number)
        )


def _picture(
    new: sqlite3.Connection, number: object, path: object, content: object
) -> int | None:
    """Return the number of a picture whose own row may be lost."""
    known = new.execute(
        "SELECT id FROM pictures WHERE id = ? OR path = ? ORDER BY id != ?",
        (number, path, number),
    ).fetchone()
    if known:
        return int(known[0])
    return new.execute(
        "INSERT INTO pictures (id, path, content) VALUES (?, ?, ?)",
        (number, path, content),
    ).lastrowid


# In this order: captions are of pictures, and what a program of before has added to a
# library of this version is newer.
_FILL: tuple[tuple[str, Callable[[sqlite3.Connection, dict[int, Values]], None]], ...]
_FILL = (
    ("pictures", _fill_pictures),
    ("words", _fill_places),
    ("human_captions", _fill_human),
    ("machine_captions", _fill_machine),
    ("words", _fill_from_words),
    ("vectors", _fill_vectors),
    ("machine", lambda new, rows: take_former_machine(new, rows.values())),
    ("human", lambda new, rows: take_former_human(new, rows.values())),
)
# What the columns of the tables of this version hold; numbers of rows are apart.
_TYPES: dict[str, tuple[type, ...]] = {
    "pictures": (object, bytes, bytes, int, int, str, str, str, int),
    "machine_captions": (object, int, str, int, bytes, int, int, str, float),
    "human_captions": (object, int, bytes, bytes, str, str, float),
    "vectors": (int, str, bytes),
}
