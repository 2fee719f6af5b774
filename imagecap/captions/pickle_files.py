"""A pickle of a dictionary of strings; written only, since reading runs its code."""

from __future__ import annotations

import pickle
from collections.abc import Iterable


def to_pickle(captions: Iterable[tuple[str, str]]) -> bytes:
    """Write picture → list of captions; it needs nothing but Python to be loaded."""
    return pickle.dumps({name: [caption] for name, caption in captions}, protocol=4)
