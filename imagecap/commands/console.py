"""What all commands share: how they are run, and how they say what is wrong."""

from __future__ import annotations

import io
import logging
import sys
from typing import IO, Any, NoReturn

import click

from imagecap.errors import ImagecapError

# What a shell says of a program that Ctrl-C ended: 128 and the number of SIGINT.
_INTERRUPTED = 130


class _Notes(logging.Handler):
    """Tells what the program notes by the way, such as of a picture's missing end."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a person on the error stream."""
        click.echo(f"Note: {record.getMessage()}", err=True)


class Stopped(click.ClickException):
    """A person stopped the command; the message says how to go on."""

    exit_code = _INTERRUPTED

    def show(self, file: IO[Any] | None = None) -> None:
        """Say on the error stream that the command stopped, and what to do."""
        click.echo(f"Stopped. {self.format_message()}", file=file, err=file is None)


class Program(click.Command):
    """What a person starts: a command, or a group of commands.

    The one place where an error becomes a sentence and an exit status: 0 where all went
    well, 1 where something did not, 2 where the arguments are wrong, 130 after Ctrl-C.
    A command gives back its status, or nothing for 0.
    """

    def main(self, *args: Any, **extra: Any) -> NoReturn:  # noqa: ANN401 – as click's
        """Run it and end this program; see `click.Command.main` for the arguments."""
        _print_any_character()
        log, notes = logging.getLogger("imagecap"), _Notes()
        log.addHandler(notes)
        try:
            status = super().main(*args, **{**extra, "standalone_mode": False})
        except click.Abort:
            error: click.ClickException = Stopped(
                "Run the same command to begin again."
            )
        except click.ClickException as one:
            error = one
        except ImagecapError as one:
            error = click.ClickException(str(one))
        else:
            sys.exit(status)
        finally:
            log.removeHandler(notes)
        error.show()
        sys.exit(error.exit_code)


def tell_error(error: ImagecapError | str) -> None:
    """Tell a person on the error stream what is wrong, where the command goes on."""
    click.echo(f"Error: {error}", err=True)


def _print_any_character() -> None:
    r"""Print as `\u…` what the terminal or file has no character for.

    Otherwise a file name or a caption in another script would end the program where
    the encoding is an old one.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
