"""A gallery written into a folder; what a person has made there stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imagecap.files import WriteError, reason, write_file
from imagecap.gallery.copies import remove_other_copies
from imagecap.gallery.marks import is_unchanged, marked
from imagecap.gallery.pages import Shown, file_names, write_pages


def check_site(site: Path, count: int, force: bool) -> None:
    """Make sure, before the work for it, that a gallery can be written.

    Args:
        site: Its folder; it is made if it is missing.
        count: How many pictures it may show.
        force: Whether files that a person has made or changed are replaced.

    Raises:
        WriteError: If it cannot, or if a person has made or changed what would be
            replaced.
    """
    try:
        site.mkdir(parents=True, exist_ok=True)
        present = {file.name for file in site.iterdir()}
    except OSError as error:
        raise WriteError(
            f"The folder {site} cannot be written ({reason(error)}); choose another "
            "place."
        ) from error
    if not force:
        for name in file_names(count):
            if name in present:
                _check_ours(site / name)


def write_site(
    site: Path, title: str, pictures: Sequence[Shown], note: str, force: bool
) -> None:
    """Write the pages of a gallery whose copies are there.

    Each file is written whole or not at all, and what the pages of before lead to goes
    only after the new ones are there.

    Args:
        site: Its folder.
        title: Its name.
        pictures: What it shows.
        note: A sentence below the pictures.
        force: Whether files that a person has made or changed are replaced.

    Raises:
        WriteError: If a file cannot be written, or a person has made or changed it.
    """
    written = set()
    for name, content in write_pages(title, pictures, note):
        file = site / name
        if not force and file.exists():
            _check_ours(file)
        write_file(file, marked(name, content))
        written.add(name)
    try:
        for file in site.glob("page-*.html"):
            if file.name not in written and is_unchanged(file):
                file.unlink()
        remove_other_copies(site, (one.copied.file for one in pictures))
    except OSError as error:
        raise WriteError(
            f"What the gallery {site} has no use for any more cannot be deleted "
            f"({reason(error)}); delete the folder and run the same command again."
        ) from error


def _check_ours(file: Path) -> None:
    try:
        ours = is_unchanged(file)
    except OSError as error:
        raise WriteError(
            f"{file} cannot be replaced ({reason(error)}); choose another folder."
        ) from error
    if not ours:
        raise WriteError(
            f"{file} is there already and a person may have made or changed it; choose "
            "another folder, or replace it with --force."
        )
