"""Many pictures through a model: reading, networks and search side by side."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np

from imagecap.model.bundle import BundleError
from imagecap.model.litert import THREADS
from imagecap.pictures.reading import PictureError

_PICTURES_AT_ONCE = 8
_READERS = os.cpu_count() or 1

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Use = Callable[[np.ndarray], Iterable[_Result]]


def use_many(
    pictures: Iterable[_Item],
    read: Callable[[_Item], np.ndarray],
    use: _Use[_Result],
    copy: Callable[[], _Use[_Result]],
    threads: int = THREADS,
) -> Iterator[tuple[_Item, _Result | PictureError]]:
    """Read pictures and use them, in order, a few together.

    Networks that share each step among all cores wait for each other at its end, and
    while a search goes on they do nothing. So each core has networks of its own, and
    does all that is to be done with some pictures.

    Args:
        pictures: The pictures; only a few are asked for before they are used.
        read: From a picture to its pixels; called from several threads.
        use: From the pixels of some, `[N, size, size, 3]`, to a result for each.
            Called from several threads.
        copy: Makes another `use` that gives the same and computes on one core, for one
            thread alone.
        threads: How many compute.

    Yields:
        Each picture with its result, or with the error that says why it has none.
    """
    own = threading.local()

    def use_of_thread() -> _Use[_Result]:
        if not hasattr(own, "use"):
            try:
                own.use = copy()
            except BundleError:
                # Its files are gone, or those of another model by now.
                own.use = use
        chosen: _Use[_Result] = own.use
        return chosen

    def work(
        reading: Sequence[Future[np.ndarray | PictureError]], is_first: bool
    ) -> list[_Result | PictureError]:
        read = [future.result() for future in reading]
        # The first have not to wait until there is a copy, and few pictures need none.
        chosen = use if is_first or threads == 1 else use_of_thread()
        return use_readable(read, chosen)

    remaining = iter(pictures)
    batches: deque[tuple[list[_Item], Future[list[_Result | PictureError]]]] = deque()
    with (
        ThreadPoolExecutor(_READERS) as readers,
        ThreadPoolExecutor(threads) as workers,
    ):
        try:
            is_first = True
            while chosen := list(islice(remaining, _PICTURES_AT_ONCE)):
                reading = [readers.submit(try_reading, read, one) for one in chosen]
                batches.append((chosen, workers.submit(work, reading, is_first)))
                is_first = False
                # One more than are worked on, so that no core waits for the next.
                if len(batches) > threads:
                    yield from _oldest(batches)
            while batches:
                yield from _oldest(batches)
        finally:
            # Who stops early waits for what is being computed, not for all.
            workers.shutdown(wait=False, cancel_futures=True)
            readers.shutdown(wait=False, cancel_futures=True)


def try_reading(
    read: Callable[[_Item], np.ndarray], picture: _Item
) -> np.ndarray | PictureError:
    """Read a picture, or return the error that says why it cannot be."""
    try:
        return read(picture)
    except PictureError as error:
        return error


def use_readable(
    pictures: Sequence[np.ndarray | PictureError], use: _Use[_Result]
) -> list[_Result | PictureError]:
    """Use the pixels of pictures together, and keep the errors of the others."""
    readable = [pixels for pixels in pictures if isinstance(pixels, np.ndarray)]
    results = iter(use(np.stack(readable)) if readable else ())
    return [
        pixels if isinstance(pixels, PictureError) else next(results)
        for pixels in pictures
    ]


def _oldest(
    batches: deque[tuple[list[_Item], Future[list[_Result | PictureError]]]],
) -> Iterator[tuple[_Item, _Result | PictureError]]:
    pictures, results = batches.popleft()
    yield from zip(pictures, results.result(), strict=True)
