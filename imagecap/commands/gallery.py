"""The `imagecap gallery` command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagecap.commands.choosing import (
    choose_captioner,
    choose_pictures,
    choose_settings,
    images_argument,
    model_option,
    tell_left_out,
)
from imagecap.commands.console import Stopped, tell_error
from imagecap.commands.file_path import FILE_PATH
from imagecap.counted import are, counted
from imagecap.errors import ImagecapError

if TYPE_CHECKING:
    from imagecap.gallery.copies import Copied
    from imagecap.library.store import Library


@click.command()
@images_argument
@click.option(
    "-o",
    "--output",
    type=FILE_PATH,
    required=True,
    metavar="FOLDER",
    help="The folder of the gallery.",
)
@model_option
@click.option(
    "--force", is_flag=True, help="Replace pages that a person may have changed."
)
@click.option(
    "--no-subfolders",
    is_flag=True,
    help="Of a folder, show only the pictures that lie in it.",
)
def gallery(
    images: tuple[Path, ...],
    output: Path,
    model: str | None,
    force: bool,
    no_subfolders: bool,
) -> int:
    """Make a web site of pictures with their captions, to hand on.

    Open index.html in the folder after -o: the site needs no server. Captions are what
    you have written in the window, else what is in the pictures' metadata or in a text
    beside them, else what the model says. It holds upright copies of the pictures, at
    most 1,600 pixels wide or high and without metadata such as places; the pictures
    themselves are neither changed nor linked.

    The same command goes on where a former one was stopped, and copies only what has
    changed since. A page that a person may have made or changed is replaced only with
    --force.
    """
    from imagecap.captions.caption_files import name_pictures
    from imagecap.commands.caption_to_file import open_library
    from imagecap.gallery.copies import is_copy
    from imagecap.gallery.pages import Shown
    from imagecap.gallery.site import check_site, write_site

    found = choose_pictures(images, no_subfolders)
    # A gallery in the folder of its pictures does not show its copies.
    pictures = [one for one in found.pictures if not is_copy(one, output)]
    pictures = list(dict.fromkeys(map(Path.absolute, pictures)))
    if not pictures:
        raise ImagecapError(
            f"There are only the copies of the gallery {output} itself; name the "
            "folder of your pictures."
        )
    check_site(output, len(pictures), force)
    with closing(open_library()) as library:
        captions, said, failed = _captions(library, pictures, model)
    names = name_pictures(captions)
    copied, unread = _copies(names, output)
    failed |= unread
    for picture in pictures:
        if picture in failed:
            tell_error(failed[picture])
    if not copied:
        # They may be on an unplugged disk, and here are copies of them.
        raise ImagecapError(
            f"None of the pictures can be read, so the gallery {output} stays as it is."
        )
    shown = [Shown(names[one], captions[one], copied[one]) for one in copied]
    title = images[0].resolve().name if len(images) == 1 else "Pictures"
    write_site(output, title or "Pictures", shown, said, force)
    click.echo(f"{counted(len(shown), 'picture')} in {output / 'index.html'}.")
    return tell_left_out(len(found.left_out) + len(failed))


def _captions(
    library: Library, pictures: Sequence[Path], model: str | None
) -> tuple[dict[Path, str], str, dict[Path, str]]:
    """Give each picture's caption, a sentence on who said them, and what failed."""
    from imagecap.commands.caption_to_file import caption_all
    from imagecap.library.persons_captions import persons_captions

    captions = persons_captions(library, pictures)
    others = [picture for picture in pictures if picture not in captions]
    if not others:
        return captions, "", {}
    settings = choose_settings()
    captioner = choose_captioner(model, settings)
    said, progress = caption_all(captioner, library, others, settings.beam_width)
    count = len(captions)
    by_people = f" {counted(count, 'caption')} {are(count)} by people."
    note = f"Described by imagecap's model {captioner.name}, which may be wrong."
    captions |= said
    in_order = {one: captions[one] for one in pictures if one in captions}
    return in_order, note + by_people * bool(captions), dict(progress.failed)


def _copies(
    names: Mapping[Path, str], site: Path
) -> tuple[dict[Path, Copied], dict[Path, str]]:
    """Copy pictures with progress; give the copies, and why there are none of others.

    Raises:
        Stopped: On Ctrl-C; what was copied is kept.
    """
    from imagecap.gallery.copies import Copied, copy_pictures
    from imagecap.progress import progress

    copied: dict[Path, Copied] = {}
    failed: dict[Path, str] = {}
    try:
        for picture, result in progress(
            copy_pictures(names, site), "Copying", len(names)
        ):
            if isinstance(result, Copied):
                copied[picture] = result
            else:
                failed[picture] = str(result)
    except KeyboardInterrupt as stop:
        raise Stopped("The same command goes on from there.") from stop
    return copied, failed
