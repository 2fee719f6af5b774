"""Readers of one file at once: each takes its turn where the file takes long.

The window shows a picture, captions it and puts it into its strip at the same time.
Where each of them works on it in vain, that should not cost three times as much.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

State = tuple[int, ...]
"""What tells a file, and that it has not changed."""

# Another reader may wait for the memory that this one holds; then it does not go on.
_MOST_SECONDS_WITHOUT_A_STEP = 5.0
_MOST_KEPT = 1000


@dataclass
class _Queue:
    """The readers of one file.

    Attributes:
        lock: Is held by the one whose turn it is.
        readers: How many there are.
        steps: How often the one whose turn it is has gone on.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    readers: int = 0
    steps: int = 0


_in_vain: OrderedDict[State, None] = OrderedDict()
_queues: dict[State, _Queue] = {}
_guard = threading.Lock()


class Turn:
    """One reader's turn at a file.

    Args:
        state: Of the file.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._queue: _Queue | None = None
        self._is_mine = False

    @property
    def is_in_vain(self) -> bool:
        """Whether another reader has given up the file."""
        return self._state in _in_vain

    def remember(self) -> None:
        """Keep in mind that the file was given up."""
        with _guard:
            _in_vain[self._state] = None
            if len(_in_vain) > _MOST_KEPT:
                _in_vain.popitem(last=False)

    def take(self) -> None:
        """Wait until no other reader works on the file, and keep others away.

        To be called again and again, so that those who wait see that this one goes on.
        """
        if self._queue is not None:
            self._queue.steps += self._is_mine
            return
        with _guard:
            self._queue = _queues.setdefault(self._state, _Queue())
            self._queue.readers += 1
        steps = -1
        while not self._is_mine and steps != self._queue.steps:
            steps = self._queue.steps
            self._is_mine = self._queue.lock.acquire(
                timeout=_MOST_SECONDS_WITHOUT_A_STEP
            )

    def give_back(self) -> None:
        """Let others have it."""
        if self._queue is None:
            return
        with _guard:
            self._queue.readers -= 1
            if not self._queue.readers:
                del _queues[self._state]
        if self._is_mine:
            self._queue.lock.release()
        self._queue = None
        self._is_mine = False
