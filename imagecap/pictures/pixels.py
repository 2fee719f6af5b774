"""A decoded picture of any kind as upright 8-bit RGB."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import numpy as np
from PIL import ExifTags, Image

from imagecap.pictures.colour import srgb_transform
from imagecap.pictures.tiff_structure import TiffStructure

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTERS = {
    1: Image.Transpose.ROTATE_270,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}
ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""The EXIF orientations whose pictures change width for height."""

# The others say it elsewhere, and what reads them has turned them by that.
_TURNED_BY_EXIF = frozenset({"JPEG", "PNG", "WEBP"})
_WHOLE_PIXELS = 4_000_000
_BAND_PIXELS = 1_000_000
_MOST_EXIF_BYTES = 64 * 2**20

Range = tuple[float, float]
"""The values that are black and white in a picture of numbers."""


def orientation(image: Image.Image) -> int:
    """Give the EXIF orientation, 1 to 8; 1 where it is missing or damaged."""
    exif = image.info.get("exif")
    if isinstance(exif, bytes):
        if image.format in _TURNED_BY_EXIF and (found := _orientation_in(exif)):
            return found
        if _copied_by_reading(exif) > _MOST_EXIF_BYTES:
            return 1
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    # A photograph is worth seeing even where its EXIF is damaged.
    except Exception:
        return 1


def normalised(
    image: Image.Image, factor: int = 1, values: Range | None = None
) -> Image.Image:
    """Bring a picture into the form that everything here reads.

    Args:
        image: Any picture; it is decoded.
        factor: By how much it is made smaller.
        values: What is black and white in a picture of large numbers; by default the
            range that the numbers lie in tells.

    Returns:
        A new picture: upright, 8-bit RGB, sRGB, transparency laid over white.

    Raises:
        ValueError: It has no pixels.
    """
    if 0 in image.size:
        raise ValueError("no pixels")
    # Decoding comes first: Pillow turns a TIFF upright itself while it decodes it,
    # and only then takes the mark away.
    image.load()
    turn = _UPRIGHT.get(orientation(image))
    result = _rgb(image, factor, values)
    if turn is not None:
        result = result.transpose(turn)
    result.info = {}
    return result


def turned(picture: Image.Image, quarters: int) -> Image.Image:
    """Turn a picture clockwise.

    Args:
        picture: The picture.
        quarters: By how many quarters of a circle, 0 to 3.
    """
    return picture.transpose(_QUARTERS[quarters]) if quarters else picture


def _rgb(image: Image.Image, factor: int, values: Range | None) -> Image.Image:
    to_rgb = _conversion(image, values)
    if factor == 1 and (image.width * image.height <= _WHOLE_PIXELS or to_rgb is _copy):
        return to_rgb(image)
    # Whatever lies between the picture and the result exists of one band alone.
    width = -(-image.width // factor)
    result = Image.new("RGB", (width, -(-image.height // factor)))
    for top, bottom in _bands(image, factor):
        band = to_rgb(image.crop((0, top, image.width, bottom)))
        result.paste(band if factor == 1 else band.reduce(factor), (0, top // factor))
    return result


def _bands(image: Image.Image, factor: int) -> Iterator[tuple[int, int]]:
    rows = max(1, _BAND_PIXELS // image.width // factor) * factor
    for top in range(0, image.height, rows):
        yield top, min(top + rows, image.height)


def _conversion(
    image: Image.Image, values: Range | None
) -> Callable[[Image.Image], Image.Image]:
    """Give what turns any band of a picture into RGB."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        black, white = values or _range(image)
        return lambda band: _eight_bit(band, black, white).convert("RGB")
    alpha = image.has_transparency_data and not _forgotten_alpha(image)
    opaque = _opaque_mode(image)
    to_srgb = srgb_transform(image, opaque)
    if image.mode == "RGB" and not alpha and not to_srgb:
        return _copy

    def convert(band: Image.Image) -> Image.Image:
        if band.mode in ("La", "RGBa"):
            band = band.convert("LA" if band.mode == "La" else "RGBA")
        colours = band
        if to_srgb:
            colours = to_srgb(band if band.mode == opaque else band.convert(opaque))
        if not alpha:
            return _without_alpha(colours)
        colours = colours.convert("RGBA")
        if to_srgb:
            colours.putalpha(band.convert("RGBA").getchannel("A"))
        white = Image.new("RGBA", band.size, "white")
        return Image.alpha_composite(white, colours).convert("RGB")

    return convert


def _copy(band: Image.Image) -> Image.Image:
    return band.copy()


def _without_alpha(band: Image.Image) -> Image.Image:
    if band.mode in ("RGBA", "LA", "PA"):
        return band.convert("RGBA").convert("RGB")
    return band.convert("RGB")


def _opaque_mode(image: Image.Image) -> str:
    if image.mode in ("LA", "La", "1"):
        return "L"
    if image.mode in ("P", "PA", "RGBA", "RGBa", "YCbCr", "HSV"):
        return "RGB"
    return image.mode


def _forgotten_alpha(image: Image.Image) -> bool:
    """Tell whether a program wrote a picture, but never filled its alpha.

    Then all of it is transparent, and yet there is something drawn.
    """
    if image.mode not in ("RGBA", "LA"):
        return False
    if image.getbbox(alpha_only=True) is not None:
        return False
    extrema = [image.getchannel(band).getextrema() for band in image.getbands()[:-1]]
    return any(low != high for low, high in extrema)


def _range(image: Image.Image) -> Range:
    """Guess the range of numbers that tell nothing of it but by being in it."""
    if image.mode.startswith("I;16"):
        return 0, 65535
    low, high = np.inf, -np.inf
    for top, bottom in _bands(image, 1):
        numbers = _finite(image.crop((0, top, image.width, bottom)))
        low, high = min(low, float(numbers.min())), max(high, float(numbers.max()))
    if low < 0 or high > 65535:
        return low, high
    if high > 255:
        return 0, 65535
    return (0, 1) if high <= 1 and image.mode == "F" else (0, 255)


def _finite(image: Image.Image) -> np.ndarray:
    numbers = np.asarray(image)
    if numbers.dtype.kind != "f":
        return numbers
    return np.where(np.isfinite(numbers), numbers, np.float32(0))


def _eight_bit(band: Image.Image, black: float, white: float) -> Image.Image:
    numbers = _finite(band)
    # What is at most 16 bits wide is cut as Pillow cuts it in colour pictures.
    if (black, white) == (0, 65535) and band.mode.startswith("I;16"):
        return Image.fromarray((numbers >> 8).astype(np.uint8))
    wide = numbers.astype(np.float64)
    if white > 2**31:
        # Pillow gives unsigned numbers of 32 bits as if they had a sign.
        wide %= 2**32
    scaled = (wide - black) * (255 / ((white - black) or 1))
    return Image.fromarray(np.rint(scaled.clip(0, 255)).astype(np.uint8))


def _orientation_in(exif: bytes) -> int | None:
    """Read the one field alone: Pillow reads none behind one that is damaged."""
    try:
        structure = TiffStructure(exif.removeprefix(b"Exif\0\0"))
        entry = structure.find(structure.first, ExifTags.Base.Orientation)
        return structure.numbers(entry)[0] if entry else None
    except (ValueError, IndexError, struct.error):
        return None


def _copied_by_reading(exif: bytes) -> int:
    """Give the most bytes that reading EXIF may copy: each entry may mean all of it."""
    start = 6 if exif.startswith(b"Exif\0\0") else 0
    order = "little" if exif[start : start + 2] == b"II" else "big"
    first = int.from_bytes(exif[start + 4 : start + 8], order) + start  # type: ignore[arg-type]
    return int.from_bytes(exif[first : first + 2], order) * len(exif)  # type: ignore[arg-type]
