"""JSON read into frozen dataclasses and written from them; every value is checked.

The annotations of a dataclass are its schema. Known are `bool`, `int`, `float`, `str`,
`Any`, `None`, `Literal`, `tuple[X, ...]`, `Mapping[str, X]`, other dataclasses, and
unions of these; in a union of dataclasses the value of their first field, a `Literal`,
tells them apart. `Annotated` adds a `Range` or a `Pattern`.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

T = TypeVar("T")

_LONGEST_TEXT = 20_000
_CONTROL_OR_SURROGATE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class RecordError(ValueError):
    """A value is missing or wrong; the message names the field and the value."""


@dataclass(frozen=True)
class Range:
    """The numbers that a field may have, or how many members; both ends belong to it.

    Attributes:
        least: The smallest.
        most: The largest.
    """

    least: float
    most: float

    def __str__(self) -> str:
        """Name the range, "from 1 to 50"."""
        return f"from {self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class Pattern:
    """The texts that a field may have.

    Attributes:
        expression: The regular expression that matches the whole text.
        meaning: What such a text is, "a file name".
    """

    expression: str
    meaning: str


Share = Annotated[float, Range(0, 1)]
Count = Annotated[int, Range(0, 1e12)]


def to_json(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return a record as a JSON object, its mappings and tuples included."""
    found: dict[str, Any] = asdict(record)
    return found


def from_json(kind: type[T], value: object, field: str = "") -> T:
    """Return the record that a JSON value describes.

    Args:
        kind: The dataclass.
        value: What the JSON reader returned.
        field: Where the value lies in the whole, for messages.

    Raises:
        RecordError: If a value is missing, unknown, of another type or out of range.
    """
    record: T = _record(kind, value, field)
    return record


def _record(kind: Any, value: object, field: str) -> Any:  # noqa: ANN401
    if not isinstance(value, Mapping):
        raise _wrong(field, value, "an object")
    hints = _hints(kind)
    if unknown := sorted(map(str, value.keys() - hints.keys())):
        raise RecordError(f"{_join(field, _shown(unknown[0]))} is not known")
    found = {}
    for one in fields(kind):
        place = _join(field, one.name)
        if one.name in value:
            found[one.name] = _parse(hints[one.name], value[one.name], place)
        # Nothing said may be left out; a number that is cannot be guessed.
        elif one.default not in (None, ""):
            raise RecordError(f"{place} is missing")
    return kind(**found)


@cache
def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    return get_type_hints(kind, include_extras=True)


def _parse(kind: Any, value: object, field: str) -> Any:  # noqa: ANN401
    if is_dataclass(kind):
        return _record(kind, value, field)
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *limits = get_args(kind)
        if isinstance(limits[0], Range) and inner in (int, float):
            return _number(inner, value, limits[0], field)
        parsed = _parse(inner, value, field)
        for limit in limits:
            _check(parsed, limit, field)
        return parsed
    if origin in (Union, types.UnionType):
        return _member(get_args(kind), value, field)
    if origin is Literal:
        if not isinstance(value, str) or value not in get_args(kind):
            raise _wrong(field, value, " or ".join(map(repr, get_args(kind))))
        return value
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise _wrong(field, value, "a list")
        inner = get_args(kind)[0]
        return tuple(_parse(inner, one, f"{field}[{i}]") for i, one in enumerate(value))
    if origin is Mapping:
        if not isinstance(value, Mapping):
            raise _wrong(field, value, "an object")
        inner = get_args(kind)[1]
        return {
            _text(name, field): _parse(inner, one, _join(field, name))
            for name, one in value.items()
        }
    if kind is bool:
        if not isinstance(value, bool):
            raise _wrong(field, value, "true or false")
        return value
    return value if kind is Any else _text(value, field)


def _member(kinds: tuple[Any, ...], value: object, field: str) -> Any:  # noqa: ANN401
    """Parse the member of a union that a value belongs to."""
    if value is None and type(None) in kinds:
        return None
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    if len(kinds) == 1:
        return _parse(kinds[0], value, field)
    if not isinstance(value, Mapping):
        raise _wrong(field, value, "an object")
    first = fields(kinds[0])[0].name
    names = {get_args(_hints(kind)[first])[0]: kind for kind in kinds}
    name = value.get(first)
    if not isinstance(name, str) or name not in names:
        raise _wrong(_join(field, first), name, " or ".join(map(repr, names)))
    return _parse(names[name], value, field)


def _number(
    kind: type[int] | type[float], value: object, limits: Range, field: str
) -> float:
    allowed = (int,) if kind is int else (int, float)
    if (
        isinstance(value, bool)
        or not isinstance(value, allowed)
        or not limits.least <= value <= limits.most
        or not math.isfinite(value)
    ):
        what = "a whole number" if kind is int else "a number"
        raise _wrong(field, value, f"{what} {limits}")
    return kind(value)


def _text(value: object, field: str) -> str:
    if (
        not isinstance(value, str)
        or len(value) > _LONGEST_TEXT
        or _CONTROL_OR_SURROGATE.search(value)
    ):
        raise _wrong(field, value, f"a text of at most {_LONGEST_TEXT:,} characters")
    return value


def _check(value: Any, limit: Range | Pattern, field: str) -> None:  # noqa: ANN401
    if isinstance(limit, Pattern):
        if not re.fullmatch(limit.expression, value):
            raise _wrong(field, value, limit.meaning)
    elif not limit.least <= len(value) <= limit.most:
        raise _wrong(field, value, f"{limit} in number".removeprefix("from "))


def _join(field: str, name: object) -> str:
    return f"{field}.{name}" if field else str(name)


def _wrong(field: str, value: object, wanted: str) -> RecordError:
    return RecordError(f"{field or 'all of it'} is {_shown(value)}, not {wanted}")


def _shown(value: object) -> str:
    """Return a value as it may stand in a message, whatever it is."""
    shown = ascii(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
