"""All that can still be read of a damaged library, put into a new one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from imagecap.library.captions_table import kind_of
from imagecap.library.kept_rows import from_json, to_text
from imagecap.library.migration import take_former_human, take_former_machine
from imagecap.library.sqlite_pages import read_rows
from imagecap.library.word_index import ANY, index_words

Values = tuple[object, ...]


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
    found: dict[str, dict[int, Values]] = {name: {} for name in _FILL}
    for number, values in read_rows(database, log):
        table = _table_of(values)
        if table:
            # The newest state of a row comes first.
            found[table].setdefault(number, values)
    for table, fill in _FILL.items():
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
    if len(values) == 11:
        return "pictures"
    if len(values) == 9:
        return "machine_captions"
    if len(values) == 7 and values[0] is not None:
        return "machine"
    if len(values) == 7 and isinstance(values[1], int):
        return "human_captions"
    if len(values) == 7 and isinstance(values[6], str) and ANY in values[6].split():
        return "words"
    if len(values) == 3 and isinstance(values[0], int):
        return "vectors"
    return "human" if len(values) == 3 else None


def _fill_pictures(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    for number, (_, path, *others) in rows.items():
        key = os.fsencode(path) if isinstance(path, str) else path
        new.execute(
            "INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, key, *others),
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
                None if caption is None else to_text(caption),
                to_text(kind),
                made,
            ),
        )


def _fill_machine(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    for _, picture, *others in rows.values():
        model, beam_width, content, size, modified, captions, made = others
        if from_json(captions):
            number = _picture(new, picture, None, content)
            new.execute(
                "INSERT OR REPLACE INTO machine_captions (picture, model, beam_width, "
                "content, bytes, modified, captions, made) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    to_text(model),
                    beam_width,
                    content,
                    size,
                    modified,
                    captions,
                    made,
                ),
            )


def _fill_human_from_words(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    """Take what people say from the word index, where its own row is lost.

    Their rows are only ever added, so that what none of them has is from a later one.
    """
    for number, (_, human, machine, name, _, folder, _) in rows.items():
        if human is None:
            continue
        caption, said = to_text(human), [] if machine is None else [to_text(machine)]
        path = os.fsencode(Path(to_text(folder), to_text(name)))
        picture = _picture(new, number, path, None)
        kept = new.execute(
            "SELECT caption FROM human_captions WHERE picture = ?", (picture,)
        )
        if (caption,) in kept.fetchall():
            continue
        new.execute(
            "INSERT INTO human_captions (picture, path, content, caption, kind) "
            "SELECT id, path, content, ?, ? FROM pictures WHERE id = ?",
            (caption, kind_of(caption, said), picture),
        )


def _fill_vectors(new: sqlite3.Connection, rows: dict[int, Values]) -> None:
    new.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows.values())


def _picture(
    new: sqlite3.Connection, number: object, path: object, content: object
) -> object:
    """Return the number of a picture whose own row may be lost."""
    known = new.execute(
        "SELECT id FROM pictures WHERE id = ? OR path = ? ORDER BY id != ?",
        (number, path, number),
    ).fetchone()
    if known is None:
        new.execute(
            "INSERT INTO pictures (id, path, content) VALUES (?, ?, ?)",
            (number, path, content),
        )
    return known[0] if known else number


# In this order: captions are of pictures, and what a program of before has added to a
# library of this version is newer.
_FILL: dict[str, Callable[[sqlite3.Connection, dict[int, Values]], None]] = {
    "pictures": _fill_pictures,
    "human_captions": _fill_human,
    "machine_captions": _fill_machine,
    "words": _fill_human_from_words,
    "vectors": _fill_vectors,
    "machine": lambda new, rows: take_former_machine(new, rows.values()),
    "human": lambda new, rows: take_former_human(new, rows.values()),
}
