"""A caption written into the metadata of a copy; the original is never touched."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

from imagecap.files import write_file
from imagecap.pictures.metadata import jpeg, png, tiff, webp
from imagecap.pictures.metadata.fields import MetadataError

__all__ = ["MetadataError", "write_described_copy"]

_Describe = Callable[[bytes, str], bytes]
# How a file begins, how its name ends, and what writes a caption into it.
_KINDS: tuple[tuple[tuple[bytes, ...], tuple[str, ...], _Describe], ...] = (
    ((jpeg.MARK,), (".jpg", ".jpeg"), jpeg.describe),
    ((png.MARK,), (".png",), png.describe),
    ((webp.MARK,), (".webp",), webp.describe),
    (tiff.MARKS, (".tif", ".tiff"), tiff.describe),
)


def write_described_copy(picture: Path, caption: str, copy: Path) -> None:
    """Copy a picture with its caption in EXIF ImageDescription and XMP dc:description.

    The pixels are copied as they are stored, never encoded anew, and so is all other
    metadata. XMP that is there already keeps its other properties.

    Args:
        picture: A JPEG, PNG, WebP or TIFF file.
        caption: The caption.
        copy: The file to write; never the picture itself.

    Raises:
        MetadataError: If the picture is of another kind, damaged, or the same file.
        WriteError: If the copy cannot be written.
    """
    if copy.exists() and copy.samefile(picture):
        raise MetadataError(
            f"{copy.name} is the picture itself, which is never changed; choose "
            "another name."
        )
    try:
        content = picture.read_bytes()
    except OSError as error:
        raise MetadataError(f"{picture} cannot be read ({error.strerror}).") from error
    kind = next((kind for kind in _KINDS if content.startswith(kind[0])), None)
    if kind is None:
        raise MetadataError(
            f"{picture.name} is neither JPEG, PNG, WebP nor TIFF, so no caption can be "
            "written into a copy; save the caption as text instead."
        )
    _, endings, describe = kind
    try:
        described = describe(content, caption)
    except (struct.error, IndexError, ValueError, SyntaxError, OSError) as error:
        raise MetadataError(
            f"{picture.name} is damaged, so no caption can be written into a copy."
        ) from error
    if copy.suffix.lower() not in endings:
        raise MetadataError(
            f"The copy must end in {' or '.join(endings)}, like the picture's kind."
        )
    write_file(copy, described)
    shutil.copystat(picture, copy)
