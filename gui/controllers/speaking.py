"""What is read aloud, and when."""

from __future__ import annotations

import tkinter
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import Narrator
from ..services.voice import Voice

if TYPE_CHECKING:
    from ..window import Window


class Speaking:
    """Reads captions, and where it is wanted the window itself, aloud.

    Args:
        window: The window it belongs to.

    Attributes:
        voice: What reads.
        narrator: Says what has the focus and what happens.
        automatic: Whether each new caption is read aloud.
        self_voicing: Whether the window is.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        values = window.settings.values
        self.automatic = tkinter.BooleanVar(window.root, values.speak_automatically)
        self.self_voicing = tkinter.BooleanVar(window.root, values.self_voicing)
        self.voice = Voice(window.root, window.background, self._changed)
        self.voice.set_options(values.speech_options)
        self.narrator = Narrator(window.root, self.voice.speak, self.self_voicing.get)

    @property
    def is_speaking(self) -> bool:
        """Whether something is being read, or held in a pause."""
        return self.voice.is_speaking

    def speak_or_stop(self) -> None:
        """Read the caption aloud, or stop that."""
        if self.voice.is_speaking:
            self.voice.stop()
        elif self._window.captions.text:
            self.voice.speak(self._window.captions.told)

    def speak_if_wanted(self) -> None:
        """Read a new caption aloud, where that is wanted."""
        captions, album = self._window.captions, self._window.album
        if not captions.text:
            return
        if self.self_voicing.get():
            said = captions.told
            if len(album.shown) > 1:
                place = strings.PLACE_SAID.format(
                    place=album.index + 1, count=len(album.shown)
                )
                said = f"{said} {place}"
            self.voice.speak(said)
        elif self.automatic.get():
            self.voice.speak(captions.told)

    def automatic_changed(self) -> None:
        """Keep whether new captions are read aloud."""
        self._window.settings.change(speak_automatically=self.automatic.get())

    def self_voicing_changed(self) -> None:
        """Keep whether the window is read aloud, and say so."""
        wanted = self.self_voicing.get()
        self._window.settings.change(self_voicing=wanted)
        state = strings.ON if wanted else strings.OFF
        self.voice.speak(strings.SELF_VOICING_IS.format(state=state))

    def _changed(self, reason: str) -> None:
        if reason:
            # Not aloud: what cannot speak cannot say so.
            self._window.note(reason, spoken=False)
        else:
            self._window.refresh()
