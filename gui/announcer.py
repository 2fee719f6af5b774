"""What is announced to whoever wants to hear of it, and what is said meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

Topic = Literal["picture", "caption", "status"]


class Note(NamedTuple):
    """Something said quietly; each is another one, though it says the same.

    Attributes:
        text: What is to be read.
        spoken: What is to be heard where the window is read aloud.
    """

    text: str = ""
    spoken: str = ""


class Announcer:
    """Announces what happens, and keeps what was said last.

    It announces `"picture"` when another picture is looked at, `"caption"` when
    another caption counts, and `"status"` when anything else is to be told.

    Attributes:
        note: What was said last.
        warnings: What was found damaged and is not known to have been seen yet.
    """

    def __init__(self) -> None:
        self._callbacks: dict[Topic, list[Callable[[], None]]] = {
            "picture": [],
            "caption": [],
            "status": [],
        }
        self.note = Note()
        self.warnings: list[str] = []

    def on(self, topic: Topic, callback: Callable[[], None]) -> None:
        """Have something called whenever a topic is announced."""
        self._callbacks[topic].append(callback)

    def announce(self, topic: Topic) -> None:
        """Call all that want to hear of a topic."""
        for callback in self._callbacks[topic]:
            callback()

    def say(self, text: str, spoken: str | None = None) -> None:
        """Say something quietly; aloud, too, where the window is read aloud.

        Args:
            text: What is to be read.
            spoken: What is to be heard, where that is not the same.
        """
        self.note = Note(text, text if spoken is None else spoken)
        self.announce("status")

    def warn(self, text: str) -> None:
        """Say what must not be missed: it stays until a picture was there with it."""
        self.warnings.append(text)
        self.say(self.note.text, spoken=text)
