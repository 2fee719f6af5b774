"""The `imagecap serve` command."""

from __future__ import annotations

import os
import signal
import sys
import threading
import webbrowser
from contextlib import closing
from pathlib import Path

import click

from imagecap.commands.choosing import (
    check_model,
    choose_captioner,
    choose_settings,
    model_option,
)
from imagecap.commands.console import tell, tell_note
from imagecap.commands.file_path import FILE_PATH
from imagecap.errors import ImagecapError

PASSWORD = "IMAGECAP_PASSWORD"  # noqa: S105 – the variable's name
_SHORTEST = 10


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="The port. [default: one that is free]",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option(
    "--library",
    type=FILE_PATH,
    metavar="FILE",
    help="The library. [default: that of the window and the commands]",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="The address; one that other machines reach needs a password.",
)
@model_option
# For the window: nothing is left behind, however that ends.
@click.option("--with-input", is_flag=True, hidden=True)
def serve(
    port: int | None,
    no_browser: bool,
    library: Path | None,
    host: str,
    model: str | None,
    with_input: bool,
) -> None:
    """Show the library in a browser, on this machine alone.

    Prints the address, and opens it. The token in it is new each time and opens
    everything; keep it to yourself. Ctrl-C ends it. Pictures and captions stay on this
    machine, and no file is ever deleted.

    With --host, other machines reach it, too. Whoever knows the password can then see
    all pictures of the library and write captions, and since the connection is not
    encrypted, others in the same network can read along. The password is asked for, or
    taken from IMAGECAP_PASSWORD.
    """
    try:
        from imagecap.web.server import is_loopback, open_socket
        from imagecap.web.server import serve as run
    except ModuleNotFoundError as error:
        raise ImagecapError(
            f"The pages need the package {error.name}: pip install 'imagecap[web]'."
        ) from error
    from imagecap.library.store import Library

    if with_input:
        threading.Thread(target=_end_with_input, daemon=True).start()
    settings = choose_settings()
    check_model(model, settings)
    if library:
        _check_library(library)

    def ready(address: str) -> None:
        click.echo(address)
        tell("Ctrl-C ends it.")
        if not no_browser:
            webbrowser.open(address)

    # An address that is not of this machine is told before anything is asked for.
    with closing(open_socket(host, port or 0)) as opened:
        password = None if is_loopback(host) else _password()
        with closing(
            Library(library, tell_note) if library else Library.open()
        ) as kept:
            run(
                opened,
                kept,
                lambda: choose_captioner(model, settings),
                password,
                ready,
            )


def _end_with_input() -> None:
    sys.stdin.read()
    signal.raise_signal(signal.SIGTERM)


def _check_library(file: Path) -> None:
    """Look whether a file that a person names can be a library.

    Raises:
        ImagecapError: If it is a folder, or a file of another kind, which would be set
            aside as a damaged library.
    """
    from imagecap.library.mending import is_other_file

    if file.is_dir():
        raise ImagecapError(f"{file} is a folder; name a file with --library.")
    if is_other_file(file):
        raise ImagecapError(
            f"{file} is no library of captions and stays as it is; name another file "
            "with --library."
        )


def _password() -> str:
    """Ask for the password that --host needs.

    Raises:
        ImagecapError: If nobody can be asked, or it is too short.
    """
    password = os.environ.get(PASSWORD)
    if password is None and not sys.stdin.isatty():
        raise ImagecapError(
            f"Nobody can be asked for the password here; put it into {PASSWORD}."
        )
    if password is None:
        tell(
            "Whoever knows the password can see all pictures of your library and write "
            "captions; others in the network can read along."
        )
        prompt = "Password for the pages"
        password = click.prompt(prompt, hide_input=True, confirmation_prompt=True)
    if len(password) < _SHORTEST:
        raise ImagecapError(
            f"The password is too short; choose one of {_SHORTEST} characters or more."
        )
    return str(password)
