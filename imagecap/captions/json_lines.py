"""JSON Lines, as Hugging Face's ImageFolder has it: `{"file_name", "text"}` a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from imagecap.captions.columns import Line, has_error_instead
from imagecap.captions.problems import CaptionFileError, Fault, Report
from imagecap.captions.records import read_record
from imagecap.captions.text_lines import read_lines


def read_json_lines(file: Path, report: Report) -> Iterator[Line]:
    """Read JSON Lines.

    Raises:
        CaptionFileError: If no record has what is needed.
        OSError: If the file cannot be read.
    """
    is_empty, fields = True, None
    for number, text in enumerate(read_lines(file, report), start=1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            report(Fault.UNREADABLE, number, f"is not JSON ({error})")
            continue
        for line in read_record(record, number, report):
            yield line
            is_empty = False
        is_empty = is_empty and not has_error_instead(record)
        if fields is None and isinstance(record, dict):
            fields = ", ".join(record)
    if is_empty and fields:
        raise CaptionFileError(
            f"{file} must hold a picture and a caption on each line, "
            '{"file_name": "a.jpg", "text": "A dog."}; its first line has only '
            f"{fields}."
        )


def to_json_lines(lines: Iterable[Line]) -> bytes:
    """Write captions as JSON Lines, with as much of their provenance as is known."""
    records = [
        {"file_name": line.picture, "text": line.caption}
        | {
            name: said
            for name, said in vars(line.provenance).items()
            if said is not None
        }
        for line in lines
    ]
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)
    # What is in a file's name but is no character is written as JSON has it: \udce9.
    return text.encode("utf-8", "backslashreplace")
