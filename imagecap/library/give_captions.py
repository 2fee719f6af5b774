"""The captions of many pictures, given a file each: text, XMP, or a copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from imagecap.captions.caption_files import name_pictures
from imagecap.captions.sidecar import sidecar_path, write_sidecar
from imagecap.errors import ImagecapError
from imagecap.files import WriteError, reason
from imagecap.library.persons_files import (
    copy_may_be_a_persons,
    sidecar_may_be_a_persons,
    xmp_may_be_a_persons,
)
from imagecap.library.store import Entry, Library
from imagecap.pictures.metadata import (
    Description,
    check_copy,
    write_described_copy,
    write_xmp_sidecar,
    xmp_sidecar_path,
)


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
        left: Files that a person may have written or changed, which stay as they are.
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

    A person's caption goes before a model's. A file that a person may have written or
    changed stays, unless `force` says otherwise.

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
    beside = _xmp_beside(places.values()) if form is Form.COPIES else {}
    given = Given()
    for entry in entries:
        file = places[entry.picture]
        try:
            if form is Form.COPIES:
                check_copy(entry.picture, file)
            words = keywords(entry.picture) if keywords else ()
            xmp = beside.get(file, file)
            if not force and _may_be_a_persons(library, entry, file, form, xmp, words):
                given.left.append(file)
                continue
            description = describe(library, entry, words)
            given.notes += _give(entry.picture, description, file, form, xmp)
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


def _xmp_beside(copies: Iterable[Path]) -> dict[Path, Path]:
    """Tell which file of XMP each copy has, as if all of them were there already."""
    copies = list(copies)
    stems = Counter(copy.with_suffix("") for copy in copies)
    return {
        copy: copy.with_name(f"{copy.name}.xmp")
        if stems[copy.with_suffix("")] > 1
        else xmp_sidecar_path(copy)
        for copy in copies
    }


def _may_be_a_persons(
    library: Library,
    entry: Entry,
    file: Path,
    form: Form,
    xmp: Path,
    keywords: tuple[str, ...],
) -> bool:
    if form is Form.SIDECAR:
        return sidecar_may_be_a_persons(library, entry, file)
    if form is Form.COPIES and copy_may_be_a_persons(library, entry, file, keywords):
        return True
    # A copy of some formats has its caption beside it.
    return xmp_may_be_a_persons(library, entry, xmp)


def _give(
    picture: Path, description: Description, file: Path, form: Form, xmp: Path
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
    return write_described_copy(picture, description, file, xmp)
