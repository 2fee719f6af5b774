"""The voice of the window: it watches over what is being read."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagecap.speech import Speaker, SpeechOptions, Voice
    from imagecap.speech.screen_reader import ScreenReader

    from .background import Background

_POLL_MILLISECONDS = 40


class SpeechPlayer:
    """Reads captions aloud and tells the window when it falls silent.

    Args:
        root: The window whose event loop watches the voice.
        background: Where sound files are written.
        changed: Called when the voice began, paused or ended, with a sentence where
            it failed.
    """

    def __init__(
        self, root: tkinter.Tk, background: Background, changed: Callable[[str], None]
    ) -> None:
        self._root = root
        self._background = background
        self._changed = changed
        self._options: SpeechOptions | None = None
        self._last_text = ""
        self._speaker: Speaker | None = None
        self._reader: ScreenReader | None = None
        self._next_look: str | None = None

    @property
    def is_speaking(self) -> bool:
        """Whether something is being read, or held in a pause."""
        return self._next_look is not None

    @property
    def is_paused(self) -> bool:
        """Whether what is being read is held."""
        return bool(self._speaker and self._speaker.is_paused)

    def set_options(self, options: SpeechOptions) -> None:
        """Speak otherwise, from the next text on."""
        self._options = options
        if self._speaker:
            self._speaker.options = options

    @property
    def screen_reader(self) -> str:
        """The name of the screen reader that speaks instead; empty without one."""
        return self._reader.name if self._reader else ""

    def look_for_screen_reader(self) -> None:
        """Have a screen reader speak, and write in braille, where one runs."""
        from imagecap.speech.screen_reader import ScreenReader

        self._reader = ScreenReader()

    def speak(self, text: str) -> None:
        """Begin to read a text, instead of any other."""
        if self._reader and self._reader.name:
            self._last_text = text
            self._reader.say(text)
            return
        self._ready_speaker().speak(text)
        self._watch()

    def repeat(self) -> None:
        """Read the last text again."""
        if self._reader and self._reader.name:
            self._reader.say(self._last_text)
            return
        self._ready_speaker().repeat()
        self._watch()

    def preview(self, options: SpeechOptions) -> None:
        """Let a sample be heard."""
        self._ready_speaker().preview(options)
        self._watch()

    def pause_or_go_on(self) -> None:
        """Hold what is being read, or go on with it."""
        if self._speaker and self.is_paused:
            self._speaker.resume()
        elif self._speaker:
            self._speaker.pause()
        self._changed("")

    def stop(self) -> None:
        """Be silent at once."""
        if self._reader and self._reader.name:
            self._reader.stop()
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

    def list_voices(
        self,
        done: Callable[[Sequence[Voice]], None],
        failed: Callable[[str], None],
    ) -> None:
        """Find out which voices the machine has.

        Args:
            done: Called with them.
            failed: Called with a sentence, where there are none.
        """
        self._background.run(self._ready_speaker().voices, done, failed)

    def close(self) -> None:
        """End every process of the voice."""
        if self._reader:
            self._reader.close()
        if self._speaker:
            self._speaker.close()
        self._look_no_more()

    def _ready_speaker(self) -> Speaker:
        if self._speaker is None:
            # Not before it is needed, so that the window is there sooner.
            from imagecap.speech import Speaker

            self._speaker = Speaker(self._options)
        return self._speaker

    def _watch(self) -> None:
        if self._next_look is None:
            self._look_later()
        self._changed("")

    def _look_later(self) -> None:
        self._next_look = self._root.after(_POLL_MILLISECONDS, self._look)

    def _look(self) -> None:
        ending = self._speaker.poll() if self._speaker else None
        if ending or not (self._speaker and self._speaker.is_speaking):
            self._end(ending.reason if ending else "")
        else:
            self._look_later()

    def _end(self, reason: str) -> None:
        self._look_no_more()
        self._changed(reason)

    def _look_no_more(self) -> None:
        if self._next_look:
            self._root.after_cancel(self._next_look)
            self._next_look = None
