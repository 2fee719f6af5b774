"""The one queue before the model, of a given length."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from imagecap.errors import ImagecapError
from imagecap.pictures.errors import PictureError

if TYPE_CHECKING:
    from imagecap.model.captioner import Captioner
    from imagecap.model.describer import Described

CANDIDATES = 5
"""How many captions a picture gets."""
LENGTH = 32
"""How many pictures wait at most."""
# Each core takes eight at once.
_AT_ONCE = 32
_Waiting = tuple[Path, "Future[Described]"]


class BusyError(ImagecapError):
    """Too much is waiting."""

    def __init__(self) -> None:
        super().__init__("Too much is waiting; try again in a few seconds.")


class ModelQueue:
    """Describes pictures in their order, as many at once as wait.

    Args:
        load: Loads the model, when it is first needed.
        length: How many pictures wait at most.
    """

    def __init__(self, load: Callable[[], Captioner], length: int = LENGTH) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._captioner: Captioner | None = None
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(length)
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

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
        self._worker.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            is_last = False
            while len(batch) < _AT_ONCE and not is_last:
                try:
                    following = self._waiting.get_nowait()
                except queue.Empty:
                    break
                is_last = following is None
                if following is not None:
                    batch.append(following)
            self._describe(batch)
            if is_last:
                break

    def _describe(self, batch: Sequence[_Waiting]) -> None:
        pending = [future for _, future in batch]
        try:
            results = self.captioner.describe_many(
                [picture for picture, _ in batch], CANDIDATES
            )
            for (_, future), (_, result) in zip(batch, results, strict=True):
                if isinstance(result, PictureError):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        # Whatever it is, whoever waits must hear of it.
        except Exception as error:
            for future in pending:
                if not future.done():
                    future.set_exception(error)
