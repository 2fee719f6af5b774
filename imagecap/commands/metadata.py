"""The `imagecap metadata` command."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from imagecap.commands.choosing import (
    choose_pictures,
    images_argument,
    tell_left_out,
)
from imagecap.commands.console import tell_error
from imagecap.counted import counted
from imagecap.errors import ImagecapError
from imagecap.pictures.metadata import CAPTION_FIELDS, read_metadata


@click.command()
@images_argument
@click.option(
    "--field",
    "fields",
    multiple=True,
    type=click.Choice(CAPTION_FIELDS),
    help="Read this field; may come several times, the first one wins. [default: all, "
    "in this order]",
)
@click.option(
    "--take",
    is_flag=True,
    help="Keep them as your captions, where you have none yet.",
)
def metadata(images: tuple[Path, ...], fields: tuple[str, ...], take: bool) -> int:
    """Read captions that other programs have written into pictures.

    Prints a line for each field that says one: path, tab, field, tab, caption. Files of
    XMP beside pictures are read, too, and go before what is in the picture. With --take
    the first field of each picture is kept as what you say of it; what you have said in
    the window stays, and captions by models are not yours; how many were passed over is
    said. What cannot be read or is left out of folders is named and counted.
    """
    found = choose_pictures(images, no_subfolders=False)
    fields = fields or CAPTION_FIELDS
    failed = (_take if take else _print)(found.pictures, fields)
    failed += len(found.left_out)
    if len(found.pictures) + len(found.left_out) > 1 or any(map(Path.is_dir, images)):
        tell_left_out(failed)
    return 1 if failed else 0


def _print(pictures: Sequence[Path], fields: tuple[str, ...]) -> int:
    from imagecap.pictures.reading import check_picture

    failed = 0
    for picture in pictures:
        try:
            captions = read_metadata(picture).captions
            if not captions:
                check_picture(picture)
        except ImagecapError as error:
            tell_error(error)
            failed += 1
            continue
        for field in fields:
            if field in captions:
                click.echo(f"{picture}\t{field}\t{captions[field]}")
    return failed


def _take(chosen: Sequence[Path], fields: tuple[str, ...]) -> int:
    from imagecap.library.store import Library
    from imagecap.library.take_metadata import Skipped, take_metadata

    skipped = Skipped()
    with closing(Library.open()) as library:
        taken, problems = take_metadata(library, chosen, fields, skipped)
    for problem in problems:
        tell_error(problem)
    click.echo(f"{counted(len(taken), 'caption')} taken.")
    if skipped.kept:
        pictures = counted(skipped.kept, "picture")
        click.echo(f"Of {pictures} the library has what you say already.")
    if skipped.of_models:
        click.echo(
            f"Of {counted(skipped.of_models, 'picture')} it is only what models said."
        )
    return len(problems)
