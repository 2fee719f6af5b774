"""How a text is to be spoken, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from imagecap.errors import ImagecapError

# What espeak-ng can do; the other voices can do about the same.
SLOWEST = 80
FASTEST = 450
LOUDEST = 100


class SpeechError(ImagecapError):
    """A text cannot be read aloud or saved as speech."""


class NothingToReadError(SpeechError):
    """A text has nothing that can be read aloud."""

    def __init__(self) -> None:
        super().__init__("There is nothing to read aloud.")


@dataclass(frozen=True)
class SpeechOptions:
    """How a text is spoken.

    Attributes:
        rate: Words per minute, from `SLOWEST` to `FASTEST`.
        volume: Percent of the voice's own volume, from 0 to `LOUDEST`.
        voice: The `id` of a voice; the machine's own choice where it is empty.
    """

    rate: int = 175
    volume: int = LOUDEST
    voice: str = ""


@dataclass(frozen=True)
class Voice:
    """A voice of the machine.

    Attributes:
        id: What the synthesiser knows it by.
        name: What people know it by.
        language: Its language, as in "en-gb"; empty where it is not known.
    """

    id: str
    name: str
    language: str
