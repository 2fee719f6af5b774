"""XMP in a file beside a picture, `dog.xmp` beside `dog.jpg`."""

from __future__ import annotations

import os
from pathlib import Path

from imagecap.files import check_ordinary, reason, write_file
from imagecap.pictures.metadata.description import Description, MetadataError
from imagecap.pictures.metadata.xmp import describe_xmp, read_provenance, read_xmp
from imagecap.pictures.metadata.xmp_packet import XmpError
from imagecap.pictures.reading import PICTURE_SUFFIXES
from imagecap.provenance import UNKNOWN, Provenance

_MOST_BYTES = 64 * 2**20


def xmp_sidecar_path(picture: Path) -> Path:
    """Tell which file beside a picture holds its XMP; it need not be there.

    Raw developers call it `dog.xmp`. Where another picture has the same stem, or there
    is such a file already, it is `dog.jpg.xmp`.
    """
    own = picture.with_name(f"{picture.name}.xmp")
    # Unlike the method of paths, it never fails: the name may be too long.
    if os.path.exists(own) or _shares_stem(picture):
        return own
    return picture.with_suffix(".xmp")


def write_xmp_sidecar(file: Path, description: Description) -> None:
    """Write a caption into a file of XMP; what else it says stays.

    Raises:
        MetadataError: If the file is there and is no XMP.
        WriteError: If it cannot be written.
    """
    try:
        packet = describe_xmp(_content(file), description)
    except XmpError as error:
        raise MetadataError(
            f"{file} is no XMP that can be read; rename or remove it and try again."
        ) from error
    write_file(file, packet)


def read_xmp_sidecar(file: Path) -> tuple[dict[str, str], Provenance]:
    """Read the captions of a file of XMP, and where they come from.

    Returns:
        Name of the field → caption, empty where there is none.

    Raises:
        MetadataError: If the file is there and cannot be read.
    """
    content = _content(file)
    if content is None:
        return {}, UNKNOWN
    try:
        return read_xmp(content), read_provenance(content)
    except XmpError as error:
        raise MetadataError(
            f"{file} is no XMP that can be read; save it anew where it was made."
        ) from error


def _shares_stem(picture: Path) -> bool:
    # Not by listing the folder, which would be done for each of its pictures.
    names = (
        picture.with_suffix(ending)
        for suffix in PICTURE_SUFFIXES
        for ending in (suffix, suffix.upper())
    )
    try:
        return any(
            name.exists()
            for name in names
            if name.suffix.lower() != picture.suffix.lower()
        )
    except OSError:
        return False


def _content(file: Path) -> bytes | None:
    try:
        check_ordinary(file)
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MetadataError(
            f"{file} cannot be read ({reason(error)}); remove it or check its "
            "permissions."
        ) from error
    if len(content) > _MOST_BYTES:
        raise MetadataError(f"{file} is too large for XMP; rename or remove it.")
    return content
