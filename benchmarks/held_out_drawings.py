"""Odd pictures drawn after everything about odd pictures had been chosen."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from drawing import PAGE, SIZE, any_colour, any_words, blank_paper
from PIL import Image, ImageFont


def _scribble(chance: random.Random) -> Image.Image:
    """Lines of something like handwriting on lined paper."""
    picture, pencil = blank_paper(SIZE, "#fdfcf4")
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
    """Draw a town plan: streets, a river, a park, names."""
    picture, pencil = blank_paper(SIZE, "#f2efe9")
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
        pencil.text(place, any_words(chance, 1).title(), "#444444", font)
    return picture


def _sheet_music(chance: random.Random) -> Image.Image:
    picture, pencil = blank_paper(PAGE, "white")
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
    colours = np.array([any_colour(chance), any_colour(chance)], np.uint8)
    return Image.fromarray(colours[pattern % 2])


def _fractal(chance: random.Random) -> Image.Image:
    """Draw a Julia set in the colours of a wheel."""
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


HELD_OUT: dict[str, Callable[[random.Random], Image.Image]] = {
    "scribbles": _scribble,
    "maps": _map,
    "sheet music": _sheet_music,
    "stripes and checks": _stripes,
    "fractals": _fractal,
}
"""Kind → how to draw it by chance."""
