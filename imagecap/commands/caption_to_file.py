"""Many pictures captioned by the command line, into a file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import click

from imagecap.captions.caption_files import check_export_name, write_captions
from imagecap.captions.problems import CaptionFileError
from imagecap.commands.console import Stopped, tell_error, tell_note
from imagecap.counted import counted
from imagecap.files import check_place, remove_abandoned
from imagecap.library.batch import BatchProgress, BatchRun
from imagecap.library.replaceable import holds_only_model_captions
from imagecap.library.store import Entry, Library, LibraryError, library_path
from imagecap.model.captioner import Captioner
from imagecap.progress import progress_bar


def caption_into_file(
    captioner: Captioner,
    rounds: Iterable[Sequence[Path]],
    beam_width: int | None,
    file: Path,
    force: bool = False,
) -> int:
    """Caption pictures with progress and write the captions into a file.

    Args:
        captioner: The model.
        rounds: The picture files; after each round the file holds those of all so far,
            if there are any.
        beam_width: Captions kept in parallel by the search; the model's own by default.
        file: The file; its ending decides the form.
        force: Replace a file that may hold what a person wrote.

    Returns:
        How many pictures could not be read.

    Raises:
        ImagecapError: If captions cannot be kept, or the file cannot be written or may
            hold what a person wrote.
        Stopped: On Ctrl-C; what was captioned is kept.
    """
    check_export_name(file)
    check_place(file)
    said: dict[Path, str] = {}
    failed = 0
    begun = time.time()
    with closing(open_library()) as library:
        for pictures in rounds:
            chosen = list(dict.fromkeys(map(Path.absolute, pictures)))
            # Names in the file are relative to what all pictures in it share.
            in_file = list(said) or chosen
            if not (force or holds_only_model_captions(library, in_file, file)):
                raise CaptionFileError(
                    f"{file} is there already and may hold what a person wrote; choose "
                    "another file, or replace it with --force."
                )
            found, progress = caption_all(captioner, library, chosen, beam_width)
            said |= {path: found[path] for path in chosen if path in found}
            provenance = {
                path: library.provenance(Entry(path, caption))
                for path, caption in said.items()
            }
            # Where a disk was unplugged, the captions of before are not thrown away.
            if said:
                write_captions(list(said.items()), file, provenance)
                # Another program may be writing the same file just now.
                with suppress(OSError):
                    remove_abandoned(file, begun)
            for _, why in progress.failed:
                tell_error(why)
            failed += len(progress.failed)
            if not said:
                tell_note(f"No picture could be read, so {file} is not written.")
                continue
            known = (
                f", {progress.known:,} of them from before" if progress.known else ""
            )
            click.echo(f"{counted(len(said), 'caption')} in {file}{known}.")
    return failed


def open_library() -> Library:
    """Open the library, or one in memory where there can be none: all else works."""
    try:
        return Library(library_path(), tell_note)
    except LibraryError as error:
        tell_note(str(error))
        return Library(Path(":memory:"))


def caption_all(
    captioner: Captioner,
    library: Library,
    pictures: Sequence[Path],
    beam_width: int | None,
) -> tuple[dict[Path, str], BatchProgress]:
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
