"""The one table of what columns and splits are called in caption files."""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from imagecap.captions.cells import read_provenance
from imagecap.captions.conversations import read_answer, read_parts
from imagecap.captions.problems import Fault, Report
from imagecap.provenance import Provenance

# A further name is a further word here. The first column that is there counts. Capital
# letters, spaces, hyphens and underscores make no difference: “Image Name” is
# `image_name`.
PICTURE_COLUMNS = (
    "image",
    "file_name",
    "image_name",
    "image_file",
    "image_path",
    "img",
    "img_name",
    "img_path",
    "picture",
    "photo",
    "path",
    "file_path",
    "file",
    "images",
)
# Addresses; what they end in is the name of the file.
URL_COLUMNS = ("image_url", "img_url", "url")
# A picture's number or, in results of COCO, its file name.
IMAGE_ID_COLUMNS = ("image_id", "img_id")
# What stands for the picture where nothing better does; else it numbers the lines.
ID_COLUMNS = ("id", "key")
# Each also in the plural, and numbered: `captions`, `caption1`, `caption_2`.
CAPTION_COLUMNS = (
    "caption",
    "text",
    "sentence",
    "description",
    "alt",
    "alt_text",
    "prompt",
    "comment",
    "raw",
    "title",
)
SPLIT_COLUMNS = ("split", "subset", "partition")
# What people asked of a picture and a model answered, as LLaVA and others keep it.
CONVERSATION_COLUMNS = ("conversations", "messages")
PROVENANCE_COLUMNS = ("by", "edited", "accepted", "confidence")
# Why a program has no caption to give.
ERROR_COLUMNS = ("error",)

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    # What Karpathy left over of MS-COCO's val; everybody since trains on it, too.
    "restval": "train",
    "validation": "dev",
    "valid": "dev",
    "val": "dev",
    "dev": "dev",
    "test": "test",
    "testing": "test",
}
"""What others call the splits, and what they are called here."""


class Line(NamedTuple):
    """One caption as a file gives it, or takes it.

    Attributes:
        picture: The picture as it is written there: a file name, a relative path or,
            where the file has no more, its `image_id`.
        caption: The caption as written.
        number: The number of its line or record; its file too, where there are many.
        split: The split that the file puts the picture into, if it does.
        image_id: The picture's `image_id`, if the file has one.
        provenance: Where the caption comes from.
    """

    picture: str
    caption: str
    number: int | str = 0
    split: str | None = None
    image_id: str | None = None
    provenance: Provenance = Provenance()


def read_columns(
    fields: object, number: int, report: Report | None = None
) -> list[Line]:
    """Read the captions in the named fields of a row or record.

    Args:
        fields: Name of the column → what stands there.
        number: The number of the row or record.
        report: Takes a split that is none of those known.

    Returns:
        A line for each caption; none where the picture or the caption is missing.
    """
    columns = plain_columns(fields)
    picture, image_id = name_picture(columns)
    captions = _captions(columns)
    if picture is None or not captions or _is_error_instead(columns, captions):
        return []
    written = _first(columns, SPLIT_COLUMNS, str) or ""
    split = SPLIT_NAMES.get(written.strip().lower())
    if written.strip() and split is None and report:
        what = f"has a split that is none of train, dev and test, {written}"
        report(Fault.OTHER_SPLIT, number, what)
    if report and any(
        len(_by_language(value)) > 1 and caption_column(name)
        for name, value in columns.items()
    ):
        report(Fault.LANGUAGES, number, "has its caption in several languages")
    provenance = read_provenance(columns)
    return [
        Line(picture, caption, number, split, image_id, provenance)
        for caption in captions
    ]


def read_header(cells: Iterable[str]) -> list[str] | None:
    """Read the names of columns in the first line of a table.

    Returns:
        The names; `None` where none of them means the picture or none the caption.
    """
    names = [plain(cell) for cell in cells]
    return names if read_columns(dict.fromkeys(names, "?"), 1) else None


def has_error_instead(fields: object) -> bool:
    """Tell whether a record says why its picture has no caption."""
    columns = plain_columns(fields)
    return _is_error_instead(columns, _captions(columns))


def plain_columns(fields: object) -> dict[str, object]:
    """Give a record's fields by the plain names of their columns; else nothing."""
    if not isinstance(fields, Mapping):
        return {}
    named = {plain(name): fields[name] for name in fields if isinstance(name, str)}
    return {name: value for name, value in named.items() if value is not None}


def name_picture(columns: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Give the picture that a record is of, and its `image_id`."""
    image_id = _first(columns, IMAGE_ID_COLUMNS, int, str)
    url = _first(columns, URL_COLUMNS, str)
    return (
        _first(columns, PICTURE_COLUMNS, str)
        # img2dataset calls the file by its key, wherever it comes from.
        or (url and (_first(columns, ["key"], str) or url))
        or image_id
        or _shown(columns)
        or _first(columns, ID_COLUMNS, int, str),
        image_id,
    )


def is_known(name: str) -> bool:
    """Tell whether a column is read."""
    return plain(name) in _KNOWN or caption_column(name) is not None


def is_picture_column(name: str) -> bool:
    """Tell whether a column names the picture."""
    return plain(name) in map(
        plain, (*PICTURE_COLUMNS, *URL_COLUMNS, *IMAGE_ID_COLUMNS)
    )


@functools.lru_cache(maxsize=10_000)
def caption_column(name: str) -> str | None:
    """Give the name in the table for a column of captions: “Captions” is `caption`."""
    match = _OF_CAPTIONS.fullmatch(plain(name))
    return match[1] if match else None


@functools.lru_cache(maxsize=10_000)
def plain(name: str) -> str:
    """Write a column's name without what makes no difference: “File_Name”."""
    return re.sub(r"[\W_]+", "", name.lower())


_KNOWN = frozenset(
    map(
        plain,
        (
            *PICTURE_COLUMNS,
            *URL_COLUMNS,
            *IMAGE_ID_COLUMNS,
            *ID_COLUMNS,
            *SPLIT_COLUMNS,
            *CONVERSATION_COLUMNS,
            *PROVENANCE_COLUMNS,
            *ERROR_COLUMNS,
        ),
    )
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_]\w+)*")
_ENGLISH = re.compile(r"(en|eng)([-_]\w+)*", re.IGNORECASE)
_OF_CAPTIONS = re.compile(rf"({'|'.join(map(plain, CAPTION_COLUMNS))})s?\d*")


def _is_error_instead(columns: Mapping[str, object], captions: list[str]) -> bool:
    why = _first(columns, ERROR_COLUMNS, str) or ""
    return bool(why.strip()) and not any(map(str.strip, captions))


def _first(
    columns: Mapping[str, object], names: Iterable[str], *kinds: type
) -> str | None:
    values = (columns.get(plain(name)) for name in names)
    # Where a record may have several pictures, one alone is meant by its captions.
    alone = (
        value[0] if type(value) is list and len(value) == 1 else value
        for value in values
    )
    # Hugging Face has a picture as a record of its path and its bytes, others as one
    # with any name of a column.
    named = (
        name_picture(plain_columns(value))[0] if type(value) is dict else value
        for value in alone
    )
    # By the type itself, since True is an int, too, and no picture's number.
    return next(
        (
            str(value)
            for value in named
            if type(value) in kinds and value != "" and not _is_content(value)
        ),
        None,
    )


def _is_content(value: object) -> bool:
    return isinstance(value, str) and value.startswith("data:image/")


def _shown(columns: Mapping[str, object]) -> str | None:
    """Give the one picture that is part of a conversation."""
    parts = (read_parts(columns.get(name)) for name in CONVERSATION_COLUMNS)
    named = {name_picture(plain_columns(part))[0] for some in parts for part in some}
    pictures = named - {None}
    return pictures.pop() if len(pictures) == 1 else None


def _captions(columns: Mapping[str, object]) -> list[str]:
    found: dict[str, list[str]] = {}
    for name, value in columns.items():
        if column := caption_column(name):
            found.setdefault(column, []).extend(_texts(name, value))
    ordered = [
        found[word] for column in CAPTION_COLUMNS if (word := plain(column)) in found
    ]
    written = ([text for text in texts if text.strip()] for texts in ordered)
    answers = (read_answer(columns.get(name)) for name in CONVERSATION_COLUMNS)
    return (
        next(filter(None, written), None)
        or next(filter(None, ordered), [])[:1]
        or next(filter(None, answers), [])
    )


def _texts(name: str, value: object) -> list[str]:
    """Give the captions in one field: a text, a list, records, one by language."""
    if isinstance(value, str):
        # Tables hold lists as texts; where one caption is meant, it is left alone.
        several = name == "raw" or name.endswith("s")
        return (_listed(value) if several else None) or [value]
    if isinstance(value, list):
        texts = [
            text
            for one in value
            for text in ([one] if isinstance(one, str) else _captions_of(one))
        ]
        return texts if texts or value else [""]
    if isinstance(value, dict):
        said = _by_language(value)
        english = (said[code] for code in sorted(said) if _ENGLISH.fullmatch(code))
        only = next(iter(said.values())) if len(said) == 1 else next(english, None)
        return _captions_of(value) or ([] if only is None else _texts(name, only))
    return []


def _by_language(value: object) -> dict[str, object]:
    """Give captions by the code of their language, such as `en` or `pt-BR`."""
    if not isinstance(value, dict) or _captions_of(value):
        return {}
    said = {str(code): text for code, text in value.items() if text}
    return said if all(map(_LANGUAGE.fullmatch, said)) else {}


def _captions_of(record: object) -> list[str]:
    return _captions(plain_columns(record))


def _listed(text: str) -> list[str] | None:
    if not text.lstrip().startswith("["):
        return None
    for parse in (json.loads, ast.literal_eval):
        try:
            values = parse(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(values, list) and all(isinstance(one, str) for one in values):
            return values
    return None
