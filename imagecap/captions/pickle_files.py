"""A pickle of a dictionary of strings, as feature pickles have them beside them."""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Iterable, Iterator
from pathlib import Path

from imagecap.captions.columns import Line
from imagecap.captions.problems import CaptionFileError, Report
from imagecap.captions.records import find_records
from imagecap.files import read_ordinary
from imagecap.unpickling import RestrictedUnpickler

# All that texts, numbers and containers of them need, in every protocol.
_ADMITTED = frozenset(
    """
    PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT BININT1
    BININT2 LONG LONG1 FLOAT BINFLOAT UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
    EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT
    DICT SETITEM SETITEMS GET BINGET LONG_BINGET PUT BINPUT LONG_BINPUT MEMOIZE
    """.split()  # noqa: SIM905 - a list of forty words is read better so
)


def read_pickle(file: Path, report: Report) -> Iterator[Line]:
    """Read a pickle of texts; of anything else nothing is made and nothing run.

    Raises:
        CaptionFileError: If the file is damaged or holds something else.
        OSError: If the file cannot be read.
    """
    content = read_ordinary(file)
    try:
        _check(content)
        loaded = RestrictedUnpickler(io.BytesIO(content)).load()
    # Whatever bytes a damaged file holds, the unpickler takes for its instructions.
    except Exception as error:
        raise CaptionFileError(
            f"{file} is no pickle of captions ({error}); write it again, as a "
            "dictionary of names, each with its captions."
        ) from error
    records = find_records(loaded, report)
    if records is None:
        raise CaptionFileError(
            f"{file} holds no captions: it is no dictionary of names, each with its "
            "captions."
        )
    yield from records


def to_pickle(lines: Iterable[Line]) -> bytes:
    """Write picture → list of captions; it needs nothing but Python to be loaded."""
    return pickle.dumps({line.picture: [line.caption] for line in lines}, protocol=4)


def _check(content: bytes) -> None:
    """Look at each instruction before any is followed.

    Raises:
        pickle.UnpicklingError: At one that is not needed for texts.
    """
    for opcode, argument, position in pickletools.genops(content):
        if opcode.name not in _ADMITTED:
            raise pickle.UnpicklingError(f"it holds {opcode.name}, not only texts")
        # The memory for a number is made up to it, and no number exceeds its place.
        if "PUT" in opcode.name and int(argument or 0) > (position or 0):
            raise pickle.UnpicklingError("it is damaged")
