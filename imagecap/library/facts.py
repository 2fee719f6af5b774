"""What a picture's own metadata say of it, kept to be searched."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from imagecap.pictures.metadata import MetadataError, read_embedded_metadata


class Facts(NamedTuple):
    """What metadata say.

    Attributes:
        taken: When the picture was taken, “2024-07-31T18:05:00”; `None` if unknown.
        place: Where it was taken, “Gion, Kyoto, Japan”; `None` if unknown.
        said: The captions in it, of whomever.
    """

    taken: str | None = None
    place: str | None = None
    said: str = ""


def read_facts(picture: Path) -> Facts:
    """Read what a picture's metadata say; nothing where they cannot be read.

    Files of XMP beside it are not looked for: in a large folder that takes long.
    """
    try:
        metadata = read_embedded_metadata(picture)
    except MetadataError:
        return Facts()
    said = " ".join(dict.fromkeys(metadata.captions.values()))
    return Facts(metadata.taken, _text(metadata.place) or None, _text(said))


def keep_facts(database: sqlite3.Connection, number: int, facts: Facts) -> None:
    """Keep what metadata say of a picture; it is found by that when it is indexed."""
    database.execute(
        "UPDATE pictures SET taken = ?, place = ?, said = ? WHERE id = ?",
        (facts.taken, facts.place, facts.said, number),
    )


def _text(found: str) -> str:
    return found.encode("utf-8", "replace").decode()
