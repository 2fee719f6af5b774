"""JSON Lines, as Hugging Face's ImageFolder has it: `{"file_name", "text"}` a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from imagecap.captions.columns import Line, read_columns
from imagecap.captions.json_files import RECORD_NEEDS
from imagecap.captions.problems import Fault, Report
from imagecap.captions.text_lines import read_lines


def read_json_lines(file: Path, report: Report) -> Iterator[Line]:
    """Read JSON Lines.

    Raises:
        OSError: If the file cannot be read.
    """
    for number, text in enumerate(read_lines(file, report), start=1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            report(Fault.UNREADABLE, number, f"is not JSON ({error})")
            continue
        if line := read_columns(record, number):
            yield line
        else:
            report(Fault.UNREADABLE, number, RECORD_NEEDS)


def to_json_lines(captions: Iterable[tuple[str, str]]) -> bytes:
    """Write pictures with their captions as JSON Lines."""
    lines = [
        json.dumps({"file_name": name, "text": caption}, ensure_ascii=False)
        for name, caption in captions
    ]
    return "".join(f"{line}\n" for line in lines).encode()
