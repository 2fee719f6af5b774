"""Captions of models as they stand in the library's rows, whatever is in these."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from imagecap.model.caption import Caption


class MachineCaption(NamedTuple):
    """A caption that a model has said.

    Attributes:
        text: The caption.
        probability: Its probability; `None` where that is not known.
        confidence: How probable it is that it is right; `None` where that is not known.
        unsure: Whether the model doubted it.
    """

    text: str
    probability: float | None = None
    confidence: float | None = None
    unsure: bool = False


def to_json(captions: Sequence[Caption | MachineCaption]) -> str:
    """Return what is kept of a model's captions, the best first."""
    return json.dumps(
        [[one.text, one.probability, one.confidence, one.unsure] for one in captions],
        ensure_ascii=False,
    )


def from_json(kept: object) -> list[MachineCaption]:
    """Return the captions that are kept, the best first; none of a damaged row."""
    try:
        rows = json.loads(kept) if isinstance(kept, str) else None
    # Brackets without end exhaust the parser.
    except (ValueError, RecursionError):
        return []
    if not isinstance(rows, list):
        return []
    return [
        MachineCaption(
            text, _number(others, 0), _number(others, 1), others[2:] == [True]
        )
        for text, *others in (row for row in rows if isinstance(row, list) and row)
        if isinstance(text, str)
    ]


def _number(values: list[object], place: int) -> float | None:
    # A library of before does not have them all.
    value = values[place] if place < len(values) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)


def to_text(value: object) -> str:
    """Return what stands where text should, as text; what is no UTF-8 is marked."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
