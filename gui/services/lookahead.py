"""Results for pictures, worked out in the order of wish and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from .background import Background

_Result = TypeVar("_Result")
_Version = tuple[int, int] | None


class Lookahead(Generic[_Result]):
    """Works for one picture at a time: first for that wished most, then ahead.

    Args:
        background: Where the work is done.
        work: Makes the result of a picture, off the window's thread; `None` where it
            is given later.
        arrived: Called with each picture and its result.
        failed: Called with each picture that has none, and a sentence.
        kept: How many results are kept.
    """

    def __init__(
        self,
        background: Background,
        work: Callable[[Path], _Result] | None,
        arrived: Callable[[Path, _Result], None],
        failed: Callable[[Path, str], None],
        kept: int,
    ) -> None:
        self._background = background
        self._work = work
        self._arrived = arrived
        self._failed = failed
        self._kept = kept
        self._results: OrderedDict[Path, tuple[_Version, _Result]] = OrderedDict()
        self._failures: dict[Path, _Version] = {}
        self._wishes: list[Path] = []
        self._is_busy = False
        self._is_outdated = False
        self._generation = 0

    def get(self, picture: Path) -> _Result | None:
        """Return a result that is there, if the picture is still the same file."""
        found = self._results.get(picture)
        if found and found[0] == _version(picture):
            self._results.move_to_end(picture)
            return found[1]
        return None

    def want(self, pictures: Sequence[Path]) -> None:
        """Wish for results, the most urgent first, instead of all wishes before."""
        self._wishes = list(pictures)
        if self._wishes:
            # What failed may have been mended; what is ahead is not tried again.
            self._failures.pop(self._wishes[0], None)
        self._next()

    def forget(self, picture: Path) -> None:
        """Have the result of a picture made anew, even one that is being made."""
        self._results.pop(picture, None)
        self._failures.pop(picture, None)
        # Whichever it is: to make one more anew does no harm.
        self._is_outdated = self._is_busy

    def restart(self, work: Callable[[Path], _Result] | None) -> None:
        """Forget all results and work another way; `None` waits for one to be given."""
        self._work = work
        self._generation += 1
        self._results.clear()
        self._failures.clear()
        self._is_busy = self._is_outdated = False
        self._next()

    def _next(self) -> None:
        if self._work is None or self._is_busy:
            return
        while self._wishes:
            picture = self._wishes.pop(0)
            version = _version(picture)
            unchanged = picture in self._failures and (
                self._failures[picture] == version
            )
            if self.get(picture) is None and not unchanged:
                self._is_busy = True
                mark = (self._generation, picture, version)
                self._background.run(
                    partial(self._work, picture),
                    partial(self._finish, mark),
                    partial(self._finish_badly, mark),
                )
                return

    def _finish(self, mark: tuple[int, Path, _Version], result: _Result) -> None:
        generation, picture, version = mark
        if generation != self._generation:
            return
        self._is_busy = False
        if self._is_outdated:
            self._is_outdated = False
            self._wishes.insert(0, picture)
            self._next()
            return
        self._results[picture] = (version, result)
        while len(self._results) > self._kept:
            self._results.popitem(last=False)
        self._arrived(picture, result)
        self._next()

    def _finish_badly(self, mark: tuple[int, Path, _Version], reason: str) -> None:
        generation, picture, version = mark
        if generation != self._generation:
            return
        self._failures[picture] = version
        self._is_busy = self._is_outdated = False
        self._failed(picture, reason)
        self._next()


def _version(picture: Path) -> _Version:
    try:
        status = picture.stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns
