"""Small pictures, and the shards that are written of them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from imagecap.cluster.shards import FORMS, Row
from imagecap.cluster.storage import open_location

PICTURE_NAMES = ("1.jpg", "2.jpg", "a/3.jpg", "a/b/4.jpg", "c/5.jpg")


def small_picture(number: int) -> bytes:
    """A picture of noise in a few kilobytes; no two are alike."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 32, 3), np.uint8)
    content = BytesIO()
    Image.fromarray(pixels).save(content, "JPEG")
    return content.getvalue()


def save_pictures(folder: Path, names: Iterable[str]) -> Path:
    """Make small pictures under these names."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(small_picture(number))
    return folder


def shards_in(output: object) -> dict[str, list[Row]]:
    """All shards in a folder, wherever it is, with their rows."""
    place = open_location(str(output))
    return {
        name: list(form.read(place.child(name).read()))
        for name in place.names()
        for form in FORMS.values()
        if name.endswith(form.ending)
    }


def rows_in(output: object) -> dict[str, Row]:
    """The rows of all shards by their paths, none of which comes twice."""
    rows = [row for some in shards_in(output).values() for row in some]
    found = {row.path: row for row in rows}
    assert len(found) == len(rows)
    return found
