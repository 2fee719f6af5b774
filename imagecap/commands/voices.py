"""The `imagecap voices` command."""

from __future__ import annotations

from contextlib import closing

import click

from imagecap.speech.speaker import Speaker


@click.command()
def voices() -> None:
    """List the voices of this machine.

    A line each, the English ones first: id, tab, language, tab, name.
    """
    with closing(Speaker()) as speaker:
        for voice in speaker.voices():
            click.echo(f"{voice.id}\t{voice.language}\t{voice.name}")
