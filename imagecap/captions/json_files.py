"""JSON files of captions: results of COCO, MS-COCO's own and Karpathy's splits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from imagecap.captions.columns import CAPTION_COLUMNS, SPLIT_NAMES, Line, read_columns
from imagecap.captions.problems import CaptionFileError, Fault, Report

RECORD_NEEDS = "needs an image_id, a number or a file name, and a caption"


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


def read_json(file: Path, report: Report) -> Iterator[Line]:
    """Read one of the three, by what the file holds.

    Results are `[{"image_id": 1, "caption": "…"}, …]`, where `image_id` is a number or
    a file name, or records with the columns of other caption files. MS-COCO's
    `captions_*.json` and Karpathy's `dataset_*.json` have a list “images”.

    Sources: Lin et al. 2014 (https://cocodataset.org/#format-data, #format-results);
    Karpathy and Fei-Fei 2015.

    Raises:
        CaptionFileError: If the file is damaged or holds something else.
        OSError: If the file cannot be read.
    """
    match _parse(file):
        case list(entries):
            yield from _read_results(entries, report)
        case {"images": list(images), "annotations": list(annotations)}:
            yield from _read_annotations(images, annotations, report)
        case {"images": list(images)}:
            yield from _read_sentences(images, report)
        case _:
            raise CaptionFileError(
                f"{file} holds no captions: it is not a list of captions, "
                '[{"image_id": …, "caption": "…"}, …], and lacks the list “images” of '
                "MS-COCO and of Karpathy's splits."
            )


def to_json(captions: Iterable[tuple[str, str]]) -> bytes:
    """Write pictures with their captions as results of COCO, with file names."""
    results = [{"image_id": name, "caption": caption} for name, caption in captions]
    return (json.dumps(results, indent=1, ensure_ascii=False) + "\n").encode()


def _parse(file: Path) -> object:
    try:
        return json.loads(file.read_bytes().decode("utf-8-sig"), object_hook=_lean)
    except UnicodeDecodeError as error:
        raise CaptionFileError(
            f"{file} is damaged, it is not text in UTF-8; download it again or save it "
            "as that."
        ) from error
    except (ValueError, RecursionError) as error:
        raise CaptionFileError(
            f"{file} is damaged, it is not JSON ({error}); download or write it again."
        ) from error


def _lean(fields: dict[str, Any]) -> object:
    """Keep of a record what is read; whole records of MS-COCO fill the memory."""
    if "images" in fields:
        return fields
    if "raw" in fields:
        return fields["raw"]
    if "sentences" in fields:
        return _ImageWithSentences(
            fields.get("filepath", ""),
            fields.get("filename"),
            fields.get("split"),
            fields["sentences"],
        )
    if any(column in fields for column in CAPTION_COLUMNS):
        return read_columns(fields, 0)
    if "file_name" in fields:
        return _Image(fields.get("id"), fields["file_name"])
    return fields


def _read_results(entries: list[object], report: Report) -> Iterator[Line]:
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, Line):
            yield entry._replace(number=number)
        else:
            report(Fault.UNREADABLE, number, RECORD_NEEDS)


def _read_annotations(
    images: list[object], annotations: list[object], report: Report
) -> Iterator[Line]:
    names: dict[str, str] = {}
    for number, image in enumerate(images, start=1):
        match image:
            case _Image(int() | str() as key, str(name)) if str(key) not in names:
                names[str(key)] = name
            case _:
                what = "of the list “images” is no picture or comes twice"
                report(Fault.IMAGE, number, what)
    for number, annotation in enumerate(annotations, start=1):
        match annotation:
            case Line(caption=caption, image_id=str(key)) if key in names:
                yield Line(names[key], caption, number, image_id=key)
            case Line(image_id=str()):
                what = "names a picture that the file does not list"
                report(Fault.UNKNOWN_IMAGE, number, what)
            case _:
                report(Fault.UNREADABLE, number, RECORD_NEEDS)


def _read_sentences(images: list[object], report: Report) -> Iterator[Line]:
    for number, image in enumerate(images, start=1):
        match image:
            case _ImageWithSentences(str(folder), str(name), split, list(sentences)):
                if split is not None and split not in SPLIT_NAMES:
                    what = f"has a split that is not known here, {split}"
                    report(Fault.UNKNOWN_SPLIT, number, what)
                    continue
                picture = f"{folder}/{name}" if folder else name
                ours = None if split is None else SPLIT_NAMES[split]
                for sentence in sentences:
                    if isinstance(sentence, str):
                        yield Line(picture, sentence, number, ours)
                    else:
                        what = "has a sentence that is no text"
                        report(Fault.UNREADABLE, number, what)
            case _:
                what = "needs a filename and sentences"
                report(Fault.UNREADABLE, number, what)
