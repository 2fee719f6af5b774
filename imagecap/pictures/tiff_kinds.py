"""TIFF files of a kind that is not read here, told by their tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from PIL import TiffImagePlugin
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from imagecap.counted import counted

_PHOTOMETRIC = {
    0: "grey",
    1: "grey",
    2: "RGB",
    3: "palette",
    5: "CMYK",
    6: "YCbCr",
    8: "Lab",
    9: "Lab",
    10: "Lab",
    32803: "a sensor's colours",
    32844: "LogL",
    32845: "LogLuv",
}
_FORMATS = {
    2: "integers with a sign",
    3: "floating-point numbers",
    5: "complex numbers",
}
_FORMATS |= {6: "complex numbers"}


def holds_picture(tags: Mapping[int, Any]) -> bool:
    """Tell whether tags say of how many pixels a picture is and where they are."""
    places = (TiffImagePlugin.STRIPOFFSETS, TiffImagePlugin.TILEOFFSETS)
    return (
        TiffImagePlugin.IMAGEWIDTH in tags
        and TiffImagePlugin.IMAGELENGTH in tags
        and any(place in tags for place in places)
    )


def kind_not_read(tags: Mapping[int, Any]) -> str:
    """Say of what kind a TIFF is, for a sentence that begins with its name."""
    bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    samples = tags.get(TiffImagePlugin.SAMPLESPERPIXEL, 1)
    photometric = tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, 0)
    sample_format = tags.get(TiffImagePlugin.SAMPLEFORMAT, (1,))[0]
    depths = " and ".join(str(depth) for depth in sorted(set(bits)))
    colours = _PHOTOMETRIC.get(photometric, f"photometric interpretation {photometric}")
    planes = tags.get(TiffImagePlugin.PLANAR_CONFIGURATION, 1)
    return (
        f"is a TIFF of {counted(samples, 'sample')} a pixel ({colours}"
        f"{', in separate planes' if planes != 1 else ''}), each of {depths} bits, "
        f"{_FORMATS.get(sample_format, 'integers')}, which is not read here; save it "
        "with 8 or 16 bits a sample, or as JPEG or PNG"
    )


def read_tags(file: IO[bytes]) -> Mapping[int, Any]:
    """Read the tags of a TIFF file's first picture.

    Raises:
        Exception: Whatever damaged tags lead Pillow to.
    """
    file.seek(0)
    header = file.read(8)
    # BigTIFF, whose places have 8 bytes.
    if header[2:4] in (b"\0+", b"+\0"):
        header += file.read(8)
    directory = ImageFileDirectory_v2(header)
    file.seek(directory.next)
    directory.load(file)
    return directory
