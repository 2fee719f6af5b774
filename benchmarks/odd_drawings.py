"""Pictures that are no photographs of scenes, made up from a seed."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from drawing import PAGE, SIZE, any_colour, any_words, blank_paper
from held_out_drawings import HELD_OUT
from PIL import Image, ImageFilter, ImageFont

from imagecap.datasets.scenes import write_scenes
from imagecap.pictures.reading import open_picture


def make_odd_pictures(count: int, seed: int) -> dict[str, list[Image.Image]]:
    """Make pictures of each kind.

    Args:
        count: How many of each kind.
        seed: The same seed gives the same pictures.

    Returns:
        Kind → its pictures, RGB.
    """
    kinds = {
        kind: [draw(random.Random(f"{seed} {kind} {n}")) for n in range(count)]
        for kind, draw in (_DRAWN | HELD_OUT).items()
    }
    with tempfile.TemporaryDirectory() as folder:
        scenes = Path(folder) / "scenes"
        write_scenes(scenes, count, 1, 1, seed)
        names = sorted((scenes / "Images").iterdir())[:count]
        kinds["drawn scenes"] = [open_picture(path) for path in names]
    return kinds


def _screenshot(chance: random.Random) -> Image.Image:
    """Draw a program's window: a title, a list at the side, lines of text."""
    dark = chance.random() < 0.5
    picture, pencil = blank_paper(SIZE, "#1e1e1e" if dark else "#fafafa")
    ink = "#d4d4d4" if dark else "#222222"
    font = ImageFont.load_default(chance.choice([12, 14, 16]))
    pencil.rectangle((0, 0, SIZE[0], 30), "#3c3c3c" if dark else "#dddddd")
    pencil.text((12, 6), any_words(chance, 3), ink, font)
    side = chance.choice([0, 140, 180])
    if side:
        pencil.rectangle((0, 30, side, SIZE[1]), "#252526" if dark else "#eeeeee")
    for y in range(42, SIZE[1] - 20, 22):
        if side:
            pencil.text((10, y), any_words(chance, 1), ink, font)
        indent = chance.choice([0, 0, 24, 48])
        shade = chance.choice([ink, ink, "#4e9ad4", "#c586c0"])
        line = any_words(chance, chance.randint(0, 8))
        pencil.text((side + 14 + indent, y), line, shade, font)
    return picture


def _document(chance: random.Random) -> Image.Image:
    """Draw a printed page: a heading and paragraphs."""
    shade = chance.randint(235, 255)
    picture, pencil = blank_paper(PAGE, (shade, shade, shade))
    pencil.text(
        (60, 50), any_words(chance, 3).title(), "black", ImageFont.load_default(26)
    )
    font = ImageFont.load_default(chance.choice([12, 14]))
    y = 110
    while y < PAGE[1] - 60:
        for _ in range(chance.randint(2, 7)):
            pencil.text((60, y), any_words(chance, 9), "black", font)
            y += 20
        y += 16
    return picture


def _blank(chance: random.Random) -> Image.Image:
    return blank_paper(
        SIZE, chance.choice(["white", "black", "gray", any_colour(chance)])
    )[0]


def _noise(chance: random.Random) -> Image.Image:
    """Noise for each pixel, or for blocks of them; grey or in colours."""
    generator = np.random.default_rng(chance.getrandbits(32))
    block = chance.choice([1, 2, 4, 8, 16])
    channels = chance.choice([1, 3])
    shape = (SIZE[1] // block, SIZE[0] // block, channels)
    pixels = generator.integers(0, 256, shape, np.uint8).repeat(3 // channels, axis=2)
    return Image.fromarray(pixels).resize(SIZE, Image.Resampling.NEAREST)


def _gradient(chance: random.Random) -> Image.Image:
    first, second = np.array(any_colour(chance)), np.array(any_colour(chance))
    across, down = np.meshgrid(np.linspace(0, 1, SIZE[0]), np.linspace(0, 1, SIZE[1]))
    share = chance.random()
    mixed = (share * across + (1 - share) * down)[..., np.newaxis]
    return Image.fromarray((first + (second - first) * mixed).astype(np.uint8))


def _line_drawing(chance: random.Random) -> Image.Image:
    """Black outlines on white: a house, a stick figure, a tree or a face."""
    picture, pencil = blank_paper(SIZE, "white")
    width = chance.randint(2, 6)
    for _ in range(chance.randint(1, 3)):
        x, y, s = (
            chance.randint(60, 440),
            chance.randint(60, 240),
            chance.randint(60, 180),
        )
        match chance.choice(["house", "figure", "tree", "face"]):
            case "house":
                pencil.rectangle((x, y + s // 2, x + s, y + s), None, "black", width)
                roof = [(x, y + s // 2), (x + s // 2, y), (x + s, y + s // 2)]
                pencil.line(roof, "black", width)
            case "figure":
                pencil.ellipse((x, y, x + s // 3, y + s // 3), None, "black", width)
                middle = x + s // 6
                pencil.line((middle, y + s // 3, middle, y + s), "black", width)
                pencil.line(
                    (x - s // 6, y + s // 2, x + s // 2, y + s // 2), "black", width
                )
            case "tree":
                pencil.ellipse((x, y, x + s, y + s), None, "black", width)
                pencil.line((x + s // 2, y + s, x + s // 2, y + 2 * s), "black", width)
            case "face":
                pencil.ellipse((x, y, x + s, y + s), None, "black", width)
                pencil.ellipse(
                    (x + s // 4, y + s // 3, x + s // 3, y + s // 2), "black"
                )
                pencil.ellipse(
                    (x + s * 2 // 3, y + s // 3, x + s * 3 // 4, y + s // 2), "black"
                )
                pencil.arc(
                    (x + s // 4, y + s // 3, x + s * 3 // 4, y + s * 4 // 5),
                    20,
                    160,
                    "black",
                    width,
                )
    return picture


def _chart(chance: random.Random) -> Image.Image:
    """Bars, a line or a pie, with axes and labels."""
    picture, pencil = blank_paper(SIZE, "white")
    font = ImageFont.load_default(14)
    pencil.text((240, 12), any_words(chance, 2).title(), "black", font)
    if chance.random() < 0.3:
        angle = 0.0
        while angle < 360:
            end = min(360.0, angle + chance.uniform(30, 120))
            pencil.pieslice(
                (170, 70, 470, 370), angle, end, any_colour(chance), "white"
            )
            angle = end
        return picture
    pencil.line([(70, 40), (70, 420), (600, 420)], "black", 2)
    heights = [chance.randint(40, 360) for _ in range(chance.randint(4, 10))]
    step = 520 // len(heights)
    tops = [(90 + n * step, 420 - height) for n, height in enumerate(heights)]
    colour = any_colour(chance)
    if chance.random() < 0.5:
        pencil.line(tops, colour, 3)
    else:
        for x, y in tops:
            pencil.rectangle((x, y, x + step * 2 // 3, 420), colour)
    for x, _ in tops:
        pencil.text((x, 428), any_words(chance, 1), "black", font)
    return picture


def _matrix_code(chance: random.Random) -> Image.Image:
    """Squares at random with three finder marks, like a QR code."""
    modules = chance.choice([21, 25, 33])
    generator = np.random.default_rng(chance.getrandbits(32))
    code = np.full((modules + 8, modules + 8), 255, np.uint8)
    code[4:-4, 4:-4] = 255 * generator.integers(0, 2, (modules, modules), np.uint8)
    for row, column in ((4, 4), (4, modules - 3), (modules - 3, 4)):
        mark = np.zeros((7, 7), np.uint8)
        mark[1:6, 1:6] = 255
        mark[2:5, 2:5] = 0
        code[row : row + 7, column : column + 7] = mark
    return (
        Image.fromarray(code)
        .convert("RGB")
        .resize((480, 480), Image.Resampling.NEAREST)
    )


def _blur(chance: random.Random) -> Image.Image:
    """Large soft blots of colour, as when a finger lies on the lens."""
    picture = _noise(chance).reduce(64)
    return picture.resize(SIZE, Image.Resampling.BICUBIC).filter(
        ImageFilter.GaussianBlur(20)
    )


_DRAWN: dict[str, Callable[[random.Random], Image.Image]] = {
    "screenshots": _screenshot,
    "documents": _document,
    "blank": _blank,
    "noise": _noise,
    "gradients": _gradient,
    "line drawings": _line_drawing,
    "charts": _chart,
    "QR-like codes": _matrix_code,
    "blots of colour": _blur,
}
