"""Captions of any origin, read from a file to be scored."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from imagecap.evaluation.evaluate import EvaluationError
from imagecap.text.tokenizer import whole_characters

_SHOWN = 5
_Entry: TypeAlias = tuple[int | str, str]


def read_results(path: Path, ids: Mapping[str, int], split: str) -> dict[str, str]:
    """Read one caption for each picture of a split.

    Args:
        path: COCO results, `[{"image_id": 1, "caption": "…"}]`, where `image_id` is a
            picture's number or file name; where the name ends in `.jsonl`, such
            entries, or `{"file_name", "text"}`, a line each; where it ends in `.csv`,
            CSV with the header `image,caption`. File names may lack their ends.
        ids: Picture name → its number, for all pictures of the split.
        split: What to call the split in messages.

    Returns:
        Picture name → its caption, in the order of `ids`.

    Raises:
        EvaluationError: If the file cannot be read, or has not exactly one caption for
            each picture of the split.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(
            f"{path} is not text in UTF-8; save it as that."
        ) from error
    read = _READERS.get(path.suffix.lower(), _read_json)
    known = _known_keys(ids)
    captions: dict[str, str] = {}
    unknown, repeated = [], []
    for key, caption in read(text, path):
        name = known.get(str(key))
        if name is None:
            unknown.append(str(key))
        elif name in captions:
            repeated.append(str(key))
        else:
            captions[name] = whole_characters(caption)
    _refuse(unknown, f"{path} names pictures that are not in {split}")
    _refuse(repeated, f"{path} has more than one caption for pictures")
    missing = [name for name in ids if name not in captions]
    _refuse(missing, f"{path} has no caption for pictures of {split}")
    return {name: captions[name] for name in ids}


def _known_keys(ids: Mapping[str, int]) -> dict[str, str]:
    """Give the picture that each key means: its name, its number, its bare name."""
    stems = Counter(PurePosixPath(name).stem for name in ids)
    return {
        **{stem: name for name in ids if stems[stem := PurePosixPath(name).stem] == 1},
        **{str(number): name for name, number in ids.items()},
        **{name: name for name in ids},
    }


def _read_json(text: str, path: Path) -> list[_Entry]:
    entries = _parse(text, str(path))
    if not isinstance(entries, list):
        raise EvaluationError(
            f'{path} is not a list of captions, [{{"image_id": …, "caption": "…"}}, …].'
        )
    return [
        _to_entry(entry, f"Entry {number:,} of {path}")
        for number, entry in enumerate(entries, start=1)
    ]


def _read_json_lines(text: str, path: Path) -> list[_Entry]:
    captions = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            where = f"Line {number:,} of {path}"
            captions.append(_to_entry(_parse(line, where), where))
    return captions


def _parse(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{where} is not JSON ({error}).") from error


def _to_entry(entry: object, where: str) -> _Entry:
    match entry:
        case (
            {"image_id": int() | str() as key, "caption": str() as caption}
            | {"file_name": str() as key, "text": str() as caption}
            | {"file_name": str() as key, "caption": str() as caption}
        ) if not isinstance(key, bool):
            return key, caption
    raise EvaluationError(
        f"{where} needs an image_id, a number or a file name, and a caption."
    )


def _read_csv(text: str, path: Path) -> list[_Entry]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    captions: list[_Entry] = []
    try:
        header = [field.strip().lower() for field in next(rows, [])]
        if header != ["image", "caption"]:
            raise EvaluationError(f"{path} must begin with the line image,caption.")
        for row in filter(None, rows):
            if len(row) != 2:
                raise EvaluationError(
                    f"Line {rows.line_num:,} of {path} needs a picture and a caption; "
                    "a caption with a comma must stand in quotes."
                )
            captions.append((row[0], row[1]))
    except csv.Error as error:
        raise EvaluationError(
            f"Line {rows.line_num:,} of {path} is not CSV ({error})."
        ) from error
    return captions


_READERS = {".csv": _read_csv, ".jsonl": _read_json_lines}


def _refuse(things: Iterable[str], what: str) -> None:
    names = list(things)
    if names:
        more = ", …" if len(names) > _SHOWN else ""
        shown = ", ".join(names[:_SHOWN]) + more
        raise EvaluationError(f"{what}: {shown} ({len(names):,} in all).")
