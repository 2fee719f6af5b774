"""The `imagecap caption` command."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagecap.commands.choosing import (
    choose_captioner,
    choose_pictures,
    choose_settings,
    learning_at_once,
    model_option,
    tell_left_out,
)
from imagecap.commands.console import Stopped, tell, tell_error
from imagecap.commands.file_path import FILE_PATH, INPUT, OUTPUT, Address
from imagecap.commands.number_in_range import BEAM_WIDTHS, NumberInRange
from imagecap.commands.shard_options import (
    Shards,
    refuse_other_options,
    shard_options,
)
from imagecap.interval import Interval

if TYPE_CHECKING:
    from imagecap.pictures.folders import FoundPictures

_CAPTIONS = Interval(1, 50)
_KEYWORDS = Interval(0, 50)
_WEIGHTS = Interval(0, 1)
_WATCH_SECONDS = 1.0


class _Caption(click.Command):
    """Reads `--write copies DIR`, where click knows options of one length only."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give the folder of copies to an option of its own."""
        written = list(args)
        for at in range(len(written)):
            if written[at : at + 2] == ["--write", "copies"]:
                if written[at + 2 : at + 3] in ([], ["--"]):
                    raise click.UsageError(
                        "--write copies needs a folder: --write copies DIR.", ctx
                    )
                written.insert(at + 2, "--copies-to")
                break
        return super().parse_args(ctx, written)


class _Output(click.Option):
    """Names the formats of caption files, which are loaded only to be named."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help; see `click.Option`."""
        from imagecap.captions.formats import WRITERS

        kinds = ", ".join(f"{end} with {one.content}" for end, one in WRITERS.items())
        self.help = (
            f"Write the captions into a file: {kinds}; or into a folder of shards, "
            "FOLDER/ or s3://BUCKET/FOLDER/."
        )
        return super().get_help_record(ctx)


@click.command(cls=_Caption)
@click.argument(
    "images", nargs=-1, required=True, type=INPUT, metavar="IMAGE_OR_FOLDER…"
)
@model_option
@click.option(
    "--candidates",
    type=NumberInRange(int, _CAPTIONS),
    default=1,
    help=f"Captions for each picture, the best first. [{_CAPTIONS}; default: 1]",
)
@click.option(
    "--beam",
    type=NumberInRange(int, BEAM_WIDTHS),
    help=f"Captions kept in parallel by the search. [{BEAM_WIDTHS}; default: as in the "
    "settings, else the model's]",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option(
    "-o",
    "--output",
    type=OUTPUT,
    metavar="FILE",
    cls=_Output,
)
@shard_options
@click.option(
    "--write",
    type=click.Choice(["sidecar", "xmp", "copies"]),
    metavar="sidecar|xmp|copies DIR",
    help="Write each caption into a file: text beside the picture, XMP beside it, or "
    "the metadata of a copy in the folder DIR.",
)
@click.option("--copies-to", type=FILE_PATH, hidden=True)
@click.option(
    "--force",
    is_flag=True,
    help="Replace files that a person may have written or changed.",
)
@click.option(
    "--keywords",
    type=NumberInRange(int, _KEYWORDS),
    default=0,
    help="With --write, at most so many keywords for XMP and copies. "
    f"[{_KEYWORDS}; default: 0]",
)
@click.option(
    "--keyword-threshold",
    type=NumberInRange(float, _WEIGHTS),
    default=0.1,
    help="How much a keyword must weigh in what people would write, at least. "
    f"[{_WEIGHTS}; default: 0.1]",
)
@click.option(
    "--corrections/--no-corrections",
    default=None,
    help="Let captions that you corrected help with pictures that are like theirs. "
    "[default: as in the settings, else no]",
)
@click.option("--speak", is_flag=True, help="Read the captions aloud, too.")
@click.option(
    "--save-speech",
    type=FILE_PATH,
    metavar="FILE.wav",
    help="Save the caption of one picture as speech.",
)
@click.option(
    "--voice",
    metavar="ID",
    help="A voice that “imagecap voices” lists. [default: the one in the settings]",
)
@click.option(
    "--no-subfolders",
    is_flag=True,
    help="Of a folder, describe only the pictures that lie in it.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Go on with what is added to the folders, until Ctrl-C.",
)
def caption(
    images: tuple[Path | Address, ...],
    model: str | None,
    candidates: int,
    beam: int | None,
    as_json: bool,
    output: Path | Address | None,
    form: str | None,
    engine: str | None,
    address: str | None,
    retries: bool,
    write: str | None,
    copies_to: Path | None,
    force: bool,
    keywords: int,
    keyword_threshold: float,
    corrections: bool | None,
    speak: bool,
    save_speech: Path | None,
    voice: str | None,
    no_subfolders: bool,
    watch: bool,
) -> int:
    r"""Describe pictures.

    One picture: prints its caption. Several, or a folder: a line each, path, tab,
    caption; a tab or a line's end in a path is written as \t or \n. Where the model is
    unsure of a picture, "Possibly:" stands before the caption. A picture that cannot be
    read is named on standard error, the others are described all the same, and the
    exit status is 1.

    A folder means its sub-folders, too, up to 100,000 pictures. What is left out of it
    (formats that are not read, folders that may not be) is named and counted, together
    with what could not be read.

    With --output the captions are written into a file. They are kept as they come: the
    same command goes on where a former one was stopped. A file that is there already is
    replaced only where it holds nothing but what models have said, or with --force.

    An output that ends in / is a folder of shards, which may lie in S3 as the pictures
    may: as many pictures as there are, a row for each, a thousand in a shard. The same
    command goes on where it was stopped, and takes what was added meanwhile.

    With --write each caption goes into a file of its own; what you have written in the
    window goes before what the model says. Texts, XMP and copies that a person may have
    written or changed stay, without --force. XMP and copies say who said the caption
    and how sure it is.

    With --watch it goes on with the pictures that are added to the folders or changed,
    until Ctrl-C ends it.

    What no option says is as in the settings, which the window changes.
    """
    from imagecap.files import check_place

    if isinstance(output, Address):
        refuse_other_options(click.get_current_context())
        if address and not engine:
            raise click.UsageError("--address needs --engine ray.")
        shards = Shards(output, form or "parquet", engine, address, retries)
        return _caption_into_folder(images, model, beam, shards)
    if form or engine or address or retries:
        raise click.UsageError(
            "--shards, --engine, --address and --retry-failed need --output FOLDER/."
        )
    paths = _on_this_machine(images)
    if output and (as_json or speak or save_speech or candidates > 1):
        raise click.UsageError(
            "--output writes one caption a picture and takes no --json, --speak, "
            "--save-speech or --candidates."
        )
    if write and (as_json or output or speak or save_speech or candidates > 1):
        raise click.UsageError(
            "--write writes one caption a picture and takes no --json, --output, "
            "--speak, --save-speech or --candidates."
        )
    if force and not (write or output):
        raise click.UsageError("--force needs --output or --write.")
    if watch and (as_json or save_speech):
        raise click.UsageError("--watch takes no --json or --save-speech.")
    if watch and not all(path.is_dir() for path in paths):
        raise click.UsageError("--watch needs folders.")
    if watch and copies_to and _lies_in(copies_to, paths):
        raise click.UsageError(
            "With --watch, copies go into a folder that is not watched itself."
        )
    if keywords and not write:
        raise click.UsageError("--keywords needs --write.")
    if keywords and write == "sidecar":
        raise click.UsageError("--keywords needs --write xmp or --write copies DIR.")
    found = choose_pictures(paths, no_subfolders, may_be_none=watch)
    pictures, left_out = found.pictures, found.left_out
    rounds = _rounds(paths, not no_subfolders, found) if watch else [pictures]
    if save_speech and len(pictures) != 1:
        raise click.UsageError("--save-speech takes one picture.")
    if save_speech:
        check_place(save_speech)
    settings = choose_settings()
    width = beam or settings.beam_width
    captioner = choose_captioner(model, settings)
    if corrections is None:
        corrections = settings.learn_at_once
    click.get_current_context().with_resource(learning_at_once(captioner, corrections))
    if output:
        from imagecap.commands.caption_to_file import caption_into_file

        failed = caption_into_file(captioner, rounds, width, output, force)
        return tell_left_out(len(left_out) + failed)
    if write:
        from imagecap.commands.caption_to_pictures import Wanted, caption_into_pictures

        wanted = Wanted(write, copies_to, force, keywords, keyword_threshold)
        failed = caption_into_pictures(captioner, rounds, width, wanted)
        return tell_left_out(len(left_out) + failed)
    from imagecap.commands.caption_to_terminal import Printed, print_captions

    options = settings.speech_options
    if voice is not None:
        options = replace(options, voice=voice)
    wish = Printed(
        candidates, width, as_json, speak, save_speech, settings.hedging, options
    )
    named = watch or len(pictures) > 1
    failed, unheard = print_captions(captioner, rounds, wish, named)
    if len(pictures) + len(left_out) > 1 or any(map(Path.is_dir, paths)):
        tell_left_out(len(left_out) + failed)
    return 1 if left_out or failed or unheard else 0


def _rounds(
    folders: Sequence[Path], subfolders: bool, found: FoundPictures
) -> Iterator[list[Path]]:
    """Give the pictures found, and then those that are added, until Ctrl-C."""
    from imagecap.pictures.watching import FolderWatch

    watching = FolderWatch(folders, subfolders, found)
    if found.pictures:
        yield found.pictures
    if sys.stderr.isatty():
        tell("Watching for pictures that are added; Ctrl-C ends it.")
    while True:
        try:
            time.sleep(_WATCH_SECONDS)
            added = watching.added()
        except KeyboardInterrupt as stop:
            raise Stopped("The same command watches on.") from stop
        for sentence in added.left_out:
            tell_error(sentence)
        if added.pictures:
            yield added.pictures


def _caption_into_folder(
    images: Sequence[Path | Address],
    model: str | None,
    beam: int | None,
    shards: Shards,
) -> int:
    settings = choose_settings()
    captioner = choose_captioner(model, settings)
    from imagecap.commands.caption_to_shards import caption_into_folder

    width = beam or settings.beam_width
    failed = caption_into_folder(captioner, list(map(str, images)), width, shards)
    if failed:
        tell(f"Without a caption: {failed:,}; the column “error” says why.")
    return 1 if failed else 0


def _on_this_machine(images: Sequence[Path | Address]) -> tuple[Path, ...]:
    paths = tuple(image for image in images if isinstance(image, Path))
    if len(paths) < len(images):
        raise click.UsageError(
            "Captions of pictures that do not lie on this machine go into a folder: "
            "--output FOLDER/ or --output s3://BUCKET/FOLDER/."
        )
    return paths


def _lies_in(folder: Path, others: Sequence[Path]) -> bool:
    return any(folder.resolve().is_relative_to(one.resolve()) for one in others)
