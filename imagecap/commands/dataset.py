"""The `imagecap dataset` commands."""

from __future__ import annotations

from pathlib import Path

import click

from imagecap.commands.console import Stopped
from imagecap.commands.file_path import FILE_PATH
from imagecap.datasets.published_data import PUBLISHED, download_dataset


@click.group()
def dataset() -> None:
    """Get data sets to learn from."""


@dataset.command()
@click.argument("name", type=click.Choice(list(PUBLISHED)))
@click.option(
    "--to",
    "folder",
    type=FILE_PATH,
    help="Where to put it. [default: dataset/NAME]",
)
def download(name: str, folder: Path | None) -> None:
    """Download a data set, verify and unpack it.

    flickr8k takes 1 GB, coco2017 20 GB; unpacking needs as much again for a while.
    Broken off, it goes on where it ended when it is called again.
    """
    folder = folder or Path("dataset") / name
    try:
        new = download_dataset(PUBLISHED[name], folder)
    except KeyboardInterrupt as stop:
        raise Stopped("Run the same command again to go on.") from stop
    click.echo(f"{'Done' if new else 'It is there already'}: {folder}")
    click.echo(f"Train on it:  python train.py --data {folder}")
