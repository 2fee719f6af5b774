"""The voice of the window: it watches over what is being read."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagecap.speech import Speaker

    from .background import Background

_POLL_MILLISECONDS = 40


class Voice:
    """Reads captions aloud and tells the window when it falls silent.

    Args:
        root: The window whose event loop watches the voice.
        background: Where sound files are written.
        silent: Called when an utterance has ended, with a sentence where it failed.
    """

    def __init__(
        self, root: tkinter.Tk, background: Background, silent: Callable[[str], None]
    ) -> None:
        self._root = root
        self._background = background
        self._silent = silent
        self._speaker: Speaker | None = None
        self._next_look: str | None = None

    @property
    def is_speaking(self) -> bool:
        """Whether something is being read."""
        return self._next_look is not None

    def speak(self, text: str) -> None:
        """Begin to read a text, instead of any other."""
        self._ready_speaker().speak(text)
        if self._next_look is None:
            self._look_later()

    def stop(self) -> None:
        """Be silent at once."""
        if self._speaker and self._next_look:
            self._speaker.stop()
            self._end("")

    def save(
        self,
        text: str,
        path: Path,
        done: Callable[[], None],
        failed: Callable[[str], None],
    ) -> None:
        """Write a text as speech into a WAV file.

        Args:
            text: The text.
            path: The file.
            done: Called when it is written.
            failed: Called with a sentence, when it cannot be.
        """
        save = partial(self._ready_speaker().save, text, path)
        self._background.run(save, lambda _: done(), failed)

    def close(self) -> None:
        """End every process of the voice."""
        if self._speaker:
            self._speaker.close()
        self._look_no_more()

    def _ready_speaker(self) -> Speaker:
        if self._speaker is None:
            # Not before it is needed, so that the window is there sooner.
            from imagecap.speech import Speaker

            self._speaker = Speaker()
        return self._speaker

    def _look_later(self) -> None:
        self._next_look = self._root.after(_POLL_MILLISECONDS, self._look)

    def _look(self) -> None:
        ending = self._speaker.poll() if self._speaker else None
        if ending:
            self._end(ending.reason)
        else:
            self._look_later()

    def _end(self, reason: str) -> None:
        self._look_no_more()
        self._silent(reason)

    def _look_no_more(self) -> None:
        if self._next_look:
            self._root.after_cancel(self._next_look)
            self._next_look = None
