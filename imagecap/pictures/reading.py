"""Any picture file as upright 8-bit RGB, safely and at no more cost than needed."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms

from imagecap.errors import ImagecapError

MAX_PIXELS = 200_000_000
"""The largest picture that is opened; the largest phone cameras make 200 million."""

# Named one by one, because Pillow knows formats that no photograph needs and that
# are no pictures of their own: EPS, for one, would start Ghostscript.
_SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp",),
    "AVIF": (".avif",),
    "JPEG2000": (".jp2", ".j2k", ".jpx"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"),
    "ICO": (".ico",),
    "PSD": (".psd",),
    "QOI": (".qoi",),
    "PCX": (".pcx",),
    # Last, because a TGA file has no mark at its beginning to know it by.
    "TGA": (".tga",),
}

PICTURE_SUFFIXES = frozenset(
    suffix for suffixes in _SUFFIXES.values() for suffix in suffixes
)
"""The endings of picture files, lower case, with their dot."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})

_one_huge_picture = threading.Lock()


class PictureError(ImagecapError):
    """A picture cannot be read."""


def open_picture(
    source: str | os.PathLike[str], at_least: tuple[int, int] | None = None
) -> Image.Image:
    """Open a picture file as it is meant to be seen.

    Args:
        source: The file.
        at_least: The width and height, upright, that the caller can use. A JPEG is
            then decoded at a fraction of its size where that is enough, which makes
            large photographs cheap. Never less than this unless the file is smaller.

    Returns:
        The first frame, upright, 8-bit RGB, transparency laid over white.

    Raises:
        PictureError: The file is missing, forbidden, no picture, damaged or larger
            than `MAX_PIXELS`.
    """
    path = Path(source)
    with _open_file(path) as file:
        try:
            image = _recognise(file)
            if image is None:
                raise PictureError(
                    f"{path} is not a picture that can be read here; "
                    "save it as JPEG or PNG and try again."
                )
            if image.width * image.height > MAX_PIXELS:
                raise PictureError(
                    f"{path} has {image.width} × {image.height} pixels, which is too "
                    f"large; make it smaller than {MAX_PIXELS // 10**6} megapixels."
                )
            with _bounded_memory(image):
                if at_least is not None:
                    _decode_no_more_than(at_least, image)
                return _normalised(image)
        except PictureError:
            raise
        except Image.DecompressionBombError as error:
            raise PictureError(
                f"{path} is too large; make it smaller and try again."
            ) from error
        # Pillow's readers raise whatever damaged bytes lead them to.
        except Exception as error:
            raise PictureError(
                f"{path} is damaged or incomplete; copy or download it again."
            ) from error


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
        return _normalised(image)
    except Exception as error:
        raise PictureError(
            "The picture is damaged or empty; choose another one."
        ) from error


def _open_file(path: Path) -> BinaryIO:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PictureError(f"{path} is a folder; choose a picture in it.")
        # Opening a pipe would wait for its other end, perhaps for ever.
        if not stat.S_ISREG(status.st_mode):
            raise PictureError(f"{path} is not an ordinary file; choose a picture.")
        if status.st_size == 0:
            raise PictureError(f"{path} is empty; copy or download it again.")
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PictureError(f"There is no file {path}.") from error
    except PermissionError as error:
        raise PictureError(
            f"{path} may not be read; change its permissions and try again."
        ) from error
    except (OSError, ValueError) as error:
        raise PictureError(f"{path} cannot be opened: {error}.") from error


def _recognise(file: BinaryIO) -> Image.Image | None:
    """Do what `Image.open` does, but leaves the bound on the size to the caller.

    `Image.open` warns and refuses by limits that can only be set for the whole
    process, which would be neither polite nor safe among threads.
    """
    Image.init()
    beginning = file.read(16)
    for name in _SUFFIXES:
        # An older Pillow may lack a format.
        opener, accepts = Image.OPEN.get(name, (None, None))
        try:
            if opener and (accepts is None or accepts(beginning) is True):
                file.seek(0)
                return opener(file, "")
        except (SyntaxError, IndexError, TypeError, struct.error):
            continue
    return None


@contextlib.contextmanager
def _bounded_memory(image: Image.Image) -> Iterator[None]:
    """Lets only one huge picture be decoded at a time, without Pillow's warning."""
    if image.width * image.height <= (Image.MAX_IMAGE_PIXELS or MAX_PIXELS):
        yield
        return
    with _one_huge_picture, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _decode_no_more_than(at_least: tuple[int, int], image: Image.Image) -> None:
    # Elsewhere `draft` does nothing, and looking for EXIF may decode everything.
    if image.format not in ("JPEG", "MPO"):
        return
    width, height = (max(1, side) for side in at_least)
    if _orientation(image) in _ON_ITS_SIDE:
        width, height = height, width
    image.draft(None, (width, height))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    # A photograph is worth seeing even where its EXIF is damaged.
    except Exception:
        return 1


def _normalised(image: Image.Image) -> Image.Image:
    if 0 in image.size:
        raise ValueError("no pixels")
    # Decoding comes first: Pillow turns a TIFF upright itself while it decodes it,
    # and only then takes the mark away.
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    result = _rgb(image)
    if turn is not None:
        result = result.transpose(turn)
    result.info = {}
    return result


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return Image.fromarray(_eight_bit(image)).convert("RGB")
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(lab, srgb, "LAB", "RGB").apply(image)
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def _eight_bit(image: Image.Image) -> np.ndarray:
    """Scales grey values that tell nothing of their range but by being in it."""
    values = np.asarray(image)
    if values.dtype.itemsize == 2:
        return (values >> 8).astype(np.uint8)
    numbers = np.where(np.isfinite(values), values, 0).astype(np.float64)
    low, high = numbers.min(), numbers.max()
    if low < 0 or high > 65535:
        numbers = (numbers - low) * (255 / (high - low or 1))
    elif high > 255:
        numbers *= 255 / 65535
    elif high <= 1 and image.mode == "F":
        numbers *= 255
    return np.rint(numbers).astype(np.uint8)


def encoder_pixels(picture: Image.Image, size: int) -> np.ndarray:
    """Give a picture the square form that encoders read: the whole frame, squashed.

    Args:
        picture: An RGB picture.
        size: Height and width, in pixels.

    Returns:
        `[size, size, 3]`, uint8.
    """
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR))
