"""The `imagecap doubles` command."""

from __future__ import annotations

import json
from pathlib import Path

import click

from imagecap.commands.choosing import (
    choose_pictures,
    images_argument,
    tell_left_out,
)
from imagecap.commands.console import tell_error


@click.command()
@images_argument
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: two lists of groups."
)
@click.option(
    "--no-subfolders",
    is_flag=True,
    help="Of a folder, compare only the pictures that lie in it.",
)
def doubles(images: tuple[Path, ...], as_json: bool, no_subfolders: bool) -> int:
    r"""Find pictures that are there twice.

    Prints a line for each of them: "same" or "alike", tab, the number of its group,
    tab, its path. The same are files with the same content, or with the same pixels
    once they are decoded. Alike are those that look so: one photograph made smaller,
    compressed more, cropped a little, mirrored or turned; look before you delete one.
    Of pictures that are the same, the first stands for all among those that look alike.

    No model is needed, nothing is kept and nothing deleted. A tab or a line's end in a
    path is written as \t or \n.
    """
    from imagecap.captions.problems import printable
    from imagecap.library.doubles import find_doubles
    from imagecap.progress import progress_bar

    found = choose_pictures(images, no_subfolders)
    with progress_bar("Comparing", len(found.pictures)) as bar:
        result = find_doubles(found.pictures, bar.update)
    for _, why in result.failed:
        tell_error(why)
    lists = {"same": result.same, "alike": result.alike}
    if as_json:
        paths = {
            kind: [list(map(str, group)) for group in groups]
            for kind, groups in lists.items()
        }
        click.echo(json.dumps(paths, indent=2, ensure_ascii=False))
    else:
        for kind, groups in lists.items():
            for number, group in enumerate(groups, start=1):
                for path in group:
                    click.echo(f"{kind}\t{number}\t{printable(str(path))}")
    return tell_left_out(len(found.left_out) + len(result.failed))
