"""Camera RAW files: the photograph that the camera has put into each."""

from __future__ import annotations

import io
from typing import TypeVar

from PIL import ExifTags, Image

from imagecap.native_messages import kept_back
from imagecap.pictures.errors import UnreadableError
from imagecap.pictures.jpeg import Jpeg
from imagecap.pictures.limits import LimitedFile, check_pixels

# What libjpeg says inside of LibRaw.
_OF_LIBJPEG = (
    *(b"Corrupt JPEG data", b"Premature end of JPEG", b"Inconsistent progression"),
    *(b"Invalid SOS", b"Unknown Adobe color", b"Warning: "),
)

# As LibRaw tells how the camera was held, and as EXIF does.
_Picture = TypeVar("_Picture", bound=Image.Image)

_ORIENTATIONS = {3: 3, 5: 8, 6: 6}


def camera_preview(file: LimitedFile) -> Image.Image:
    """Take the preview out of a camera's RAW file.

    Args:
        file: The file.

    Returns:
        The preview, not decoded yet, with its EXIF orientation.

    Raises:
        ImportError: If rawpy is missing.
        UnreadableError: There is no preview in it.
    """
    import rawpy

    try:
        # From its path, so that it is not read into memory.
        source = file if isinstance(file.raw, io.BytesIO) else file.name
        file.seek(0)
        with rawpy.imread(source) as raw, kept_back(*_OF_LIBJPEG):
            preview, flip = raw.extract_thumb(), raw.sizes.flip
    except rawpy.LibRawError as error:
        raise UnreadableError(
            "is a camera RAW file without a preview that can be read; save it as JPEG "
            "with the camera's program"
        ) from error
    if preview.format != rawpy.ThumbFormat.JPEG:
        check_pixels(*preview.data.shape[1::-1])
        return _turned(Image.fromarray(preview.data), flip)
    image = Jpeg(LimitedFile(io.BytesIO(preview.data), len(preview.data)), "")
    return image if "exif" in image.info else _turned(image, flip)


def _turned(image: _Picture, flip: int) -> _Picture:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = _ORIENTATIONS.get(flip, 1)
    image.info["exif"] = exif.tobytes()
    return image
