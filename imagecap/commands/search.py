"""The `imagecap search` command."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path

import click

from imagecap.captions.problems import printable
from imagecap.commands.console import tell, tell_note
from imagecap.commands.file_path import FILE_PATH
from imagecap.counted import are, counted


# Words may begin with a hyphen, “-beach”, of which “-h” is to be no part.
@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]}
)
@click.argument("words", nargs=-1)
@click.option(
    "--like",
    type=FILE_PATH,
    metavar="IMAGE",
    help="Those that are most like a picture first, without words or with them.",
)
@click.option(
    "--in",
    "folder",
    type=FILE_PATH,
    help="Only pictures in this folder and its sub-folders. [default: all]",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many are printed at most.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON: path, caption, who said it, and where so, that it is missing.",
)
@click.option("--open", "opens", is_flag=True, help="Show the pictures in the window.")
def search(
    words: tuple[str, ...],
    like: Path | None,
    folder: Path | None,
    limit: int,
    as_json: bool,
    opens: bool,
) -> int:
    """Find pictures that were captioned, by words, by likeness, or by both.

    Prints a line for each, the best first: path, tab, caption. Words are looked for in
    captions, file names and what is written in the pictures. All of them must be there,
    or words that begin so: "a phrase", -without, by:me, by:machine, unsure, in:holiday,
    taken:2024-07. The exit status is 1 where nothing is found.

    With --like those come first that are most like a picture, which need not have been
    captioned itself. Pictures that the model has not compared yet are read for it.
    """
    from imagecap.library.store import Library

    if "-h" in words:
        click.echo(click.get_current_context().get_help())
        return 0
    # Options that nobody knows come as words, too.
    if unknown := next((word for word in words if word.startswith("--")), None):
        raise click.NoSuchOption(unknown)
    if not (words or like):
        raise click.UsageError("Say words, or a picture with --like.")
    with closing(Library.open()) as library:
        pictures = None
        if folder:
            from imagecap.pictures.folders import pictures_of

            pictures = pictures_of([folder])
        text = " ".join(words)
        if like:
            from imagecap.commands.like import find_like

            found = find_like(library, like, text or None, pictures, limit)
        else:
            found = library.search(text, pictures, limit)
        missing = {one.picture for one in found if not os.path.lexists(one.picture)}
        if as_json:
            objects = [
                {
                    "path": str(entry.picture),
                    "caption": entry.caption,
                    "by": library.provenance(entry).by,
                    **({"missing": True} if entry.picture in missing else {}),
                }
                for entry in found
            ]
            click.echo(json.dumps(objects, indent=2, ensure_ascii=False))
    if not as_json:
        for entry in found:
            click.echo(f"{printable(str(entry.picture))}\t{entry.caption or ''}")
    if missing:
        tell_note(
            f"{counted(len(missing), 'picture')} of these {are(len(missing))} not "
            "there now, perhaps on a disk that is not connected."
        )
    if not found:
        tell("No picture was found.")
    if opens and found:
        from imagecap.commands.gui import open_window

        open_window([entry.picture for entry in found])
    return 0 if found else 1
