"""Captions in the metadata of pictures: read, and written into copies.

The original is never touched, and in a copy nothing but what says a caption changes.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from imagecap.files import read_ordinary, reason, write_file
from imagecap.pictures.caption_fields import CAPTION_FIELDS
from imagecap.pictures.metadata import boxes, gif, heif, jpeg, png, psd, tiff, webp
from imagecap.pictures.metadata.blocks import Blocks, Reader, Writer
from imagecap.pictures.metadata.description import Description, MetadataError
from imagecap.pictures.metadata.other_formats import read_blocks_of
from imagecap.pictures.metadata.xmp_sidecar import (
    read_xmp_sidecar,
    write_xmp_sidecar,
    xmp_sidecar_path,
)
from imagecap.pictures.reading import PictureError, open_picture
from imagecap.provenance import UNKNOWN, Provenance

__all__ = [
    "CAPTION_FIELDS",
    "Description",
    "Metadata",
    "MetadataError",
    "check_copy",
    "copy_endings",
    "is_described_copy",
    "read_embedded_metadata",
    "read_metadata",
    "read_xmp_sidecar",
    "write_described_copy",
    "write_xmp_sidecar",
    "xmp_sidecar_path",
]

# What cameras write there by themselves.
_OF_CAMERAS = (
    "olympus digital camera",
    "sony dsc",
    "samsung camera pictures",
    "minolta digital camera",
    "konica minolta digital camera",
    "kodak digital still camera",
    "digital camera",
    "digital still camera",
    "exif_jpeg_picture",
    "jpeg picture",
    "default",
    "dcim\\",
    "<digimax",
    "<kenox",
    "<samsung",
    "ascii",
    "hdrpl",
)
_Rewrite = Callable[[bytes, Blocks], bytes]
# How a file begins, how its name ends, and what finds its blocks.
_KINDS: tuple[tuple[tuple[bytes, ...], tuple[str, ...], _Rewrite], ...] = (
    ((jpeg.MARK,), (".jpg", ".jpeg"), jpeg.rewrite),
    ((png.MARK,), (".png",), png.rewrite),
    ((webp.MARK,), (".webp",), webp.rewrite),
    (tiff.MARKS, (".tif", ".tiff"), tiff.rewrite),
    (gif.MARKS, (".gif",), gif.rewrite),
    ((boxes.JPEG_2000,), (".jp2", ".jpx", ".jpf"), boxes.rewrite),
    (boxes.JPEG_XL, (".jxl",), boxes.rewrite),
    ((psd.MARK,), (".psd", ".psb"), psd.rewrite),
)
_DAMAGE = (struct.error, LookupError, ValueError, OverflowError, StopIteration)


@dataclass(frozen=True)
class Metadata:
    """What a picture's metadata says of it.

    Attributes:
        captions: Name of the field, of `CAPTION_FIELDS` → caption.
        provenance: Where the caption comes from, if `imagecap` has written it.
        taken: When it was taken, “2024-07-31T18:05:00”, as the camera's clock said.
        place: Where it was taken, “Gion, Kyoto, Japan”; empty where nothing says so.
    """

    captions: dict[str, str]
    provenance: Provenance = UNKNOWN
    taken: str | None = None
    place: str = ""

    def caption(self, fields: tuple[str, ...] = CAPTION_FIELDS) -> str | None:
        """Give the caption of the first field that says one.

        Args:
            fields: Names of fields, the one first that wins.
        """
        return next(
            (self.captions[one] for one in fields if one in self.captions), None
        )


def read_metadata(picture: Path) -> Metadata:
    """Read the captions in a picture's metadata, and in the file of XMP beside it.

    The file beside it is newer than what the camera has written, so it wins. What
    cameras write into captions by themselves is left out.

    Raises:
        MetadataError: If the picture or the file cannot be read.
    """
    inside = read_embedded_metadata(picture)
    beside, provenance = read_xmp_sidecar(xmp_sidecar_path(picture))
    # What only a model has said does not hide what a person has.
    if not beside or (inside.captions and provenance.is_of_a_model_alone):
        return inside
    return replace(inside, captions=inside.captions | beside, provenance=provenance)


def read_embedded_metadata(picture: Path) -> Metadata:
    """Read what a picture's own file says, as `read_metadata` does.

    Raises:
        MetadataError: If the picture cannot be read.
    """
    reader = Reader()
    captions = _captions_in(_read(picture), reader)
    provenance = reader.provenance.of(captions.values())
    return Metadata(captions, provenance, reader.taken, reader.place)


def check_copy(picture: Path, copy: Path) -> None:
    """Check that a copy is not the picture itself.

    Raises:
        MetadataError: If it is.
    """
    if _are_the_same(copy, picture):
        raise MetadataError(
            f"{copy.name} is the picture itself, which is never changed; choose "
            "another name."
        )


def is_described_copy(picture: Path, description: Description, copy: Path) -> bool:
    """Tell whether a file is what `write_described_copy` makes, byte for byte.

    Raises:
        MetadataError: If one of the files cannot be read.
    """
    return _read(copy) == _described(_read(picture), description)[0]


def copy_endings(picture: Path) -> list[str]:
    """Give the endings that the name of a described copy of a picture may have.

    Raises:
        MetadataError: If the picture cannot be read.
    """
    return _endings(_read(picture), picture)


def write_described_copy(
    picture: Path,
    description: Description | str,
    copy: Path,
    beside: Path | None = None,
) -> tuple[str, ...]:
    """Copy a picture with its caption in EXIF ImageDescription and in XMP.

    XMP says it as `dc:description` and as alternative text. Where the picture has a
    caption in IPTC's records, in comments for Windows or users, or in a PNG's
    description, the new one takes its place. The pixels are copied as they are stored,
    never encoded anew, and so is all other metadata. Where a format has no place for
    it, a file of XMP is written beside the copy.

    Args:
        picture: Any file that can be opened as a picture.
        description: The caption, or the caption with where it comes from.
        copy: The file to write; never the picture itself.
        beside: That file of XMP; by default what `xmp_sidecar_path` calls it.

    Returns:
        What a person should know of the copy, each in a sentence.

    Raises:
        MetadataError: If the picture is damaged or the same file.
        WriteError: If the copy cannot be written.
    """
    check_copy(picture, copy)
    if isinstance(description, str):
        description = Description(description)
    content = _read(picture)
    endings = _endings(content, picture)
    if copy.suffix.lower() not in endings:
        raise MetadataError(
            f"The copy must end in {' or '.join(endings)}, like the picture's kind."
        )
    described, writer = _described(content, description)
    notes = [f"{copy}: {problem}" for problem in writer.problems]
    if not writer.has_xmp:
        _check_picture(picture)
        file = beside or xmp_sidecar_path(copy)
        write_xmp_sidecar(file, description)
        notes.append(f"{copy} has no place for a caption; it is in {file} beside it.")
        inside = Metadata(_captions_in(content, Reader())).caption()
        if inside not in (None, description.caption):
            notes.append(f"{copy} itself still says “{inside}”, as before.")
    write_file(copy, described)
    # Not every disk keeps times and modes.
    with suppress(OSError):
        shutil.copystat(picture, copy)
    return tuple(notes)


def _described(content: bytes, description: Description) -> tuple[bytes, Writer]:
    writer, rewrite = Writer(description), _kind_of(content)[1]
    try:
        return (rewrite(content, writer) if rewrite else content), writer
    except _DAMAGE:
        return content, Writer(description)


def _captions_in(content: bytes, reader: Reader) -> dict[str, str]:
    rewrite = _kind_of(content)[1]
    # What is left of damaged metadata is read all the same.
    with suppress(*_DAMAGE):
        (rewrite or read_blocks_of)(content, reader)
    return {
        field: text
        for field, text in reader.captions.items()
        if not text.lower().startswith(_OF_CAMERAS)
    }


def _are_the_same(copy: Path, picture: Path) -> bool:
    try:
        return copy.samefile(picture)
    # Mostly there is no copy yet.
    except OSError:
        return False


def _check_picture(picture: Path) -> None:
    try:
        open_picture(picture, at_least=(1, 1))
    except PictureError as error:
        raise MetadataError(
            f"{picture.name} is damaged or no picture, so no caption can be written "
            "into a copy."
        ) from error


def _endings(content: bytes, picture: Path) -> list[str]:
    own = picture.suffix.lower()
    return list(dict.fromkeys((*_kind_of(content)[0], own)))


def _kind_of(content: bytes) -> tuple[tuple[str, ...], _Rewrite | None]:
    """Tell how names of a kind of files end, and what finds its blocks."""
    for marks, endings, rewrite in _KINDS:
        if content.startswith(marks):
            return endings, rewrite
    if heif.is_heif(content):
        return (".heic", ".heif", ".avif"), heif.rewrite
    return (), None


def _read(picture: Path) -> bytes:
    try:
        return read_ordinary(picture)
    except OSError as error:
        raise MetadataError(f"{picture} cannot be read ({reason(error)}).") from error
