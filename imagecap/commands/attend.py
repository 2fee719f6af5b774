"""The `imagecap attend` command."""

from __future__ import annotations

from pathlib import Path

import click

from imagecap.commands.file_path import FILE_PATH
from imagecap.model.attention_overlay import (
    AttentionError,
    draw_attention,
    save_attention,
)
from imagecap.model.captioner import Captioner
from imagecap.pictures.reading import open_picture


@click.command()
@click.argument("image", type=FILE_PATH)
@click.option(
    "-o",
    "--output",
    type=FILE_PATH,
    required=True,
    metavar="PICTURE",
    help="The picture to write: .png, .jpg or .webp.",
)
@click.option("--model", metavar="NAME_OR_PATH", help="The model. [default: default]")
def attend(image: Path, output: Path, model: str | None) -> None:
    """Draw where a model looked for each word.

    Prints the caption of the picture and writes a drawing with a panel for each word:
    the picture, bright where the model looked. The model must have attention.
    """
    captioner = Captioner.load(model)
    picture = open_picture(image)
    found = captioner.caption(picture)
    if found.attention is None:
        raise AttentionError(
            f"The model {captioner.name} has no attention, so nobody knows where "
            "it looked. Choose one that has with --model, or train one with "
            "“python train.py --architecture attention --data FOLDER”."
        )
    save_attention(draw_attention(picture, found), output, image)
    click.echo(found.text)
