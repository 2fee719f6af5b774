"""JSON files of captions: results of COCO, MS-COCO's own, Karpathy's, and others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from imagecap.captions.columns import Line, caption_column, is_known
from imagecap.captions.json_lines import read_json_lines
from imagecap.captions.problems import CaptionFileError, Fault, Report
from imagecap.captions.records import find_records
from imagecap.captions.text_lines import decode_text
from imagecap.files import read_ordinary

_SOMETHING = re.compile(r"\S")


def read_json(file: Path, report: Report) -> Iterator[Line]:
    """Read captions by what the file holds; `find_records` says what is known.

    Results are `[{"image_id": 1, "caption": "…"}, …]`, where `image_id` is a number or
    a file name, or records with the columns of other caption files. MS-COCO's
    `captions_*.json` and Karpathy's `dataset_*.json` have a list “images”. A file with
    a record on each line is read as JSON Lines; records may also follow one another
    over several lines each.

    Sources: Lin et al. 2014 (https://cocodataset.org/#format-data, #format-results);
    Karpathy and Fei-Fei 2015.

    Raises:
        CaptionFileError: If the file is damaged or holds something else.
        OSError: If the file cannot be read.
    """
    text, fault = decode_text(read_ordinary(file))
    if fault is Fault.NOT_TEXT:
        raise CaptionFileError(
            f"{file} is damaged, it is not text in UTF-8; download it again or save it "
            "as that."
        )
    try:
        content = json.loads(text, object_hook=_lean)
    except (ValueError, RecursionError) as error:
        if _begins_with_record(text):
            yield from read_json_lines(file, report)
            return
        content = _in_turn(text)
        if content is None:
            raise CaptionFileError(
                f"{file} is damaged, it is not JSON ({error}); download or write it "
                "again."
            ) from error
    if fault:
        report(fault, 1, "is not in UTF-8")
    records = find_records(content, report)
    if records is None:
        names = ", ".join(map(str, content)) if isinstance(content, dict) else ""
        found = f"; it has {names}" if names else ""
        raise CaptionFileError(
            f"{file} holds no captions: it is not a list of captions, "
            '[{"image_id": …, "caption": "…"}, …], and lacks the list “images” of '
            f"MS-COCO and of Karpathy's splits{found}."
        )
    yield from records


def to_coco_results(lines: Iterable[Line]) -> bytes:
    """Write captions as results of COCO, with file names."""
    results = [{"image_id": line.picture, "caption": line.caption} for line in lines]
    text = json.dumps(results, indent=1, ensure_ascii=False)
    # What is in a file's name but is no character is written as JSON has it: \udce9.
    return (text + "\n").encode("utf-8", "backslashreplace")


def _lean(fields: dict[str, Any]) -> dict[str, Any]:
    """Keep of a record what is read; whole records of MS-COCO fill the memory."""
    is_picture = "id" in fields and "file_name" in fields
    if not (is_picture or any(map(caption_column, fields))):
        return fields
    return {
        name: value
        for name, value in fields.items()
        if is_known(name) or _holds_records(value)
    }


def _holds_records(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and value != [] and isinstance(value[0], dict)
    )


def _in_turn(text: str) -> list[object] | None:
    """Read records that follow one another without a comma; `None` at a fault."""
    decoder = json.JSONDecoder(object_hook=_lean)
    records: list[object] = []
    text = text.strip()
    place = 0
    while place < len(text):
        try:
            record, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        records.append(record)
        following = _SOMETHING.search(text, place)
        place = following.start() if following else len(text)
    return records or None


def _begins_with_record(text: str) -> bool:
    first, _, rest = text.strip().partition("\n")
    try:
        return bool(rest) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False
