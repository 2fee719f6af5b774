"""Files of arrays with something wrong in them, drawn by Hypothesis."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from hypothesis import strategies as st

_Arrays = Mapping[str, np.ndarray]
_NUMBERS = (0, -1, 1, 255, 2**31 - 1, -(2**31), 1e30, 1e-30, np.nan, np.inf, -np.inf)
_KINDS = ("<f2", ">f4", "<f8", "i1", "<u4", "<i8", "?", "<c8", "<U3", "<M8[s]", "V4")


def changed(content: bytes) -> st.SearchStrategy[bytes]:
    """Draw a file of NumPy's, all of it well formed, in which an array is another one.

    Args:
        content: The file, `.npy` or `.npz`.
    """
    arrays = _read(content)
    change = st.one_of(
        st.tuples(st.just("number"), st.sampled_from(_NUMBERS)),
        st.tuples(st.just("all"), st.sampled_from(_NUMBERS)),
        st.tuples(st.just("kind"), st.sampled_from(_KINDS)),
        st.tuples(st.just("rows"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["flat", "turned", "deeper", "missing"]), st.none()),
    )
    changes = st.lists(
        st.tuples(st.sampled_from(sorted(arrays)), change, st.floats(0, 1)),
        min_size=1,
        max_size=2,
    )
    return changes.map(lambda drawn: _written(content, drawn))


def _read(content: bytes) -> dict[str, np.ndarray]:
    found = np.load(io.BytesIO(content))
    return {"": found} if isinstance(found, np.ndarray) else dict(found)


def _written(
    content: bytes, changes: list[tuple[str, tuple[str, object], float]]
) -> bytes:
    arrays, file = _read(content), io.BytesIO()
    for name, (what, value), place in changes:
        if name not in arrays:
            continue
        if what == "missing" and name:
            del arrays[name]
        else:
            with np.errstate(all="ignore"):
                arrays[name] = _other(arrays[name], what, value, place)
    if "" in arrays:
        np.save(file, arrays[""])
    else:
        np.savez(file, **arrays)
    return file.getvalue()


def _other(array: np.ndarray, what: str, value: object, place: float) -> np.ndarray:
    if what == "kind":
        some = np.resize(np.frombuffer(array.tobytes(), "u1"), 768)
        return np.resize(some.view(str(value)), array.shape)
    if what == "rows":
        return array[: int(str(value))] if array.ndim else array
    if what in ("number", "all"):
        found = array.copy().reshape(-1)
        start = int(place * found.size)
        at = slice(None) if what == "all" else slice(start, start + 1)
        found[at] = np.array(value).astype(found.dtype)
        return found.reshape(array.shape)
    return {"flat": array.reshape(-1), "turned": array.T}.get(what, array[None])
