"""TIFF files: what Pillow would show otherwise than it is meant."""

from __future__ import annotations

import contextlib
import ctypes

from PIL import ExifTags, Image, ImagePalette, TiffImagePlugin, _imaging
from PIL.ImageFile import _Tile
from PIL.TiffImagePlugin import TiffImageFile

from imagecap.pictures.errors import UnreadableError
from imagecap.pictures.pixels import Range
from imagecap.pictures.tiff_kinds import kind_not_read

_WHITE_IS_ZERO, _PALETTE, _YCBCR, _LAB = 0, 3, 6, 8
_SUB_IFDS, _SUBSAMPLING, _NEW_SUBFILE_TYPE = 330, 530, 254
_REDUCED, _SEPARATE = 1, 2
# It reads them twice.
_MOST_TAG_BYTES = 24 * 2**20
_WITH_ALPHA_APART = ("LA", "La", "PA")
# libtiff gives numbers in the order of this machine, whatever it is in the file.
_NATIVE = {
    "F;32BF": "F;32NF",
    "F;32F": "F;32NF",
    "I;32BS": "I;32NS",
    "I;32S": "I;32NS",
    "I;16BS": "I;16NS",
    "I;16S": "I;16NS",
    "I;16": "I;16N",
    "I;16B": "I;16N",
}


class Tiff(TiffImageFile):
    """A TIFF file of which large tags, such as Photoshop's layers, stay unread."""

    @property
    def _tag_data_remaining(self) -> int:
        return self._tag_bytes

    @_tag_data_remaining.setter
    def _tag_data_remaining(self, size: int) -> None:
        self._tag_bytes = min(size, _MOST_TAG_BYTES)

    def getexif(self) -> Image.Exif:
        """Give how the picture is turned; Pillow would read all tags once more."""
        if ExifTags.Base.Orientation not in self.tag_v2:
            return super().getexif()
        if self._exif is None:
            self._exif = Image.Exif()
            turned = self.tag_v2[ExifTags.Base.Orientation]
            self._exif[ExifTags.Base.Orientation] = turned
        return self._exif


def is_camera_raw(image: TiffImageFile) -> bool:
    """Tell whether a TIFF file is a camera's RAW file, and shows but a thumbnail."""
    tags = image.tag_v2
    return tags.get(_NEW_SUBFILE_TYPE) == _REDUCED and _SUB_IFDS in tags


def mend_tiff(image: TiffImageFile) -> Range | None:
    """Have a TIFF decoded as its tags say.

    Args:
        image: An opened TIFF, not decoded yet; how it will be is changed.

    Returns:
        What is black and white in it, where Pillow's mode does not tell.

    Raises:
        UnreadableError: Its pixels cannot be read rightly.
    """
    tags = image.tag_v2
    photometric = tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, 0)
    bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    separate = tags.get(TiffImagePlugin.PLANAR_CONFIGURATION, 1) == _SEPARATE
    compressed = image.use_load_libtiff
    alpha_apart = separate and image.mode in _WITH_ALPHA_APART
    if (
        alpha_apart
        or (separate and photometric == _LAB)
        or (photometric == _WHITE_IS_ZERO and image.mode == "F")
    ):
        raise UnreadableError(kind_not_read(tags))
    subsampled = photometric == _YCBCR and tags.get(_SUBSAMPLING, (2, 2)) != (1, 1)
    if not compressed and (
        subsampled or (separate and max(bits) > 8 and len(bits) > 1)
    ):
        _read_by_libtiff(image, subsampled)
    elif compressed:
        image.tile = [
            tile._replace(
                args=(_NATIVE.get(str(tile.args[0]), tile.args[0]), *tile.args[1:])
            )
            if isinstance(tile.args, tuple)
            else tile
            for tile in image.tile
        ]
    if photometric == _PALETTE:
        _mend_palette(image)
    return _values(image, photometric == _WHITE_IS_ZERO, max(bits))


def silence_libtiff() -> None:
    """Keep libtiff from writing what it thinks of a file to the terminal."""
    # Where the system does not tell what Pillow is linked with, it stays as it is.
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(_imaging.__file__)
        for name in ("TIFFSetWarningHandler", "TIFFSetErrorHandler"):
            handler = getattr(library, name)
            handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            handler(None)


def _read_by_libtiff(image: TiffImageFile, subsampled: bool) -> None:
    first = image.tile[0].args
    mode = str(first[0] if isinstance(first, tuple) else first)
    size = image._tile_size
    if subsampled:
        image._mode, mode = "RGB", "RGBX"
    else:
        # Pillow names what one plane holds.
        order = {"RGB": "RGB;16N", "RGBA": "RGBA;16N", "CMYK": "CMYK;16N"}
        if image.mode not in order:
            raise UnreadableError(kind_not_read(image.tag_v2))
        mode = order[image.mode]
    image.tile = [
        _Tile("libtiff", (0, 0, *size), 0, (mode, False, image.tag_v2.offset))
    ]
    image.use_load_libtiff = True


def _mend_palette(image: TiffImageFile) -> None:
    """Read a palette of 8-bit numbers, as old programs write them."""
    colours = image.tag_v2.get(TiffImagePlugin.COLORMAP, ())
    if colours and max(colours) < 256 and image.palette:
        image.palette = ImagePalette.raw("RGB;L", bytes(colours))


def _values(image: TiffImageFile, inverted: bool, bits: int) -> Range | None:
    if image.mode.startswith("I;16"):
        white = 2.0**bits - 1
        if inverted:
            return white, 0
        return None if bits == 16 else (0, white)
    unsigned = image.tag_v2.get(TiffImagePlugin.SAMPLEFORMAT, (1,))[0] == 1
    return (0, 2.0**32 - 1) if image.mode == "I" and bits == 32 and unsigned else None
