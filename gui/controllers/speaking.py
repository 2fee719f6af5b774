"""What is read aloud, and when."""

from __future__ import annotations

import tkinter
from tkinter import ttk
from typing import TYPE_CHECKING

from .. import strings
from ..services.narrator import SELF_VOICING, Narrator
from ..services.speech_player import SpeechPlayer
from ..strings import without_mnemonic

if TYPE_CHECKING:
    from ..session import Session


class Speaking:
    """Reads captions, and where it is wanted the window itself, aloud.

    Args:
        session: What is read.
        root: The window.
        button: The one that speaks, or stops.

    Attributes:
        player: What reads.
        narrator: Says what has the focus and what happens.
        automatic: Whether each new caption is read aloud.
        self_voicing: Whether the window is.
    """

    def __init__(self, session: Session, root: tkinter.Tk, button: ttk.Button) -> None:
        self._session = session
        self._button = button
        values = session.settings.values
        self.automatic = tkinter.BooleanVar(root, values.speak_automatically)
        self.self_voicing = tkinter.BooleanVar(root, values.self_voicing, SELF_VOICING)
        self.player = SpeechPlayer(root, session.background, self._changed)
        self.player.set_options(values.speech_options)
        self.narrator = Narrator(root, self.player.speak, self.self_voicing.get)
        self._heard = session.note
        self._is_new = False
        session.on("picture", self._begin)
        session.on("caption", self._speak_new)
        session.on("status", self._follow)

    @property
    def is_speaking(self) -> bool:
        """Whether something is being read, or held in a pause."""
        return self.player.is_speaking

    def speak_or_stop(self) -> None:
        """Read the caption aloud, or stop that."""
        if self.player.is_speaking:
            self.player.stop()
        elif self._session.text:
            self.player.speak(self._session.text_shown)

    def speak_if_wanted(self) -> None:
        """Read a new caption aloud, where that is wanted."""
        session = self._session
        if not session.text:
            return
        if self.self_voicing.get():
            self.narrator.say(f"{session.text_shown} {self._picture_said()}")
        elif self.automatic.get():
            self.player.speak(session.text_shown)

    def _picture_said(self) -> str:
        """Say which picture it is."""
        album = self._session.album
        name = album.current.name if album.current else ""
        if len(album.shown) < 2:
            return f"{name}."
        return strings.PLACE_SAID.format(
            place=album.index + 1, count=len(album.shown), name=name
        )

    def automatic_changed(self) -> None:
        """Keep whether new captions are read aloud."""
        self._session.settings.change(speak_automatically=self.automatic.get())

    def self_voicing_changed(self) -> None:
        """Keep whether the window is read aloud, and say so."""
        wanted = self.self_voicing.get()
        self._session.settings.change(self_voicing=wanted)
        state = strings.ON if wanted else strings.OFF
        self.player.speak(strings.SELF_VOICING_IS.format(state=state))

    def _begin(self) -> None:
        self.player.stop()
        self._is_new = True
        self._speak_new()

    def _speak_new(self) -> None:
        """Read the first caption of a picture, not those that are chosen or written."""
        if self._is_new and self._session.has_caption():
            self._is_new = False
            self.speak_if_wanted()

    def _follow(self) -> None:
        self.player.set_options(self._session.settings.values.speech_options)
        if self._session.note is not self._heard:
            self._heard = self._session.note
            self.narrator.say(self._heard.spoken)

    def _changed(self, reason: str) -> None:
        label = strings.STOP if self.player.is_speaking else strings.SPEAK
        self._button.configure(text=without_mnemonic(label))
        if reason:
            # Not aloud: what cannot speak cannot say so.
            self._session.say(reason, spoken="")
