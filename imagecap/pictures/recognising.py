"""What a picture file is, by its content, and what opens it."""

from __future__ import annotations

import errno
import io
import os
import stat
import struct
from pathlib import Path

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from imagecap.files import reason
from imagecap.pictures.content import PictureContent
from imagecap.pictures.errors import PictureError, UnreadableError
from imagecap.pictures.formats import JPEG_XL, RAW, Format, load_plugin
from imagecap.pictures.icons import icon_sizes
from imagecap.pictures.jpeg import Jpeg
from imagecap.pictures.jpeg_xl import jpeg_xl_size
from imagecap.pictures.limits import (
    MOST_WHOLE_PIXELS,
    READ_AT_ONCE,
    LimitedFile,
    check_pixels,
    check_size_in_memory,
)
from imagecap.pictures.png import Png
from imagecap.pictures.tiff import Tiff, is_camera_raw
from imagecap.pictures.tiff_kinds import holds_picture, kind_not_read, read_tags
from imagecap.pictures.turns import Turn

DAMAGED = "is damaged or incomplete; copy or download it again"
"""What is said of a picture of which something is missing."""


def open_file(path: Path | PictureContent) -> LimitedFile:
    """Open an ordinary file, or what it holds.

    Raises:
        PictureError: If there is none, or it is something else.
    """
    if isinstance(path, PictureContent):
        if not path.content:
            raise _empty(path)
        content = io.BytesIO(path.content)
        # Some formats are told by the name's ending.
        content.name = path.name
        return LimitedFile(content, len(path.content))
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PictureError(f"{path} is a folder; choose a picture in it.")
        # Opening a pipe would wait for its other end, perhaps for ever.
        if not stat.S_ISREG(status.st_mode):
            raise PictureError(f"{path} is not an ordinary file; choose a picture.")
        if status.st_size == 0:
            raise _empty(path)
        state = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        file = io.FileIO(os.fspath(path))
        return LimitedFile(file, status.st_size, Turn(state))
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            raise PictureError(
                f"{path} is a link to a file that is not there; remove it."
            ) from error
        raise PictureError(f"There is no file {path}.") from error
    except PermissionError as error:
        raise PictureError(
            f"{path} may not be read; change its permissions and try again."
        ) from error
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ELOOP:
            raise PictureError(
                f"{path} is a link that leads round in a circle; remove it."
            ) from error
        why = reason(error) if isinstance(error, OSError) else error
        raise PictureError(f"{path} cannot be opened: {why}.") from error


def _empty(path: Path | PictureContent) -> PictureError:
    return PictureError(f"{path} is empty; copy or download it again.")


def recognise(known: Format, file: LimitedFile) -> Image.Image | None:
    """Open a picture of a known format, and leave the bound on its size to the caller.

    `Image.open` warns and refuses by limits that can only be set for the whole
    process, which would be neither polite nor safe among threads.

    Args:
        known: The format.
        file: The file, read from its beginning.

    Returns:
        The picture; `None` where the file is of another format after all.

    Raises:
        UnreadableError: A package is missing, or the picture is damaged or too large.
    """
    file.seek(0)
    try:
        if known.module:
            return _opened_by_package(known, file)
        if known.plugin in READ_AT_ONCE:
            return Image.OPEN[known.plugin][0](file, "")
        with file.opening():
            image = _opened(known, file)
        if isinstance(image, TiffImageFile) and is_camera_raw(image):
            return _opened_by_package(RAW, file)
        return image
    except (SyntaxError, IndexError, TypeError, struct.error):
        # Some cameras put nothing but what the sensor saw into the main place.
        if known.plugin == "TIFF" and Path(file.name).suffix.lower() in RAW.suffixes:
            return _opened_by_package(RAW, file)
        if known.plugin == "TIFF":
            _refuse_by_kind(file)
        if known.recognises:
            # Its mark is there, so that it can be nothing else.
            raise UnreadableError(DAMAGED) from None
        return None


def _opened(known: Format, file: LimitedFile) -> Image.Image:
    if known.plugin == "JPEG":
        jpeg = Jpeg(file, "")
        jpeg.take_inks_as_they_are()
        return jpeg
    if known.plugin == "ICO":
        for size in icon_sizes(file):
            # Pillow decodes an icon while it opens it, and lays a mask over it.
            check_pixels(*size, MOST_WHOLE_PIXELS // 4)
        file.seek(0)
    # It puts the rest of each block together anew for each comment in it.
    file.piece = 2**14 if known.plugin == "PPM" else None
    file.is_in_chunks = known.plugin == "PNG"
    own = {"PNG": Png, "TIFF": Tiff}.get(known.plugin)
    return (own or Image.OPEN[known.plugin][0])(file, "")


def _refuse_by_kind(file: LimitedFile) -> None:
    try:
        tags = read_tags(file)
        sentence = kind_not_read(tags) if holds_picture(tags) else None
    # Pillow's reader raises whatever damaged bytes lead it to.
    except Exception:
        return
    if sentence:
        raise UnreadableError(sentence)


def _opened_by_package(known: Format, file: LimitedFile) -> Image.Image:
    try:
        if known is RAW:
            from imagecap.pictures.raw import camera_preview

            return camera_preview(file)
        load_plugin(known)
    except ImportError as error:
        raise UnreadableError(
            f"is a {known.name} picture, which cannot be read yet; install what reads "
            f"it with “pip install {known.package}”, or save it as JPEG"
        ) from error
    if known is JPEG_XL:
        check_size_in_memory(*jpeg_xl_size(file.read()), file.size, known.plugin)
        file.seek(0)
    try:
        return Image.OPEN[known.plugin][0](file, "")
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(f"is a {known.name} picture that {DAMAGED}") from error
