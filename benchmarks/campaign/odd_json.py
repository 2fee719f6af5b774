"""JSON with something wrong in it, drawn by Hypothesis."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

_texts = st.text(st.characters(exclude_categories=[]), max_size=30)
odd_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 70),
        st.sampled_from([0.5, 2**31, 2**63, -(2**63), 10**30, 10**400]),
        st.floats(),
        _texts,
        st.sampled_from(["../../x", "/etc/passwd", "\x1b]0;x\x07", "x" * 1000, "."]),
    ),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4)
    ),
    max_leaves=8,
)
"""Values that stand nowhere, or in another place."""


def changed(
    content: Any,  # noqa: ANN401 - JSON
) -> st.SearchStrategy[bytes]:
    """Draw JSON in which a few values are others, or missing.

    Args:
        content: What is changed, as `json.loads` returns it.
    """
    place = st.sampled_from(list(_places(content)))
    missing = st.just(_MISSING)
    changes = st.lists(st.tuples(place, odd_values | missing), min_size=1, max_size=3)
    text = json.dumps(content)
    return changes.map(lambda drawn: _changed(text, drawn))


_MISSING = object()
_Place = tuple[str | int, ...]


def _places(content: object, place: _Place = ()) -> Iterator[_Place]:
    """Give the places of all values, as keys and indices."""
    if place:
        yield place
    if isinstance(content, dict):
        members: Sequence[tuple[Any, object]] = list(content.items())
    elif isinstance(content, list):
        members = list(enumerate(content[:3]))
    else:
        return
    for key, value in members:
        yield from _places(value, (*place, key))


def _changed(text: str, changes: Sequence[tuple[_Place, object]]) -> bytes:
    content = json.loads(text)
    for (*way, key), value in changes:
        holder = content
        # One of the changes before may have taken it away.
        try:
            for step in way:
                holder = holder[step]
            if value is _MISSING:
                del holder[key]
            else:
                holder[key] = value
        except (LookupError, TypeError):
            continue
    return json.dumps(content).encode("ascii")
