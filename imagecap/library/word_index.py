"""The words by which pictures are found: captions, names, folders, marks."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from imagecap.library.kept_rows import from_json, to_text
from imagecap.library.picture_state import path_of

# What a picture is, in words of the index that no caption has.
ANY, BY_ME, BY_MACHINE, UNSURE, TAKEN = "xpicture", "xme", "xmachine", "xunsure", "xday"


def index_words(database: sqlite3.Connection, number: int) -> None:
    """Have a picture found by what is known of it now, and by nothing else.

    Args:
        database: The library, in a transaction.
        number: The picture's number.
    """
    database.execute("DELETE FROM words WHERE rowid = ?", (number,))
    row = database.execute(
        "SELECT path, taken, place, said FROM pictures WHERE id = ?", (number,)
    ).fetchone()
    if row is None or not isinstance(row[0], bytes):
        return
    path, *texts = row
    taken, place, said = (one if isinstance(one, str) else None for one in texts)
    human = human_caption(database, number)
    newest = from_json(newest_machine_captions(database, number))
    machine = newest[0] if newest else None
    marks = [ANY, BY_ME if human is not None else BY_MACHINE if machine else ""]
    if human is None and machine and machine.unsure:
        marks.append(UNSURE)
    if taken:
        marks.append(TAKEN + re.sub(r"\D", "", taken)[:8])
    name, folder = words_of_path(path_of(path))
    database.execute(
        "INSERT INTO words (rowid, human, machine, name, said, folder, marks) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            human,
            machine.text if machine else None,
            name,
            " ".join(filter(None, (said, place))),
            folder,
            " ".join(filter(None, marks)),
        ),
    )


def human_caption(database: sqlite3.Connection, number: int) -> str | None:
    """Return what a person says of a picture now, if anything."""
    row = database.execute(
        "SELECT caption FROM human_captions WHERE picture = ? "
        "ORDER BY sequence DESC LIMIT 1",
        (number,),
    ).fetchone()
    return None if row is None or row[0] is None else to_text(row[0])


def newest_machine_captions(database: sqlite3.Connection, number: int) -> object:
    """Return what the row of a picture's newest captions by a model has."""
    row = database.execute(
        "SELECT captions FROM machine_captions WHERE picture = ? "
        "ORDER BY sequence DESC LIMIT 1",
        (number,),
    ).fetchone()
    return row[0] if row else None


def words_of_path(picture: Path) -> tuple[str, str]:
    """Return the name of a file and of its folders, with marks for what is no text."""
    name, folder = (
        part.encode("utf-8", "replace").decode()
        for part in (picture.name, str(picture.parent))
    )
    return name, folder
