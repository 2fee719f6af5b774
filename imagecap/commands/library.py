"""The `imagecap library` commands."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from imagecap.captions.problems import printable
from imagecap.commands.console import tell_note
from imagecap.commands.file_path import FILE_PATH, INPUT, Address
from imagecap.counted import counted
from imagecap.files import check_place


@click.group()
def library() -> None:
    """Look after the captions that are kept."""


@library.command()
def info() -> None:
    """Tell what is kept, and where."""
    from imagecap.library.store import Library
    from imagecap.library.upkeep import count

    with closing(Library.open()) as kept:
        counts = count(kept)
        click.echo(f"{printable(str(kept.path))}, {counts.size / 1e6:,.1f} MB")
    known, elsewhere, human = (
        counted(number, "picture")
        for number in (counts.pictures, counts.elsewhere, counts.human)
    )
    click.echo(f"{known}, {counts.missing:,} of them missing now")
    click.echo(f"{elsewhere} without a place, known by their content")
    click.echo(f"{human} with a caption of yours")
    for model, pictures in counts.models.items():
        click.echo(
            f"{counted(pictures, 'picture')} with captions by {printable(model)}"
        )


@library.command()
def check() -> int:
    """Check all that is kept, and mend it where it is damaged.

    A damaged file is kept under another name, and all that can be read of it is kept
    anew. The exit status is 1 then.
    """
    from imagecap.library.store import Library
    from imagecap.library.upkeep import check as check_library

    with closing(Library.open()) as kept:
        check_library(kept)
        is_mended = kept.damaged_copy is not None
    if not is_mended:
        click.echo("Nothing is damaged.")
    return int(is_mended)


@library.command()
def compact() -> None:
    """Give back the room on the disk that is not needed."""
    from imagecap.library.store import Library
    from imagecap.library.upkeep import compact as compact_library

    with closing(Library.open()) as kept:
        saved = compact_library(kept)
    click.echo(f"{max(saved, 0) / 1e6:,.1f} MB given back.")


@library.command()
@click.argument("file", type=FILE_PATH)
def export(file: Path) -> None:
    """Write all captions into FILE: .csv, .json, .jsonl or .pkl.

    One caption for each picture, yours before a model's, and who said it.
    """
    from imagecap.captions.caption_files import check_export_name
    from imagecap.captions.problems import CaptionFileError
    from imagecap.library.export_captions import export_captions
    from imagecap.library.replaceable import holds_only_model_captions
    from imagecap.library.store import Library
    from imagecap.library.upkeep import known_pictures

    check_export_name(file)
    check_place(file)
    with closing(Library.open()) as kept:
        pictures = known_pictures(kept)
        if not holds_only_model_captions(kept, pictures, file):
            raise CaptionFileError(
                f"{file} is there already and may hold what a person wrote; choose "
                "another file."
            )
        count = export_captions(kept, pictures, file)
    click.echo(f"{counted(count, 'caption')} in {file}.")


@library.command(name="import")
@click.argument("file", type=INPUT)
@click.argument("images", nargs=-1, type=FILE_PATH)
def import_file(file: Path | Address, images: tuple[Path, ...]) -> None:
    """Take the captions that FILE has of pictures.

    IMAGES are the pictures or their folders; without any, those that are known. What
    you have written yourself stays. FILE may be a folder of shards in Parquet, here or
    in S3; its captions are kept as the model's, for pictures of the same content.
    """
    from imagecap.library.import_captions import import_captions
    from imagecap.library.store import Library
    from imagecap.library.upkeep import known_pictures
    from imagecap.pictures.folders import pictures_of

    with closing(Library.open()) as kept:
        pictures = pictures_of(images) if images else known_pictures(kept)
        if isinstance(file, Address) or file.is_dir():
            from imagecap.cluster.keep_in_library import keep_shards

            found = keep_shards(kept, pictures, str(file))
            click.echo(
                f"{counted(found.taken, 'caption')} taken; "
                f"{counted(found.without, 'picture')} not in the shards."
            )
            return
        imported = import_captions(kept, pictures, file)
    for problem in imported.problems:
        tell_note(problem)
    taken = counted(imported.taken, "caption")
    click.echo(f"{taken} taken; {imported.kept:,} of yours stay.")


@library.command()
@click.argument("images", nargs=-1, required=True, type=FILE_PATH)
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(images: tuple[Path, ...], yes: bool) -> None:
    """Forget all that is kept of pictures or folders, your own captions, too.

    They need not be there any more. The pictures themselves are not touched.
    """
    from imagecap.library.store import Library
    from imagecap.library.upkeep import forget as forget_pictures

    if not yes:
        click.confirm(
            "What you have written of these pictures is lost. Forget it?", abort=True
        )
    with closing(Library.open()) as kept:
        count = forget_pictures(kept, images)
    click.echo(f"{counted(count, 'picture')} forgotten.")
