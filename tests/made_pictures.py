"""Pictures that test files share."""

import struct
from pathlib import Path

import numpy as np
from PIL import Image


def saved(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


def save_noise(folder: Path, count: int) -> list[Path]:
    """Make pictures that no two are alike of, `00.png` and so on."""
    paths = []
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (50, 70, 3), np.uint8)
        paths.append(saved(Image.fromarray(pixels), folder / f"{number:02}.png"))
    return paths


def quarters(width: int = 48, height: int = 32) -> Image.Image:
    """Red and green above blue and yellow: no turn of it looks like another."""
    picture = Image.new("RGB", (width, height))
    half = (width // 2, height // 2)
    for colour, corner in {
        "red": (0, 0),
        "lime": (half[0], 0),
        "blue": (0, half[1]),
        "yellow": half,
    }.items():
        picture.paste(colour, (*corner, corner[0] + half[0], corner[1] + half[1]))
    return picture


def save_psd(image: Image.Image, path: Path) -> Path:
    """Write an RGB picture as Photoshop does, without layers; Pillow cannot."""
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, image.height, image.width, 8, 3)
    planes = b"".join(band.tobytes() for band in image.split())
    path.write_bytes(header + bytes(4 + 4 + 4 + 2) + planes)
    return path
