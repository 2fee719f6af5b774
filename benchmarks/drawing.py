"""What made-up pictures are drawn with: paper, words and colours, by chance."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

SIZE = (640, 480)
"""Width and height of most pictures."""

PAGE = (600, 800)
"""Width and height of a sheet of paper."""

_SYLLABLES = "an be co di el fa go hu in jo ka le mo nu or pa ri so ta un ve wi"


def any_words(chance: random.Random, count: int) -> str:
    """Make up words that no language has, set apart by spaces."""
    return " ".join(
        "".join(chance.choices(_SYLLABLES.split(), k=chance.randint(1, 4)))
        for _ in range(count)
    )


def blank_paper(
    size: tuple[int, int], colour: str | tuple[int, int, int]
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Give an empty picture of a width and height, and a pencil that draws on it."""
    picture = Image.new("RGB", size, colour)
    return picture, ImageDraw.Draw(picture)


def any_colour(chance: random.Random) -> tuple[int, int, int]:
    """Choose a colour: red, green and blue."""
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)
