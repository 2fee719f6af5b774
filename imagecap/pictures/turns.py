"""Readers of one file at once: each takes its turn where the file takes long.

The window shows a picture, captions it and puts it into its strip at the same time.
Where each of them works on it in vain, that should not cost three times as much.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

State = tuple[int, ...]
"""What tells a file, and that it has not changed."""

# Another reader may wait for the memory that this one holds.
_MOST_SECONDS = 5.0
_MOST_KEPT = 1000

_in_vain: OrderedDict[State, None] = OrderedDict()
_locks: dict[State, tuple[threading.Lock, int]] = {}
_guard = threading.Lock()


class Turn:
    """One reader's turn at a file.

    Args:
        state: Of the file.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock: threading.Lock | None = None
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
        """Wait until no other reader works on the file, and keep others away."""
        if self._lock is not None:
            return
        with _guard:
            self._lock, waiting = _locks.get(self._state, (threading.Lock(), 0))
            _locks[self._state] = self._lock, waiting + 1
        self._is_mine = self._lock.acquire(timeout=_MOST_SECONDS)

    def give_back(self) -> None:
        """Let others have it."""
        if self._lock is None:
            return
        with _guard:
            lock, waiting = _locks.pop(self._state)
            if waiting > 1:
                _locks[self._state] = lock, waiting - 1
        if self._is_mine:
            lock.release()
        self._lock = None
