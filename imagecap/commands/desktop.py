"""The `imagecap desktop` commands."""

from __future__ import annotations

import click


@click.group()
def desktop() -> None:
    """Put the window into the start menu, or out of it."""


@desktop.command()
def install() -> None:
    """Put the window into the start menu, and into the menu of picture files.

    There it is called “Describe with imagecap” (on macOS, in the start menu alone).
    All that is written belongs to you alone; a line each tells where it is.
    """
    from imagecap.captions.problems import printable
    from imagecap.desktop.install import install as put_in

    for path in put_in():
        click.echo(printable(str(path)))


@desktop.command()
def uninstall() -> None:
    """Take out what `imagecap desktop install` put in."""
    from imagecap.captions.problems import printable
    from imagecap.desktop.install import uninstall as take_out

    removed = take_out()
    for path in removed:
        click.echo(printable(str(path)))
    if not removed:
        click.echo("Nothing was installed.")
