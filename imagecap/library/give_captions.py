"""The captions of many pictures, given a file each: text, XMP, or a copy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from imagecap.captions.caption_files import name_pictures
from imagecap.captions.sidecar import read_sidecar, sidecar_path, write_sidecar
from imagecap.errors import ImagecapError
from imagecap.files import WriteError, reason
from imagecap.library.store import Entry, Library
from imagecap.pictures.metadata import (
    Description,
    read_metadata,
    read_xmp_sidecar,
    write_described_copy,
    write_xmp_sidecar,
    xmp_sidecar_path,
)
from imagecap.provenance import UNKNOWN


class Form(StrEnum):
    """What a caption is written into."""

    SIDECAR = "sidecar"
    XMP = "xmp"
    COPIES = "copies"


@dataclass
class Given:
    """What has become of captions that were written.

    Attributes:
        count: How many were written.
        left: Files that a person may have written, which stay as they are.
        notes: What a person should know of copies, each in a sentence.
        failed: Why captions could not be written.
    """

    count: int = 0
    left: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[ImagecapError] = field(default_factory=list)


def give_captions(
    library: Library,
    entries: Iterable[Entry],
    form: Form,
    folder: Path | None = None,
    force: bool = False,
    keywords: Callable[[Path], tuple[str, ...]] | None = None,
) -> Given:
    """Write the captions of pictures, each into a file of its own.

    A person's caption goes before a model's. A file that a person may have written
    stays, unless `force` says otherwise.

    Args:
        library: Knows what models have said.
        entries: The pictures with their captions; those without one are passed over.
        form: What the captions are written into.
        folder: Where copies go, in the folders in which the pictures lie to each other.
        force: Whether files that a person may have written are replaced.
        keywords: Gives the keywords of a picture, for XMP and copies.

    Raises:
        LibraryError: If the library cannot be read.
    """
    entries = [entry for entry in entries if entry.caption]
    places = {entry.picture: _place(entry.picture, form) for entry in entries}
    if form is Form.COPIES and folder is not None:
        places = {one: folder / name for one, name in name_pictures(places).items()}
    given = Given()
    for entry in entries:
        file = places[entry.picture]
        try:
            if not force and _may_be_a_persons(library, entry, file, form):
                given.left.append(file)
                continue
            words = keywords(entry.picture) if keywords else ()
            description = describe(library, entry, words)
            given.notes += _give(entry.picture, description, file, form)
            given.count += 1
        except ImagecapError as error:
            given.failed.append(error)
    return given


def describe(
    library: Library, entry: Entry, keywords: tuple[str, ...] = ()
) -> Description:
    """Give what metadata shall say of a picture that has a caption.

    Raises:
        LibraryError: If the library cannot be read.
    """
    known = library.provenance(entry)
    # The library knows what people did with captions; elsewhere nobody would.
    provenance = replace(
        known, edited=bool(known.edited), accepted=entry.human is not None
    )
    return Description(entry.caption or "", provenance, keywords)


def _place(picture: Path, form: Form) -> Path:
    return sidecar_path(picture) if form is Form.SIDECAR else xmp_sidecar_path(picture)


def _may_be_a_persons(library: Library, entry: Entry, file: Path, form: Form) -> bool:
    if form is Form.COPIES:
        # Unlike the method of paths, it never fails.
        is_there = os.path.exists(file)  # noqa: PTH110
        if is_there and read_metadata(file).provenance == UNKNOWN:
            return True
        # A copy of some formats has its caption beside it.
        file = xmp_sidecar_path(file)
    if not os.path.exists(file):  # noqa: PTH110
        return False
    if form is Form.SIDECAR:
        former, provenance = read_sidecar(file), UNKNOWN
        # What holds no caption holds perhaps something else.
        if former is None:
            return file.stat().st_size > 0
    else:
        captions, provenance = read_xmp_sidecar(file)
        former = next(iter(captions.values()), None)
    return not (
        former in (None, entry.caption)
        or provenance.is_of_a_model_alone
        or library.is_model_caption(entry.picture, former or "")
    )


def _give(
    picture: Path, description: Description, file: Path, form: Form
) -> tuple[str, ...]:
    if form is Form.SIDECAR:
        write_sidecar(file, description.caption)
        return ()
    if form is Form.XMP:
        write_xmp_sidecar(file, description)
        return ()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"The folder {file.parent} cannot be made ({reason(error)}); choose "
            "another one."
        ) from error
    return write_described_copy(picture, description, file)
