"""Reading aloud by the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagecap.commands.console import tell_note
from imagecap.speech.options import SpeechError

if TYPE_CHECKING:
    from imagecap.speech.speaker import Speaker

# Short, since Windows notices Ctrl-C only between two waits.
_WAIT_SECONDS = 0.1


def read_aloud(speaker: Speaker, text: str) -> None:
    """Read a text aloud to its end.

    Args:
        speaker: What reads it.
        text: The text.

    Raises:
        SpeechError: If it cannot be heard.
    """
    speaker.speak(text)
    while (ending := speaker.wait(_WAIT_SECONDS)) is None:
        pass
    if ending.how == "failed":
        raise SpeechError(ending.reason)
    if ending.reason:
        tell_note(ending.reason)
