"""What the commands print."""

from __future__ import annotations

import io
import sys

import click

from imagecap.errors import ImagecapError


def print_any_character() -> None:
    r"""Print as `\u…` what the terminal or file has no character for.

    Otherwise a file name or a caption in another script would end the program where
    the encoding is an old one.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def tell_error(error: ImagecapError) -> None:
    """Tell a person on the error stream what is wrong."""
    click.echo(f"Error: {error}", err=True)
