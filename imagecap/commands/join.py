"""The `imagecap join` command."""

from __future__ import annotations

from pathlib import Path

import click

from imagecap.commands.file_path import FILE_PATH
from imagecap.datasets.dataset import load_dataset
from imagecap.datasets.joining import load_more
from imagecap.model.bundle import find_bundle, load_bundle
from imagecap.training.keras_ready import keras_ready


@click.command()
@click.argument("first")
@click.argument("second")
@click.argument("name")
@click.option(
    "--data",
    type=FILE_PATH,
    help="Captioned photographs that both have learned from, as train.py reads them.",
)
@click.option(
    "--more-data",
    multiple=True,
    type=FILE_PATH,
    help="Another such data set; may come several times.",
)
def join(
    first: str, second: str, name: str, data: Path | None, more_data: tuple[Path, ...]
) -> None:
    """Make a model NAME of two; SECOND may know fewer words, but no others.

    Both predict each word, and the mean of their probabilities counts. With --data,
    SECOND counts less in pictures of which it knows less than FIRST; that is learned
    from 2,000 captioned photographs. From all of them the new model learns to tell
    which words people use of a picture, and from those of dev how far its captions can
    be trusted. It is put into models/NAME.
    """
    if more_data and data is None:
        raise click.UsageError("--more-data needs --data.")
    folder = Path("models") / name
    models = [load_bundle(find_bundle(one)) for one in (first, second)]
    dataset = load_more(load_dataset(data), more_data) if data else None
    # Not before all has been found, since it takes seconds.
    with keras_ready():
        from imagecap.training.export.ensemble import build_ensemble

        for sentence in build_ensemble(models[0], models[1], folder, dataset):
            click.echo(sentence)
    click.echo(f"Written into {folder}.")
