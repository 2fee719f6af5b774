"""JSON files in which captions are published: MS-COCO's own and Karpathy's splits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.captions.problems import DatasetError, note
from imagecap.captions.text_files import Line

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


class _Annotation(NamedTuple):
    """MS-COCO: one caption."""

    image_id: Any
    caption: Any


class _Image(NamedTuple):
    """MS-COCO: one picture."""

    image_id: Any
    file_name: Any


class _ImageWithSentences(NamedTuple):
    """Karpathy: one picture with its captions."""

    folder: Any
    file_name: Any
    split: Any
    sentences: Any


def read_json(file: Path, problems: list[str]) -> Iterator[Line]:
    """MS-COCO's `captions_*.json` or Karpathy's `dataset_*.json`, by what it holds.

    Sources: Lin et al. 2014 (https://cocodataset.org/#format-data); Karpathy and
    Fei-Fei 2015.

    Raises:
        DatasetError: The file is damaged or holds something else.
    """
    content = _parse(file)
    match content:
        case {"images": list(images), "annotations": list(annotations)}:
            yield from _read_annotations(images, annotations, file, problems)
        case {"images": list(images)}:
            yield from _read_sentences(images, file, problems)
        case _:
            raise DatasetError(
                f"{file} holds no captions in the form of MS-COCO or of Karpathy's "
                "splits: the list “images” is missing."
            )


def _parse(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"), object_hook=_lean)
    except (ValueError, RecursionError) as error:
        raise DatasetError(
            f"{file} is damaged, it is no JSON ({error}). Download or write it again."
        ) from error


def _lean(fields: dict[str, Any]) -> object:
    """Keeps of a record what is read; whole records of MS-COCO fill the memory."""
    if "raw" in fields:
        return fields["raw"]
    if "caption" in fields:
        return _Annotation(fields.get("image_id"), fields["caption"])
    if "sentences" in fields:
        return _ImageWithSentences(
            fields.get("filepath", ""),
            fields.get("filename"),
            fields.get("split"),
            fields["sentences"],
        )
    if "file_name" in fields:
        return _Image(fields.get("id"), fields["file_name"])
    return fields


def _read_annotations(
    images: list[object], annotations: list[object], file: Path, problems: list[str]
) -> Iterator[Line]:
    names: dict[int | str, str] = {}
    odd_images, unreadable, homeless = [], [], []
    for number, image in enumerate(images, start=1):
        match image:
            case _Image(int() | str() as key, str(name)) if key not in names:
                names[key] = name
            case _:
                odd_images.append(number)
    for number, annotation in enumerate(annotations, start=1):
        match annotation:
            case _Annotation(int() | str() as key, str(caption)):
                if key in names:
                    yield Line(names[key], caption, number)
                else:
                    homeless.append(number)
            case _:
                unreadable.append(number)
    what = f"of {file.name} could not be read or came twice"
    note(problems, "image record", odd_images, what)
    note(problems, "record", unreadable, f"of {file.name} could not be read")
    what = f"of {file.name} named a picture that it does not list"
    note(problems, "record", homeless, what)


def _read_sentences(
    images: list[object], file: Path, problems: list[str]
) -> Iterator[Line]:
    unreadable, astray = [], []
    for number, image in enumerate(images, start=1):
        match image:
            case _ImageWithSentences(str(folder), str(name), split, list(sentences)):
                if split is not None and split not in SPLIT_NAMES:
                    astray.append(number)
                    continue
                picture = f"{folder}/{name}" if folder else name
                for sentence in sentences:
                    if isinstance(sentence, str):
                        ours = None if split is None else SPLIT_NAMES[split]
                        yield Line(picture, sentence, number, ours)
                    else:
                        unreadable.append(number)
            case _:
                unreadable.append(number)
    note(problems, "record", unreadable, f"of {file.name} could not be read")
    note(problems, "record", astray, f"of {file.name} had an unknown split")
