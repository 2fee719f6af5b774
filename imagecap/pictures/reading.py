"""Any picture file as upright 8-bit RGB, safely and at no more cost than needed."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from imagecap.files import is_exhausted
from imagecap.pictures.content import PictureContent
from imagecap.pictures.damage import readable_part
from imagecap.pictures.errors import PictureError as PictureError
from imagecap.pictures.errors import UnreadableError
from imagecap.pictures.formats import (
    BEGINNING,
    Format,
    formats_of,
)
from imagecap.pictures.formats import PICTURE_SUFFIXES as PICTURE_SUFFIXES
from imagecap.pictures.frames import turn_to_visible_frame
from imagecap.pictures.jpeg import Jpeg
from imagecap.pictures.limits import (
    DECODING_BYTES,
    MAX_PIXELS,
    MOST_WHOLE_PIXELS,
    LimitedFile,
    check_pixels,
    decoding_cost,
    is_read_alone,
    jpeg_scale,
    reduction,
    reserved,
    whole_cost,
)
from imagecap.pictures.pixels import ON_ITS_SIDE, Range, normalised, orientation
from imagecap.pictures.recognising import DAMAGED, open_file, recognise
from imagecap.pictures.tiff import mend_tiff, silence_libtiff

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_EXHAUSTED = (
    "cannot be read: memory or open files have run out; close other programs and try "
    "again"
)
_NO_PICTURE = (
    "is not a picture that can be read here; save it as JPEG or PNG and try again"
)
_IN_PART = f"{DAMAGED}. What can be read of it is shown"
_LACKS_END = "lacks its end; copy or download it again to have it whole"

# What Pillow and libtiff think of damaged tags is for programmers, and a person can do
# nothing about it.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())
silence_libtiff()


def open_picture(
    source: str | os.PathLike[str] | PictureContent,
    at_least: tuple[int, int] | None = None,
) -> Image.Image:
    """Open a picture file as it is meant to be seen.

    Args:
        source: The file, or what it holds.
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
    file = source if isinstance(source, PictureContent) else Path(source)
    picture = _open(file, at_least, in_part=False)
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


def check_picture(source: str | os.PathLike[str]) -> None:
    """Check that a file begins like a picture that can be read; decode nothing.

    Raises:
        PictureError: As for `open_picture`, but for what only decoding shows.
    """
    _guarded(Path(source), _check)


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


def _open(
    path: Path | PictureContent, at_least: tuple[int, int] | None, in_part: bool
) -> Image.Image:
    return _guarded(path, lambda file: _read(path, file, at_least, in_part))


def _guarded(
    path: Path | PictureContent, read: Callable[[LimitedFile], _Result]
) -> _Result:
    """Read a file, and say of any problem what a person can do about it."""
    with open_file(path) as file:
        try:
            return read(file)
        except UnreadableError as error:
            problem = str(error)
        except Image.DecompressionBombError:
            problem = "is too large; make it smaller and try again"
        # Pillow's readers raise whatever damaged bytes lead them to.
        except Exception as error:
            problem = _EXHAUSTED if is_exhausted(error) else DAMAGED
        if problem != _EXHAUSTED:
            file.remember_failure()
    # Told from out here, so that no traceback keeps what was decoded in memory for as
    # long as someone keeps the error.
    raise PictureError(f"{path} {problem}.")


def _check(file: LimitedFile) -> None:
    known = formats_of(file.read(BEGINNING))
    if all(_opened(one, file, None) is None for one in known):
        raise UnreadableError(_NO_PICTURE)


def _read(
    path: Path | PictureContent,
    file: LimitedFile,
    at_least: tuple[int, int] | None,
    in_part: bool,
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
            except Exception as error:
                if is_exhausted(error):
                    raise
                file.check()
                result, only_end = _part(opened, opening, file.size, share)
                if not (in_part or only_end):
                    raise
                note = _LACKS_END if only_end else _IN_PART
        if note:
            result.info["note"] = f"{path} {note}."
        return result
    raise UnreadableError(_NO_PICTURE)


def _opened(
    known: Format, file: LimitedFile, at_least: tuple[int, int] | None
) -> _Opened | None:
    """Open a picture such that it will be decoded rightly, and at a scale that fits.

    Returns:
        The picture; `None` where the file is of another format after all.

    Raises:
        UnreadableError: A package is missing, or the picture would cost too much.
    """
    image = recognise(known, file)
    if image is None:
        return None
    most = MAX_PIXELS if isinstance(image, Jpeg) else MOST_WHOLE_PIXELS
    check_pixels(*image.size, most)
    _scale(image, at_least)
    return _Opened(image, _values(image))


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
            raise UnreadableError(DAMAGED)
        return again.image

    factor, cost = _fitted(opened.image, size)
    # It is decoded twice to compare, and shown.
    if 4 * cost > DECODING_BYTES:
        raise UnreadableError(DAMAGED)
    with reserved(share * 4 * cost):
        part = readable_part(open_again)
        if part is None:
            raise UnreadableError(DAMAGED)
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
