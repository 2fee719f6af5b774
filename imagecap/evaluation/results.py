"""Captions of any origin, read from a file to be scored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from imagecap.evaluation.evaluate import EvaluationError

_SHOWN = 5


def read_results(path: Path, ids: Mapping[str, int], split: str) -> dict[str, str]:
    """Read one caption for each picture of a split.

    Args:
        path: COCO results, `[{"image_id": 1, "caption": "…"}]`, where `image_id` is a
            picture's number or file name; or, where the name ends in `.csv`, CSV with
            the header `image,caption`.
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
    read = _read_csv if path.suffix.lower() == ".csv" else _read_json
    names = {number: name for name, number in ids.items()}
    captions: dict[str, str] = {}
    unknown, repeated = [], []
    for key, caption in read(text, path):
        name = names.get(key) if isinstance(key, int) else key
        if name is None or name not in ids:
            unknown.append(str(key))
        elif name in captions:
            repeated.append(str(key))
        else:
            captions[name] = caption
    _refuse(unknown, f"{path} names pictures that are not in {split}")
    _refuse(repeated, f"{path} has more than one caption for pictures")
    missing = [name for name in ids if name not in captions]
    _refuse(missing, f"{path} has no caption for pictures of {split}")
    return {name: captions[name] for name in ids}


def _read_json(text: str, path: Path) -> list[tuple[int | str, str]]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path} is not JSON ({error}).") from error
    if not isinstance(entries, list):
        raise EvaluationError(
            f'{path} is not a list of captions, [{{"image_id": …, "caption": "…"}}, …].'
        )
    captions = []
    for number, entry in enumerate(entries, start=1):
        match entry:
            case {"image_id": int() | str() as key, "caption": str() as caption} if (
                not isinstance(key, bool)
            ):
                captions.append((key, caption))
            case _:
                raise EvaluationError(
                    f"Entry {number:,} of {path} needs an image_id, a number or a file "
                    "name, and a caption."
                )
    return captions


def _read_csv(text: str, path: Path) -> list[tuple[int | str, str]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    captions: list[tuple[int | str, str]] = []
    try:
        if next(rows, None) != ["image", "caption"]:
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


def _refuse(things: Iterable[str], what: str) -> None:
    names = list(things)
    if names:
        more = ", …" if len(names) > _SHOWN else ""
        shown = ", ".join(names[:_SHOWN]) + more
        raise EvaluationError(f"{what}: {shown} ({len(names):,} in all).")
