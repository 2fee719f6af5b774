"""What models and people have said of the pictures of a library."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from imagecap.library.entry import SaidCaption
from imagecap.library.kept_rows import MachineCaption, from_json, to_json, to_text
from imagecap.library.picture_state import PictureState
from imagecap.library.pictures import PictureRow
from imagecap.library.schema import OWN_SEARCH
from imagecap.library.word_index import index_words
from imagecap.provenance import PERSON

if TYPE_CHECKING:
    from imagecap.model.caption import Caption


def keep_machine(
    database: sqlite3.Connection,
    picture: PictureRow,
    state: PictureState | None,
    model: str,
    beam_width: int | None,
    captions: Sequence[Caption | MachineCaption],
) -> None:
    """Keep a model's captions of one state of a picture, in place of others by it."""
    values = (state.content, state.size, state.modified) if state else (None,) * 3
    database.execute(
        "INSERT OR REPLACE INTO machine_captions (picture, model, beam_width, content, "
        "bytes, modified, captions, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            picture.number,
            model,
            beam_width or OWN_SEARCH,
            *values,
            to_json(captions),
            time.time(),
        ),
    )
    index_words(database, picture.number)


def keep_human(
    database: sqlite3.Connection, picture: PictureRow, caption: str | None
) -> None:
    """Keep what a person says of a picture; `None` takes it back.

    What was said before stays in the rows of the picture, so that the newest counts.
    """
    said = [text for _, (text, *_) in said_by_models(database, picture.number)]
    content = picture.state.content if picture.state else None
    database.execute(
        "INSERT INTO human_captions (picture, path, content, caption, kind, made) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            picture.number,
            picture.path,
            content,
            caption,
            kind_of(caption, said),
            time.time(),
        ),
    )
    index_words(database, picture.number)


def has_human(database: sqlite3.Connection, picture: int) -> bool:
    """Tell whether a person has ever said something of a picture."""
    return (
        database.execute(
            "SELECT 1 FROM human_captions WHERE picture = ? LIMIT 1", (picture,)
        ).fetchone()
        is not None
    )


def kind_of(caption: str | None, said: Sequence[str]) -> str:
    """Return what a person did who says a caption where models have said others."""
    if caption is None:
        return "withdrawn"
    if caption in said:
        return "accepted"
    return "edited" if said else "written"


def machine_caption(
    database: sqlite3.Connection,
    picture: PictureRow,
    seen: PictureState,
    model: str,
    beam_width: int | None,
) -> str | None:
    """Return a model's best caption of a picture's file as it is, if it is kept."""
    row = database.execute(
        "SELECT captions, content, bytes, modified FROM machine_captions "
        "WHERE picture = ? AND model = ? AND beam_width = ?",
        (picture.number, model, beam_width or OWN_SEARCH),
    ).fetchone()
    if row is None:
        return None
    captions, content, known = from_json(row[0]), row[1], picture.state
    is_same_content = known is not None and content and content == known.content
    if captions and (is_same_content or row[2:] == (seen.size, seen.modified)):
        return captions[0].text
    return None


def said_by_models(
    database: sqlite3.Connection, number: int
) -> list[tuple[str, MachineCaption]]:
    """Return all that models have said of a picture, the newest first."""
    rows = database.execute(
        "SELECT model, captions FROM machine_captions WHERE picture = ? "
        "ORDER BY sequence DESC",
        (number,),
    )
    return [
        (to_text(model), caption)
        for model, captions in rows
        for caption in from_json(captions)
    ]


def history(database: sqlite3.Connection, number: int) -> list[SaidCaption]:
    """Return all that was ever said of a picture and is kept, a person's words first.

    Each part has the newest first.
    """
    people = database.execute(
        "SELECT caption, kind, made FROM human_captions WHERE picture = ? "
        "ORDER BY sequence DESC",
        (number,),
    )
    models = database.execute(
        "SELECT model, captions, made FROM machine_captions WHERE picture = ? "
        "ORDER BY sequence DESC",
        (number,),
    )
    return [
        SaidCaption(
            None if text is None else to_text(text), PERSON, to_text(kind), made=made
        )
        for text, kind, made in people
    ] + [
        SaidCaption(one.text, to_text(model), "said", one.confidence, one.unsure, made)
        for model, captions, made in models
        for one in from_json(captions)
    ]
