"""Files with something wrong in them, drawn by Hypothesis."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from hypothesis import strategies as st

_NUMBERS = (0, 1, 127, 128, 255, 65_535, 65_536, 2**31 - 1, 2**31, 2**32 - 1)
_PNG = b"\x89PNG\r\n\x1a\n"

# Headers decide most, and lie at either end.
_places = st.one_of(
    st.integers(0, 64),
    st.integers(0, 1000),
    st.integers(-200, -1),
    st.floats(0, 1, exclude_max=True),
)


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """Draw a file with a few edits.

    Args:
        content: The file, whole; Hypothesis keeps it for as long as the program runs.
    """
    return damages().map(lambda damage: damage(content))


def damages() -> st.SearchStrategy[Callable[[bytes], bytes]]:
    """Draw a few edits of whatever file they are then made in."""
    return st.builds(
        lambda edits, mend: partial(_edited, edits=edits, mend=mend),
        _edits,
        st.booleans(),
    )


def damaged_files(files: Mapping[str, bytes]) -> st.SearchStrategy[tuple[str, bytes]]:
    """Draw one of some files, with a few edits.

    Args:
        files: Name → content, whole.
    """
    return st.builds(
        lambda file, damage: (file[0], damage(file[1])),
        st.sampled_from(sorted(files.items())),
        damages(),
    )


_edits = st.lists(
    st.one_of(
        st.tuples(st.just("byte"), _places, st.integers(0, 255)),
        st.tuples(st.just("bit"), _places, st.integers(0, 7)),
        st.tuples(
            st.sampled_from(["<4", ">4", "<2", ">2"]),
            _places,
            st.sampled_from(_NUMBERS),
        ),
        st.tuples(st.just("delete"), _places, st.integers(1, 300)),
        st.tuples(st.just("repeat"), _places, st.integers(1, 3000)),
        st.tuples(st.just("zero"), _places, st.integers(1, 3000)),
        st.tuples(st.just("cut"), _places, st.just(0)),
    ),
    min_size=1,
    max_size=12,
)


def _edited(
    content: bytes, edits: Sequence[tuple[str, float, int]], mend: bool
) -> bytes:
    found = bytearray(content)
    for kind, place, value in edits:
        at = int(place * len(found)) if isinstance(place, float) else place
        at = min(max(at + len(found) if at < 0 else at, 0), max(len(found) - 1, 0))
        if not found:
            break
        if kind == "byte":
            found[at] = value
        elif kind == "bit":
            found[at] ^= 1 << value
        elif kind == "delete":
            del found[at : at + value]
        elif kind == "repeat":
            found[at:at] = found[at : at + value] * 3
        elif kind == "zero":
            found[at : at + value] = bytes(len(found[at : at + value]))
        elif kind == "cut":
            del found[at:]
        else:
            size = int(kind[1])
            order = "little" if kind[0] == "<" else "big"
            number = value % 256**size
            found[at : at + size] = number.to_bytes(size, order)
    return _with_checksums(bytes(found)) if mend else bytes(found)


def _with_checksums(content: bytes) -> bytes:
    """Mend the checksums of a PNG, which would hide every other fault of it."""
    if not content.startswith(_PNG):
        return content
    found, at = bytearray(content), len(_PNG)
    while at + 12 <= len(found):
        end = at + 8 + int.from_bytes(found[at : at + 4], "big")
        if end + 4 > len(found):
            break
        found[end : end + 4] = zlib.crc32(found[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(found)
