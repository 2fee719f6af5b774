"""Many pictures captioned by the command line, each into a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from imagecap.commands.caption_to_file import caption_all, open_library
from imagecap.commands.console import tell_error, tell_note
from imagecap.counted import counted, were
from imagecap.library.give_captions import Form, give_captions
from imagecap.library.store import Library
from imagecap.model.captioner import Captioner


@dataclass(frozen=True)
class Wanted:
    """What shall be written.

    Attributes:
        form: `sidecar`, `xmp` or `copies`.
        folder: Where copies go.
        force: Whether files that a person may have written are replaced.
        keywords: How many keywords there are at most.
        threshold: How much a keyword must weigh, between 0 and 1.
    """

    form: str
    folder: Path | None
    force: bool
    keywords: int
    threshold: float


def caption_into_pictures(
    captioner: Captioner,
    rounds: Iterable[Sequence[Path]],
    beam_width: int | None,
    wanted: Wanted,
) -> int:
    """Caption pictures with progress and write each caption into a file of its own.

    Args:
        captioner: The model.
        rounds: The picture files; those of a round are written together.
        beam_width: Captions kept in parallel by the search; the model's own by default.
        wanted: What shall be written.

    Returns:
        How many pictures could not be read, or their files not written.

    Raises:
        ImagecapError: If captions cannot be kept.
        Stopped: On Ctrl-C; what was captioned is kept.
    """
    with closing(open_library()) as library:
        return sum(
            _caption_round(captioner, library, pictures, beam_width, wanted)
            for pictures in rounds
        )


def _caption_round(
    captioner: Captioner,
    library: Library,
    pictures: Sequence[Path],
    beam_width: int | None,
    wanted: Wanted,
) -> int:
    model = captioner.bundle.identity
    found, progress = caption_all(captioner, library, pictures, beam_width)
    given = give_captions(
        library,
        [library.entry_of(picture, model, beam_width) for picture in found],
        Form(wanted.form),
        wanted.folder,
        wanted.force,
        _keywords(captioner, wanted),
    )
    for note in given.notes:
        tell_note(note)
    for why in (*(why for _, why in progress.failed), *map(str, given.failed)):
        tell_error(why)
    if given.left:
        tell_error(
            f"{counted(len(given.left), 'file')} that a person may have written or "
            f"changed {were(len(given.left))} left as before, {given.left[0]} first; "
            "use --force to replace."
        )
    click.echo(f"{counted(given.count, 'caption')} written.")
    return len(progress.failed) + len(given.failed) + len(given.left)


def _keywords(
    captioner: Captioner, wanted: Wanted
) -> Callable[[Path], tuple[str, ...]] | None:
    if not wanted.keywords:
        return None

    def keywords(picture: Path) -> tuple[str, ...]:
        return captioner.keywords(picture, wanted.keywords, wanted.threshold)

    return keywords
