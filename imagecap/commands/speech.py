"""Speech for the `imagecap` command."""

from __future__ import annotations

from contextlib import closing

import click

from imagecap.speech.options import SpeechError
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
        click.echo(f"Note: {ending.reason}", err=True)


def print_voices() -> None:
    """Print a line for each voice: id, tab, language, tab, name.

    Raises:
        SpeechError: If the machine has none.
    """
    with closing(Speaker()) as speaker:
        for voice in speaker.voices():
            click.echo(f"{voice.id}\t{voice.language}\t{voice.name}")
