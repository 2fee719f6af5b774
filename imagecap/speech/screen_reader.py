"""A screen reader that runs: it speaks in the voice its user knows, and in braille.

Through Prism, where the package `prismatoid` is installed.
"""

from __future__ import annotations

import importlib
import queue
import subprocess
import sys
import threading
from typing import Any

# Of all that Prism can speak with, those that are no mere voice.
_READERS = (
    "ORCA",
    "VOICE_OVER",
    "NVDA",
    "JAWS",
    "ZDSR",
    "ZOOM_TEXT",
    "BOY_PC_READER",
    "PC_TALKER",
    "SENSE_READER",
    "SYSTEM_ACCESS",
    "WINDOW_EYES",
)
_PATIENCE_SECONDS = 5.0
_CLOSING_SECONDS = 1.0


class ScreenReader:
    """Hands texts to the screen reader that runs; all in a thread of its own.

    Some readers want to be spoken to by one thread only, and none may keep a window
    waiting.

    Attributes:
        name: The reader's name; empty while none is known.
    """

    def __init__(self) -> None:
        self.name = ""
        self._wishes: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        # Backends last no longer than it.
        self._context: Any = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def say(self, text: str) -> None:
        """Speak a text instead of any other, and show it in braille."""
        self._wishes.put(text)

    def stop(self) -> None:
        """Be silent."""
        self._wishes.put("")

    def close(self) -> None:
        """Have no more to do with it."""
        self._wishes.put(None)
        self._thread.join(_CLOSING_SECONDS)

    def _work(self) -> None:
        backend = self._find()
        while backend and (text := self._wishes.get()) is not None:
            try:
                _hand_over(backend, text)
            # A reader that has ended says so in its own way.
            except Exception:
                backend = self._find()
                if backend:
                    self._wishes.put(text)

    def _find(self) -> Any:  # noqa: ANN401 – of a package that may be missing
        self.name = ""
        try:
            prism = importlib.import_module("prism")
            self._context = context = prism.Context()
        # Its libraries may fail to load in ways that differ by system.
        except Exception:
            return None
        for name in (*_READERS, *_older_readers()):
            try:
                backend = context.acquire(prism.BackendId[name])
                if backend.features.is_supported_at_runtime:
                    self.name = backend.name
                    return backend
            # Those of other systems are not even known.
            except (prism.PrismError, KeyError, ValueError):
                continue
        return None


def _hand_over(backend: Any, text: str) -> None:  # noqa: ANN401
    if text and backend.features.supports_output:
        backend.output(text, True)
    elif text:
        backend.speak(text, True)
    elif backend.features.supports_stop:
        backend.stop()


def _older_readers() -> tuple[str, ...]:
    """Name the way to those readers of Linux that cannot be spoken to themselves.

    They all speak through Speech Dispatcher, so it has the voice that is known.
    """
    if sys.platform != "linux":
        return ()
    question = ("org.gnome.desktop.a11y.applications", "screen-reader-enabled")
    try:
        answer = subprocess.run(  # noqa: S603 - fixed words, no shell
            ["gsettings", "get", *question],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return ("SPEECH_DISPATCHER",) if answer.strip() == "true" else ()
