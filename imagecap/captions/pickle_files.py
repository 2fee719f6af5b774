"""A pickle of a dictionary of strings, as feature pickles have them beside them."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from imagecap.captions.columns import Line
from imagecap.captions.problems import CaptionFileError, Report
from imagecap.captions.records import find_records
from imagecap.files import read_ordinary
from imagecap.unpickling import RestrictedUnpickler


class _CaptionUnpickler(RestrictedUnpickler):
    """Makes lists of tuples: captions of a picture may be either."""

    def _load_list(self) -> None:
        items = self.pop_mark()
        self.append(items)

    def _load_some(self, count: int) -> None:
        self.stack[-count:] = [self.stack[-count:]]

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **RestrictedUnpickler.dispatch,
        pickle.TUPLE[0]: _load_list,
        pickle.EMPTY_TUPLE[0]: lambda self: self.append([]),
        pickle.TUPLE1[0]: lambda self: self._load_some(1),
        pickle.TUPLE2[0]: lambda self: self._load_some(2),
        pickle.TUPLE3[0]: lambda self: self._load_some(3),
    }


def read_pickle(file: Path, report: Report) -> Iterator[Line]:
    """Read a pickle of texts; of anything else nothing is made and nothing run.

    Raises:
        CaptionFileError: If the file is damaged or holds something else.
        OSError: If the file cannot be read.
    """
    content = io.BytesIO(read_ordinary(file))
    try:
        loaded = _CaptionUnpickler(content).load()
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
