"""Captions as the public COCO scoring code (coco-caption) reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_COCO_NAME = re.compile(r"(?:.*\D)?(\d{12})\.\w+")


def image_ids(names: Sequence[str]) -> dict[str, int]:
    """Give pictures the numbers that COCO would.

    COCO's own pictures have their number in their name (`COCO_val2014_000000391895.jpg`
    is 391895). Others are numbered in the order given, from 1.

    Args:
        names: The file names of a split.
    """
    matches = [_COCO_NAME.fullmatch(name) for name in names]
    numbers = [int(match[1]) for match in matches if match]
    if len(set(numbers)) != len(names):
        numbers = list(range(1, len(names) + 1))
    return dict(zip(names, numbers, strict=True))


def coco_results(
    captions: Mapping[str, str], ids: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Return captions as COCO results.

    Args:
        captions: Picture name → its caption.
        ids: Picture name → its number.
    """
    return [
        {"image_id": ids[name], "caption": caption}
        for name, caption in captions.items()
    ]


def coco_annotations(
    references: Mapping[str, Sequence[str]], ids: Mapping[str, int], description: str
) -> dict[str, Any]:
    """Return what people wrote as COCO annotations, against which results are scored.

    Args:
        references: Picture name → what people wrote.
        ids: Picture name → its number.
        description: What the data are.
    """
    captions = [
        (ids[name], caption) for name, group in references.items() for caption in group
    ]
    return {
        "info": {"description": description},
        "licenses": [],
        "type": "captions",
        "images": [{"id": ids[name], "file_name": name} for name in references],
        "annotations": [
            {"id": number, "image_id": image_id, "caption": caption}
            for number, (image_id, caption) in enumerate(captions, start=1)
        ],
    }
