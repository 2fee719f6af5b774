"""Captions in records, lists and dictionaries, whichever file they stand in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imagecap.captions.columns import (
    PICTURE_COLUMNS,
    SPLIT_NAMES,
    URL_COLUMNS,
    Line,
    caption_column,
    has_error_instead,
    name_picture,
    plain,
    plain_columns,
    read_columns,
)
from imagecap.captions.problems import Fault, Report
from imagecap.pictures.folders import is_picture_name

RECORD_NEEDS = "needs an image_id, a number or a file name, and a caption"
_SHOWN = 12


def read_record(record: object, number: int, report: Report) -> list[Line]:
    """Read the captions of one record; report one that has none."""
    captions = read_columns(record, number, report)
    if not captions and has_error_instead(record):
        report(Fault.NOT_CAPTIONED, number, "has no caption but an error")
    elif not captions:
        report(Fault.UNREADABLE, number, f"{RECORD_NEEDS}{_fields_of(record)}")
    return captions


def read_fields(text: str, number: int, report: Report | None = None) -> list[Line]:
    """Read the captions of the one picture that a JSON object is beside.

    Returns:
        The captions; none where the text is something else. The picture is not named.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(record, dict):
        return []
    lines = read_columns({**record, "image": "?"}, number, report)
    # A title is often the picture's file name, as in what Google Photos gives out.
    return [line for line in lines if not is_picture_name(line.caption)]


def find_records(content: object, report: Report) -> Iterator[Line] | None:
    """Find the captions in what a file holds.

    Known are lists of records (COCO's results, BLIP's and most others'), MS-COCO's
    `images` with `annotations`, Karpathy's `images` with `sentences`, a dictionary of
    pictures with their captions, one of lists, whose names may be those of splits, and
    one of columns.

    Returns:
        The captions; `None` where it holds something else.
    """
    match content:
        case list(entries):
            return _each(entries, report)
        case {"images": list(images), "annotations": list(annotations)}:
            return _read_annotations(images, annotations, report)
        case {"images": [dict(), *_] as images}:
            return _read_sentences(images, report)
        case {"columns": list(names), "data": [list(), *_] as rows}:
            # As pandas writes a table with orient="split".
            records = (dict(zip(map(str, names), row, strict=False)) for row in rows)
            return _each(records, report)
        case dict():
            return _read_dictionary(content, report)
        case _:
            return None


def _each(entries: Iterable[object], report: Report) -> Iterator[Line]:
    for number, entry in enumerate(entries, start=1):
        yield from read_record(entry, number, report)


def _read_dictionary(content: dict[Any, Any], report: Report) -> Iterator[Line] | None:
    if captions := read_columns(content, 1, report):
        return iter(captions)
    if columns := _of_columns(content):
        return _each(columns, report)
    lists = {
        SPLIT_NAMES.get(str(name).lower()): entries
        for name, entries in content.items()
        if isinstance(entries, list) and any(read_columns(one, 1) for one in entries)
    }
    if lists:
        return _of_lists(lists, report)
    if any(_of_picture("?", value, 1) for value in content.values()):
        return _of_pictures(content, report)
    return None


def _of_lists(
    lists: Mapping[str | None, list[object]], report: Report
) -> Iterator[Line]:
    for split, entries in lists.items():
        for line in _each(entries, report):
            yield line._replace(split=line.split or split)


def _of_pictures(content: Mapping[Any, object], report: Report) -> Iterator[Line]:
    for number, (name, value) in enumerate(content.items(), start=1):
        captions = _of_picture(name, value, number, report)
        yield from captions
        if not captions:
            report(Fault.UNREADABLE, number, RECORD_NEEDS)


def _of_picture(
    name: object, value: object, number: int, report: Report | None = None
) -> list[Line]:
    match value:
        case dict():
            # What the record itself says of its picture counts first.
            own = read_columns(value, number, report)
            return own or read_columns({**value, "image": name}, number, report)
        case str() | [str() | dict(), *_]:
            return read_columns({"image": str(name), "captions": value}, number)
        case _:
            return []


def _of_columns(content: Mapping[Any, object]) -> list[dict[str, object]]:
    """Make records of columns, each a list or, as pandas has it, by row."""
    columns = {
        name: list(value.values()) if isinstance(value, dict) else value
        for name, value in content.items()
        if isinstance(value, dict | list)
    }
    plainly = [plain(str(name)) for name in columns]
    is_named = any(plain(name) in plainly for name in (*PICTURE_COLUMNS, *URL_COLUMNS))
    if not is_named or not any(map(caption_column, plainly)):
        return []
    rows = zip(*columns.values(), strict=False)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _read_annotations(
    images: list[object], annotations: list[object], report: Report
) -> Iterator[Line]:
    names: dict[str, str] = {}
    for number, image in enumerate(images, start=1):
        fields = plain_columns(image)
        key, name = fields.get("id"), name_picture(fields)[0]
        if type(key) in (int, str) and name and str(key) not in names:
            names[str(key)] = name
        else:
            what = "of the list “images” is no picture or comes twice"
            report(Fault.IMAGE, number, what)
    for number, annotation in enumerate(annotations, start=1):
        captions = read_columns(annotation, number, report)
        if not captions or captions[0].image_id is None:
            report(Fault.UNREADABLE, number, f"{RECORD_NEEDS}{_fields_of(annotation)}")
        elif (key := captions[0].image_id) in names:
            yield from (line._replace(picture=names[key]) for line in captions)
        else:
            what = "names a picture that the file does not list"
            report(Fault.UNKNOWN_IMAGE, number, what)


def _read_sentences(images: list[object], report: Report) -> Iterator[Line]:
    for number, image in enumerate(images, start=1):
        fields: dict[str, Any] = image if isinstance(image, dict) else {}
        match fields:
            case {"filename": str(name), "sentences": list(sentences)}:
                split = fields.get("split")
                known = isinstance(split, str) and split in SPLIT_NAMES
                if split is not None and not known:
                    what = f"has a split that is not known here, {split}"
                    report(Fault.UNKNOWN_SPLIT, number, what)
                    continue
                folder = fields.get("filepath")
                picture = f"{folder}/{name}" if folder else name
                for sentence in sentences:
                    raw = sentence.get("raw") if isinstance(sentence, dict) else None
                    if isinstance(raw, str):
                        ours = None if split is None else SPLIT_NAMES[split]
                        yield Line(picture, raw, number, ours)
                    else:
                        what = "has a sentence that is no text"
                        report(Fault.UNREADABLE, number, what)
            case _:
                yield from read_columns(image, number, report) or _no_sentences(
                    number, report
                )


def _no_sentences(number: int, report: Report) -> tuple[Line, ...]:
    report(Fault.UNREADABLE, number, "needs a filename and sentences")
    return ()


def _fields_of(record: object) -> str:
    if not isinstance(record, dict) or not record:
        return ""
    names = list(map(str, record))
    more = ", …" if len(names) > _SHOWN else ""
    return f"; it has {', '.join(names[:_SHOWN])}{more}"
