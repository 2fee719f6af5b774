"""The `imagecap formats` command."""

from __future__ import annotations

import click

from imagecap.pictures.formats import FORMATS


@click.command()
def formats() -> None:
    """List the formats of pictures, and whether they can be read here.

    A line each: name, tab, endings, tab, "yes" or what to install. A picture is known
    by what is in the file; the ending only matters for finding it in a folder.
    """
    for known in FORMATS:
        if known.is_supported:
            state = "yes"
        elif known.package:
            state = f"no: pip install {known.package}"
        else:
            state = "no: this Pillow comes without it; pip install --upgrade pillow"
        click.echo(f"{known.name}\t{' '.join(known.suffixes)}\t{state}")
