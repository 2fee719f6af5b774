"""Many pictures captioned by the command line, into a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from imagecap.captions.caption_files import check_export_name, write_captions
from imagecap.commands.console import Stopped, tell_error
from imagecap.library.batch import BatchRun, Progress
from imagecap.library.store import Library, library_path
from imagecap.model.captioner import Captioner
from imagecap.progress import progress_bar


def caption_into_file(
    captioner: Captioner, pictures: Sequence[Path], beam_width: int | None, file: Path
) -> bool:
    """Caption pictures with progress and write the captions into a file.

    Args:
        captioner: The model.
        pictures: The picture files.
        beam_width: Captions kept in parallel by the search; the model's own by default.
        file: The file; its ending decides the form.

    Returns:
        Whether every picture could be read.

    Raises:
        ImagecapError: If captions cannot be kept, or the file cannot be written.
        Stopped: On Ctrl-C; what was captioned is kept.
    """
    check_export_name(file)
    with closing(Library(library_path())) as library:
        found, progress = caption_all(captioner, library, pictures, beam_width)
    captions = [(path, found[path]) for path in pictures if path in found]
    write_captions(captions, file)
    for _, why in progress.failed:
        tell_error(why)
    known = f", {progress.known:,} of them from before" if progress.known else ""
    click.echo(f"{len(captions):,} captions in {file}{known}.")
    return not progress.failed


def caption_all(
    captioner: Captioner,
    library: Library,
    pictures: Sequence[Path],
    beam_width: int | None,
) -> tuple[dict[Path, str], Progress]:
    """Caption pictures, show how far it is, and keep the captions.

    Returns:
        The captions of those that could be read, and how the run ended.

    Raises:
        LibraryError: If captions cannot be kept.
        Stopped: On Ctrl-C; what was captioned is kept.
    """
    found: dict[Path, str] = {}
    with progress_bar("Captioning", len(pictures)) as bar:

        def seen(picture: Path, caption: str | None) -> None:
            if caption is not None:
                found[picture] = caption
            bar.update()

        try:
            progress = BatchRun(captioner, library, pictures, beam_width).run(seen)
        except KeyboardInterrupt as stop:
            raise Stopped("The same command goes on from there.") from stop
    return found, progress
