"""Pictures that are no photographs of scenes, made up from a seed."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from imagecap.images import open_picture
from imagecap.training.scenes import write_scenes

HELD_OUT = ("scribbles", "maps", "sheet music", "stripes and checks", "fractals")
"""Kinds that were drawn after everything about odd pictures had been chosen."""

SIZE = (640, 480)
_PAGE = (600, 800)
_SYLLABLES = "an be co di el fa go hu in jo ka le mo nu or pa ri so ta un ve wi"


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
        for kind, draw in _DRAWN.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        scenes = Path(folder) / "scenes"
        write_scenes(scenes, count, 1, 1, seed)
        names = sorted((scenes / "Images").iterdir())[:count]
        kinds["drawn scenes"] = [open_picture(path) for path in names]
    return kinds


def _words(chance: random.Random, count: int) -> str:
    return " ".join(
        "".join(chance.choices(_SYLLABLES.split(), k=chance.randint(1, 4)))
        for _ in range(count)
    )


def _paper(
    size: tuple[int, int], colour: str | tuple[int, int, int]
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", size, colour)
    return picture, ImageDraw.Draw(picture)


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def _screenshot(chance: random.Random) -> Image.Image:
    """A program's window: a title, a list at the side, lines of text."""
    dark = chance.random() < 0.5
    picture, pencil = _paper(SIZE, "#1e1e1e" if dark else "#fafafa")
    ink = "#d4d4d4" if dark else "#222222"
    font = ImageFont.load_default(chance.choice([12, 14, 16]))
    pencil.rectangle((0, 0, SIZE[0], 30), "#3c3c3c" if dark else "#dddddd")
    pencil.text((12, 6), _words(chance, 3), ink, font)
    side = chance.choice([0, 140, 180])
    if side:
        pencil.rectangle((0, 30, side, SIZE[1]), "#252526" if dark else "#eeeeee")
    for y in range(42, SIZE[1] - 20, 22):
        if side:
            pencil.text((10, y), _words(chance, 1), ink, font)
        indent = chance.choice([0, 0, 24, 48])
        shade = chance.choice([ink, ink, "#4e9ad4", "#c586c0"])
        line = _words(chance, chance.randint(0, 8))
        pencil.text((side + 14 + indent, y), line, shade, font)
    return picture


def _document(chance: random.Random) -> Image.Image:
    """A printed page: a heading and paragraphs."""
    shade = chance.randint(235, 255)
    picture, pencil = _paper(_PAGE, (shade, shade, shade))
    pencil.text(
        (60, 50), _words(chance, 3).title(), "black", ImageFont.load_default(26)
    )
    font = ImageFont.load_default(chance.choice([12, 14]))
    y = 110
    while y < _PAGE[1] - 60:
        for _ in range(chance.randint(2, 7)):
            pencil.text((60, y), _words(chance, 9), "black", font)
            y += 20
        y += 16
    return picture


def _blank(chance: random.Random) -> Image.Image:
    return _paper(SIZE, chance.choice(["white", "black", "gray", _colour(chance)]))[0]


def _noise(chance: random.Random) -> Image.Image:
    """Noise for each pixel, or for blocks of them; grey or in colours."""
    generator = np.random.default_rng(chance.getrandbits(32))
    block = chance.choice([1, 2, 4, 8, 16])
    channels = chance.choice([1, 3])
    shape = (SIZE[1] // block, SIZE[0] // block, channels)
    pixels = generator.integers(0, 256, shape, np.uint8).repeat(3 // channels, axis=2)
    return Image.fromarray(pixels).resize(SIZE, Image.Resampling.NEAREST)


def _gradient(chance: random.Random) -> Image.Image:
    first, second = np.array(_colour(chance)), np.array(_colour(chance))
    across, down = np.meshgrid(np.linspace(0, 1, SIZE[0]), np.linspace(0, 1, SIZE[1]))
    share = chance.random()
    mixed = (share * across + (1 - share) * down)[..., np.newaxis]
    return Image.fromarray((first + (second - first) * mixed).astype(np.uint8))


def _line_drawing(chance: random.Random) -> Image.Image:
    """Black outlines on white: a house, a stick figure, a tree or a face."""
    picture, pencil = _paper(SIZE, "white")
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
    picture, pencil = _paper(SIZE, "white")
    font = ImageFont.load_default(14)
    pencil.text((240, 12), _words(chance, 2).title(), "black", font)
    if chance.random() < 0.3:
        angle = 0.0
        while angle < 360:
            end = min(360.0, angle + chance.uniform(30, 120))
            pencil.pieslice((170, 70, 470, 370), angle, end, _colour(chance), "white")
            angle = end
        return picture
    pencil.line([(70, 40), (70, 420), (600, 420)], "black", 2)
    heights = [chance.randint(40, 360) for _ in range(chance.randint(4, 10))]
    step = 520 // len(heights)
    tops = [(90 + n * step, 420 - height) for n, height in enumerate(heights)]
    colour = _colour(chance)
    if chance.random() < 0.5:
        pencil.line(tops, colour, 3)
    else:
        for x, y in tops:
            pencil.rectangle((x, y, x + step * 2 // 3, 420), colour)
    for x, _ in tops:
        pencil.text((x, 428), _words(chance, 1), "black", font)
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


def _scribble(chance: random.Random) -> Image.Image:
    """Lines of something like handwriting on lined paper."""
    picture, pencil = _paper(SIZE, "#fdfcf4")
    ink = chance.choice(["#1a2a6c", "#222222"])
    for y in range(60, SIZE[1], 40):
        pencil.line((0, y, SIZE[0], y), "#c9d6e8")
        x, points = 40.0, []
        while x < chance.randint(300, 600):
            x += chance.uniform(2, 7)
            points.append((x, y - abs(chance.gauss(0, 9))))
        pencil.line(points, ink, 2, joint="curve")
    return picture


def _map(chance: random.Random) -> Image.Image:
    """A town plan: streets, a river, a park, names."""
    picture, pencil = _paper(SIZE, "#f2efe9")
    x, y = chance.randint(50, 400), chance.randint(50, 300)
    pencil.rectangle((x, y, x + 160, y + 110), "#c8e6b8")
    river = [(n * 80, chance.randint(100, 380)) for n in range(9)]
    pencil.line(river, "#a6cbe3", 22, joint="curve")
    for _ in range(chance.randint(8, 16)):
        start = (chance.randrange(SIZE[0]), chance.choice([0, SIZE[1]]))
        end = (chance.choice([0, SIZE[0]]), chance.randrange(SIZE[1]))
        width = chance.choice([4, 7, 11])
        pencil.line((start, end), "#c9bfb0", width + 2)
        pencil.line((start, end), chance.choice(["white", "#fbe39c"]), width)
    font = ImageFont.load_default(13)
    for _ in range(10):
        place = (chance.randrange(560), chance.randrange(460))
        pencil.text(place, _words(chance, 1).title(), "#444444", font)
    return picture


def _sheet_music(chance: random.Random) -> Image.Image:
    picture, pencil = _paper(_PAGE, "white")
    for top in range(80, 720, 100):
        for line in range(5):
            pencil.line((40, top + 10 * line, 560, top + 10 * line), "black")
        for x in range(70, 550, chance.choice([24, 32, 40])):
            y = top + 5 * chance.randint(-1, 9)
            pencil.ellipse((x, y - 4, x + 12, y + 5), "black")
            pencil.line((x + 12, y, x + 12, y - 34), "black", 2)
    return picture


def _stripes(chance: random.Random) -> Image.Image:
    """Stripes or checks in two colours."""
    period = chance.randint(8, 80)
    across, down = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    pattern = chance.choice([across, down, across + down]) // period
    if chance.random() < 0.5:
        pattern = across // period + down // period
    colours = np.array([_colour(chance), _colour(chance)], np.uint8)
    return Image.fromarray(colours[pattern % 2])


def _fractal(chance: random.Random) -> Image.Image:
    """A Julia set in the colours of a wheel."""
    across, down = np.meshgrid(
        np.linspace(-1.6, 1.6, SIZE[0] // 2), np.linspace(-1.2, 1.2, SIZE[1] // 2)
    )
    z = across + 1j * down
    angle = chance.uniform(0, 2 * np.pi)
    c = chance.uniform(0.6, 0.8) * np.exp(1j * angle)
    steps = np.zeros(z.shape, int)
    for _ in range(60):
        inside = np.abs(z) < 2
        z[inside] = z[inside] ** 2 + c
        steps[inside] += 1
    turn = chance.randrange(256)
    hue = ((steps * 5 + turn) % 256).astype(np.uint8)
    value = np.where(steps < 60, 230, 0).astype(np.uint8)
    layers = [hue, np.full_like(hue, 200), value]
    picture = Image.fromarray(np.dstack(layers), "HSV").convert("RGB")
    return picture.resize(SIZE)


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
    "scribbles": _scribble,
    "maps": _map,
    "sheet music": _sheet_music,
    "stripes and checks": _stripes,
    "fractals": _fractal,
}
