"""What all commands share: how they are run, and how they say what is wrong."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import traceback
from typing import IO, Any, NoReturn

import click

from imagecap.errors import ImagecapError, explain
from imagecap.files import reason
from imagecap.start import when_stopped

# A shell says of a program that a signal ended: this and the signal's number.
_STOPPED = 128
_INTERRUPTED = _STOPPED + 2
_AGAIN = "Run the same command to begin again."


class _Notes(logging.Handler):
    """Tells what the program notes by the way, such as of a picture's missing end.

    A picture may be read twice; what is the matter with it is told once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a person on the error stream."""
        note = record.getMessage()
        if note not in self._told:
            self._told.add(note)
            tell_note(note)


class Stopped(click.ClickException):
    """A person stopped the command; the message says how to go on."""

    exit_code = _INTERRUPTED

    def show(self, file: IO[Any] | None = None) -> None:
        """Say on the error stream that the command stopped, and what to do."""
        click.echo(f"Stopped. {self.format_message()}", file=file, err=file is None)


class Program(click.Command):
    """What a person starts: a command, or a group of commands.

    The one place where an error becomes a sentence and an exit status: 0 where all went
    well, 1 where something did not, 2 where the arguments are wrong, 130 after Ctrl-C;
    143 and 129 where the system or a closed terminal stopped it.
    A command gives back its status, or nothing for 0.
    """

    def main(self, *args: Any, **extra: Any) -> NoReturn:  # noqa: ANN401 – as click's
        """Run it and end this program; see `click.Command.main` for the arguments."""
        _print_any_character()
        log, notes = logging.getLogger("imagecap"), _Notes()
        log.addHandler(notes)
        error: click.ClickException | None = None
        status: int | None = None
        signals: list[int] = []

        def stop(number: int) -> None:
            signals.append(number)
            raise KeyboardInterrupt

        try:
            with when_stopped(stop):
                status = super().main(*args, **{**extra, "standalone_mode": False})
        except (click.Abort, KeyboardInterrupt):
            error = Stopped(_AGAIN)
        except click.ClickException as one:
            error = one
        except Exception as one:
            # What is cut short in mid-import fails by other errors, too.
            error = (
                Stopped(_AGAIN)
                if signals
                else click.ClickException(_said_of_output(one) or explain(one))
            )
        finally:
            log.removeHandler(notes)
        if error:
            with contextlib.suppress(OSError):
                error.show()
            status = error.exit_code
            if isinstance(error, Stopped) and signals:
                status = _STOPPED + signals[0]
        sys.exit(status)


def tell_error(error: ImagecapError | str) -> None:
    """Tell a person on the error stream what is wrong, where the command goes on."""
    tell(f"Error: {error}")


def tell_note(sentence: str) -> None:
    """Tell a person on the error stream what else is to be known."""
    tell(f"Note: {sentence}")


def tell(line: str) -> None:
    """Print a line on the error stream; where that takes none, the work goes on."""
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


def _said_of_output(error: Exception) -> str:
    """Say why nothing can be printed; empty where something else went wrong."""
    places = traceback.extract_tb(error.__traceback__)
    if isinstance(error, OSError) and places[-1].name == click.echo.__name__:
        return (
            f"The output cannot be printed ({reason(error)}); make room where it goes, "
            "or print it elsewhere."
        )
    return ""


def _print_any_character() -> None:
    r"""Print as `\u…` what the terminal or file has no character for.

    Otherwise a file name or a caption in another script would end the program where
    the encoding is an old one.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
