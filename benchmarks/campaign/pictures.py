"""Damaged pictures of every format that is read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.campaign.edits import damaged_files
from benchmarks.campaign.part import Part
from benchmarks.campaign.tally import Tally, try_files
from imagecap.pictures.formats import FORMATS, load_plugin
from imagecap.pictures.reading import (
    PictureError,
    encoder_pixels,
    open_picture,
    open_readable_part,
)

_HERE = Path(__file__).resolve().parent
_SAMPLE = _HERE.parents[1] / "gui" / "sample.jpg"
_SIZE = 224
_TIFF_COMPRESSIONS = ("raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "group4")


def run(part: Part) -> Tally:
    """Read pictures as captioning and the window do."""
    # Their names say nothing, so that the content alone is what decides.
    contents = {f"picture-{i}": c for i, c in enumerate(whole_pictures().values())}
    return try_files(damaged_files(contents), read, part)


def read(path: Path) -> None:
    """Read a picture for an encoder; where that fails, what the window shows of it."""
    try:
        picture = open_picture(path, (_SIZE, _SIZE))
    except PictureError:
        picture = open_readable_part(path, (_SIZE, _SIZE))
    encoder_pixels(picture, _SIZE)


def whole_pictures() -> dict[str, bytes]:
    """Make pictures of all formats: name → content."""
    for known in FORMATS:
        if known.module and known.is_supported:
            load_plugin(known)
    with Image.open(_SAMPLE) as sample:
        rgb = sample.convert("RGB").resize((96, 64))
    rgba = rgb.copy()
    rgba.putalpha(Image.linear_gradient("L").resize(rgb.size))
    palette, grey, deep = rgb.quantize(64), rgb.convert("L"), rgb.convert("I;16")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "A description."
    several = {"save_all": True, "append_images": [rgb.rotate(90), rgb.rotate(180)]}
    made = {
        "baseline.jpg": _saved(rgb, "JPEG", exif=exif, comment=b"a comment"),
        "progressive.jpg": _saved(rgb, "JPEG", progressive=True),
        "grey.jpg": _saved(grey, "JPEG"),
        "cmyk.jpg": _saved(rgb.convert("CMYK"), "JPEG"),
        "two.mpo": _saved(rgb, "MPO", **several),
        "rgb.png": _saved(rgb, "PNG", exif=exif),
        "rgba.png": _saved(rgba, "PNG"),
        "palette.png": _saved(palette, "PNG", transparency=3),
        "deep.png": _saved(deep, "PNG"),
        "one-bit.png": _saved(rgb.convert("1"), "PNG"),
        "moving.png": _saved(rgb, "PNG", **several),
        "still.gif": _saved(palette, "GIF"),
        "moving.gif": _saved(palette, "GIF", duration=50, disposal=2, **several),
        "lossy.webp": _saved(rgb, "WEBP", exif=exif),
        "lossless.webp": _saved(rgba, "WEBP", lossless=True),
        "moving.webp": _saved(rgb, "WEBP", **several),
        "rgb.bmp": _saved(rgb, "BMP"),
        "palette.bmp": _saved(palette, "BMP"),
        "lossy.jp2": _saved(rgb, "JPEG2000", quality_layers=[20]),
        "grey.j2k": _saved(grey, "JPEG2000", no_jp2=True),
        "rgb.ppm": _saved(rgb, "PPM"),
        "deep.pgm": _saved(deep, "PPM"),
        "plain.ppm": b"P3\n# comment\n4 2\n255\n" + b"12 200 7 " * 8,
        "one-bit.pbm": _saved(rgb.convert("1"), "PPM"),
        "float.pfm": _saved(rgb.convert("F"), "PPM"),
        "sizes.ico": _saved(rgba, "ICO", sizes=[(16, 16), (48, 48)]),
        "bmp.ico": _saved(rgba, "ICO", sizes=[(32, 32)], bitmap_format="bmp"),
        "rgb.pcx": _saved(rgb, "PCX"),
        "plain.tga": _saved(rgba, "TGA"),
        "packed.tga": _saved(palette, "TGA", compression="tga_rle"),
        "still.avif": _saved(rgb, "AVIF", speed=10),
        "moving.avif": _saved(rgb, "AVIF", speed=10, **several),
        "rgb.qoi": _saved(rgb, "QOI"),
    }
    for compression in _TIFF_COMPRESSIONS:
        image = rgb.convert("1") if compression == "group4" else rgb
        made[f"{compression}.tif"] = _saved(image, "TIFF", compression=compression)
    made["pages.tif"] = _saved(rgb, "TIFF", **several)
    made["deep.tif"] = _saved(deep, "TIFF")
    if "JXL" in Image.SAVE:
        made["rgb.jxl"] = _saved(rgb, "JXL")
    for path in sorted((_HERE / "seeds").iterdir()):
        made[path.name] = path.read_bytes()
    return made


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    content = io.BytesIO()
    # Copies, since saving leaves options of one format in a picture for the next.
    if frames := options.get("append_images"):
        options["append_images"] = [frame.copy() for frame in frames]
    image.copy().save(content, kind, **options)
    return content.getvalue()
