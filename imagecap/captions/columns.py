"""The one table of what columns and splits are called in caption files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

# A further name is a further word here. The first column that is there counts.
PICTURE_COLUMNS = ("image", "file_name", "image_name")
# A picture's number or, in results of COCO, its file name.
IMAGE_ID_COLUMNS = ("image_id",)
CAPTION_COLUMNS = ("caption", "text", "comment")

SPLIT_NAMES = {
    "train": "train",
    # What Karpathy left over of MS-COCO's val; everybody since trains on it, too.
    "restval": "train",
    "validation": "dev",
    "valid": "dev",
    "val": "dev",
    "dev": "dev",
    "test": "test",
}
"""What others call the splits, and what they are called here."""


class Line(NamedTuple):
    """One caption as a file gives it.

    Attributes:
        picture: The picture as it is written there: a file name, a relative path or,
            where the file has no more, its `image_id`.
        caption: The caption as written.
        number: The number of its line or record; its file too, where there are many.
        split: The split that the file puts the picture into, if it does.
        image_id: The picture's `image_id`, if the file has one.
    """

    picture: str
    caption: str
    number: int | str
    split: str | None = None
    image_id: str | None = None


def read_columns(fields: object, number: int) -> Line | None:
    """Read a caption from the named fields of a row or record.

    Args:
        fields: Name of the column, in lower case → what stands there.
        number: The number of the row or record.

    Returns:
        The caption; `None` where the picture or the caption is missing.
    """
    if not isinstance(fields, dict):
        return None
    image_id = _first(fields, IMAGE_ID_COLUMNS, int, str)
    picture = _first(fields, PICTURE_COLUMNS, str)
    caption = _first(fields, CAPTION_COLUMNS, str)
    if picture is None:
        picture = image_id
    if picture is None or caption is None:
        return None
    return Line(picture, caption, number, image_id=image_id)


def read_header(cells: Iterable[str]) -> list[str] | None:
    """Read the names of columns in the first line of a table.

    Returns:
        The names in lower case; `None` where none of them means the picture or none
        the caption.
    """
    names = [cell.strip().lower() for cell in cells]
    return names if read_columns(dict.fromkeys(names, ""), 1) else None


def _first(
    fields: Mapping[str, object], names: Iterable[str], *kinds: type
) -> str | None:
    values = (fields.get(name) for name in names)
    # By the type itself, since True is an int, too, and no picture's number.
    return next((str(value) for value in values if type(value) in kinds), None)
