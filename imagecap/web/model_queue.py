"""The one queue before the model, of a given length."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.errors import ImagecapError
from imagecap.model.bundle import BundleError
from imagecap.pictures.errors import PictureError

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner
    from imagecap.model.describer import Described

CANDIDATES = 5
"""How many captions a picture gets."""
LENGTH = 32
"""How many pictures wait at most."""
WORKERS = min(4, os.cpu_count() or 1)
"""On how many cores pictures are described."""
# One search for more would not be quicker.
_TOGETHER = 8
_Waiting = tuple[Path, "Future[Described]"]


class BusyError(ImagecapError):
    """Too much is waiting."""

    def __init__(self) -> None:
        super().__init__("Too much is waiting; try again in a few seconds.")


class ModelQueue:
    """Describes pictures in their order, on all cores, a few together where many wait.

    A picture that is alone gets all cores. Where there are several, each core has
    networks of its own, which are kept.

    Args:
        load: Loads the model, when it is first needed.
        length: How many pictures wait at most.
    """

    def __init__(self, load: Callable[[], Captioner], length: int = LENGTH) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._captioner: Captioner | None = None
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(length)
        self._counting = threading.Lock()
        self._busy = 0
        self._workers = [
            threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)
        ]
        for worker in self._workers:
            worker.start()

    @property
    def captioner(self) -> Captioner:
        """The model.

        Raises:
            BundleError: If there is none, or it is damaged.
        """
        with self._loading:
            if self._captioner is None:
                self._captioner = self._load()
            return self._captioner

    def describe(self, picture: Path) -> Future[Described]:
        """Have a picture described.

        Args:
            picture: The picture file, which must stay until it is.

        Returns:
            What will hold its captions, or a `PictureError` or `BundleError`.

        Raises:
            BusyError: If too many are waiting.
        """
        future: Future[Described] = Future()
        try:
            self._waiting.put_nowait((picture, future))
        except queue.Full:
            raise BusyError from None
        return future

    def close(self) -> None:
        """Describe what still waits, and end."""
        self._waiting.put(None)
        for worker in self._workers:
            worker.join()

    def _work(self) -> None:
        own: Captioner | None = None
        while batch := self._take():
            try:
                with self._counting:
                    self._busy += 1
                    are_others_busy = self._busy > 1
                if are_others_busy and own is None:
                    own = self._copy()
                captioner = (are_others_busy and own) or self.captioner
                paths = [picture for picture, _ in batch]
                results = captioner.describe_together(paths, CANDIDATES)
                for (_, future), result in zip(batch, results, strict=True):
                    if isinstance(result, PictureError):
                        future.set_exception(result)
                    else:
                        future.set_result(result)
            # Whatever it is, whoever waits must hear of it.
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            finally:
                with self._counting:
                    self._busy -= 1

    def _take(self) -> list[_Waiting]:
        """Wait for pictures, and take a worker's share of them; nothing at the end."""
        batch: list[_Waiting] = []
        one = self._waiting.get()
        # All workers that are free shall have something to do.
        share = min(_TOGETHER, 1 + self._waiting.qsize() // WORKERS)
        while one is not None:
            batch.append(one)
            if len(batch) == share:
                return batch
            try:
                one = self._waiting.get_nowait()
            except queue.Empty:
                return batch
        # For the next worker.
        self._waiting.put(None)
        return batch

    def _copy(self) -> Captioner:
        """Load the model's networks once more, for a worker."""
        try:
            return self.captioner.on_one_core()
        except BundleError:
            # Its files are gone, or those of another model by now.
            return self.captioner
