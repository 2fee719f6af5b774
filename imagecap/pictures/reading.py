"""Any picture file as upright 8-bit RGB, safely and at no more cost than needed."""

from __future__ import annotations

import errno
import io
import logging
import os
import stat
import struct
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from imagecap.pictures.damage import readable_part
from imagecap.pictures.errors import PictureError as PictureError
from imagecap.pictures.errors import UnreadableError
from imagecap.pictures.formats import (
    BEGINNING,
    JPEG_XL,
    RAW,
    Format,
    formats_of,
    load_plugin,
)
from imagecap.pictures.formats import PICTURE_SUFFIXES as PICTURE_SUFFIXES
from imagecap.pictures.frames import turn_to_visible_frame
from imagecap.pictures.icons import icon_sizes
from imagecap.pictures.jpeg import Jpeg
from imagecap.pictures.jpeg_xl import jpeg_xl_size
from imagecap.pictures.limits import (
    DECODING_BYTES,
    MAX_PIXELS,
    MOST_WHOLE_PIXELS,
    LimitedFile,
    check_pixels,
    check_size_in_memory,
    decoding_cost,
    is_read_alone,
    jpeg_scale,
    reduction,
    reserved,
    whole_cost,
)
from imagecap.pictures.pixels import ON_ITS_SIDE, Range, normalised, orientation
from imagecap.pictures.tiff import is_camera_raw, mend_tiff, silence_libtiff

_log = logging.getLogger(__name__)

_DAMAGED = "is damaged or incomplete; copy or download it again"
_IN_PART = f"{_DAMAGED}. What can be read of it is shown"
_LACKS_END = "lacks its end; copy or download it again to have it whole"

# What Pillow and libtiff think of damaged tags is for programmers, and a person can do
# nothing about it.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())
silence_libtiff()


def open_picture(
    source: str | os.PathLike[str], at_least: tuple[int, int] | None = None
) -> Image.Image:
    """Open a picture file as it is meant to be seen.

    Args:
        source: The file.
        at_least: The width and height, upright, that the caller can use. A JPEG is
            then decoded at a fraction of its size where that is enough, which makes
            large photographs cheap. It is never less than this, unless the file is
            smaller, or so large that memory would not do.

    Returns:
        The first visible frame, upright, 8-bit RGB, sRGB, transparency laid over white.
        Where something is lacking that does not matter, such as the very end of a JPEG,
        `info["note"]` is a sentence that says so; it is logged, too.

    Raises:
        PictureError: The file is missing, forbidden, no picture, damaged, larger than
            `MAX_PIXELS`, or takes too much time or memory to read.
    """
    picture = _open(Path(source), at_least, in_part=False)
    if note := picture.info.get("note"):
        _log.warning(note)
    return picture


def open_readable_part(
    source: str | os.PathLike[str], at_least: tuple[int, int] | None = None
) -> Image.Image:
    """Open a picture file, or what can be read of it where it is damaged.

    Args:
        source: The file.
        at_least: As for `open_picture`.

    Returns:
        The picture as `open_picture` returns it. Where it breaks off, the rest is grey,
        and `info["note"]` says so.

    Raises:
        PictureError: Nothing of it can be read.
    """
    return _open(Path(source), at_least, in_part=True)


def upright_rgb(image: Image.Image) -> Image.Image:
    """Brings a picture in memory into the form that `open_picture` returns.

    Args:
        image: Any picture of Pillow's; left as it is.

    Returns:
        A new picture, upright, 8-bit RGB, transparency laid over white. It carries no
        EXIF, so nothing can turn it a second time.

    Raises:
        PictureError: The picture cannot be decoded or has no pixels.
    """
    try:
        return normalised(image)
    except Exception as error:
        raise PictureError(
            "The picture is damaged or empty; choose another one."
        ) from error


def encoder_pixels(picture: Image.Image, size: int) -> np.ndarray:
    """Give a picture the square form that encoders read: the whole frame, squashed.

    Args:
        picture: An RGB picture.
        size: Height and width, in pixels.

    Returns:
        `[size, size, 3]`, uint8.
    """
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR))


class _Opened(NamedTuple):
    """A picture that is not decoded yet; `values` as `normalised` takes them."""

    image: Image.Image
    values: Range | None


def _open(path: Path, at_least: tuple[int, int] | None, in_part: bool) -> Image.Image:
    with _open_file(path) as file:
        try:
            return _read(path, file, at_least, in_part)
        except UnreadableError as error:
            problem = str(error)
        except Image.DecompressionBombError:
            problem = "is too large; make it smaller and try again"
        # Pillow's readers raise whatever damaged bytes lead them to.
        except Exception:
            problem = _DAMAGED
    # Told from out here, so that no traceback keeps what was decoded in memory for as
    # long as someone keeps the error.
    raise PictureError(f"{path} {problem}.")


def _read(
    path: Path, file: LimitedFile, at_least: tuple[int, int] | None, in_part: bool
) -> Image.Image:
    for known in formats_of(file.read(BEGINNING)):
        alone = is_read_alone(known.plugin, file.size)
        with reserved(DECODING_BYTES if alone else 0):
            opening = partial(_opened, known, file, at_least)
            opened = opening()
            if opened is None:
                continue
            # What is held already is not held again.
            share = 0 if alone else 1
            note = ""
            try:
                result = _decoded(opened, file.size, share)
            except UnreadableError:
                raise
            except Exception:
                file.check()
                result, only_end = _part(opened, opening, file.size, share)
                if not (in_part or only_end):
                    raise
                note = _LACKS_END if only_end else _IN_PART
        if note:
            result.info["note"] = f"{path} {note}."
        return result
    raise UnreadableError(
        "is not a picture that can be read here; save it as JPEG or PNG and try again"
    )


def _open_file(path: Path) -> LimitedFile:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PictureError(f"{path} is a folder; choose a picture in it.")
        # Opening a pipe would wait for its other end, perhaps for ever.
        if not stat.S_ISREG(status.st_mode):
            raise PictureError(f"{path} is not an ordinary file; choose a picture.")
        if status.st_size == 0:
            raise PictureError(f"{path} is empty; copy or download it again.")
        return LimitedFile(io.FileIO(os.fspath(path)), status.st_size)
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
        raise PictureError(f"{path} cannot be opened: {error}.") from error


def _opened(
    known: Format, file: LimitedFile, at_least: tuple[int, int] | None
) -> _Opened | None:
    """Open a picture such that it will be decoded rightly, and at a scale that fits.

    Returns:
        The picture; `None` where the file is of another format after all.

    Raises:
        UnreadableError: A package is missing, or the picture would cost too much.
    """
    image = _recognised(known, file)
    if image is None:
        return None
    most = MAX_PIXELS if isinstance(image, Jpeg) else MOST_WHOLE_PIXELS
    check_pixels(*image.size, most)
    _scale(image, at_least)
    return _Opened(image, _values(image))


def _recognised(known: Format, file: LimitedFile) -> Image.Image | None:
    """Do what `Image.open` does, but leaves the bound on the size to the caller.

    `Image.open` warns and refuses by limits that can only be set for the whole
    process, which would be neither polite nor safe among threads.
    """
    file.seek(0)
    try:
        if known.module:
            return _opened_by_package(known, file)
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
        image = Image.OPEN[known.plugin][0](file, "")
        if isinstance(image, TiffImageFile) and is_camera_raw(image):
            return _opened_by_package(RAW, file)
        return image
    except (SyntaxError, IndexError, TypeError, struct.error):
        # Some cameras put nothing but what the sensor saw into the main place.
        if known.plugin == "TIFF" and Path(file.name).suffix.lower() in RAW.suffixes:
            return _opened_by_package(RAW, file)
        return None


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
        raise UnreadableError(f"is a {known.name} picture that {_DAMAGED}") from error


def _decoded(opened: _Opened, size: int, share: int) -> Image.Image:
    image = opened.image
    factor, cost = _fitted(image, size)
    with reserved(share * cost):
        image.load()
        # Some formats tell their true size only now.
        check_pixels(*image.size)
        turn_to_visible_frame(image)
        return normalised(image, factor, opened.values)


def _part(
    opened: _Opened, opening: Callable[[], _Opened | None], size: int, share: int
) -> tuple[Image.Image, bool]:
    """Read what can be read of a damaged picture; tell whether only its end is lacking.

    Raises:
        UnreadableError: Nothing can be read.
    """

    def open_again() -> Image.Image:
        again = opening()
        if again is None:
            raise UnreadableError(_DAMAGED)
        return again.image

    factor, cost = _fitted(opened.image, size)
    # It is decoded twice to compare, and shown.
    if 4 * cost > DECODING_BYTES:
        raise UnreadableError(_DAMAGED)
    with reserved(share * 4 * cost):
        part = readable_part(open_again)
        if part is None:
            raise UnreadableError(_DAMAGED)
        picture, only_end = part
        picture.info = dict(opened.image.info)
        return normalised(picture, factor, opened.values), only_end


def _fitted(image: Image.Image, size: int) -> tuple[int, int]:
    """Give by how much a picture is made smaller, and the memory that reading takes."""
    cost = decoding_cost(image, size)
    factor = reduction(image, cost)
    return factor, whole_cost(image.width * image.height, cost, factor)


def _scale(image: Image.Image, at_least: tuple[int, int] | None) -> None:
    """Have a JPEG decoded no larger than can be used, and than memory can hold."""
    # Elsewhere `draft` does nothing, and looking for EXIF may decode everything.
    if not isinstance(image, Jpeg):
        return
    most = jpeg_scale(image.width * image.height)
    width, height = (-(-side // most) for side in image.size)
    if at_least is not None:
        wanted = [max(1, side) for side in at_least]
        if orientation(image) in ON_ITS_SIDE:
            wanted.reverse()
        width, height = min(width, wanted[0]), min(height, wanted[1])
    image.draft(None, (max(1, width), max(1, height)))


def _values(image: Image.Image) -> Range | None:
    if isinstance(image, TiffImageFile):
        return mend_tiff(image)
    # Pillow stretches what is deeper than 8 bits to 16.
    return (0, 65535) if image.format == "PPM" and image.mode == "I" else None
