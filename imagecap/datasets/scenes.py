"""A made-up data set: drawn scenes of two shapes, for trials without downloads."""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from imagecap.captions.columns import Line
from imagecap.captions.csv_files import to_csv
from imagecap.datasets.errors import DatasetError
from imagecap.files import reason

_SIDE = 64
# Drawn larger and reduced, edges come out smooth.
_SCALE = 4
_COLOURS = {
    "red": (215, 35, 35),
    "green": (40, 160, 60),
    "blue": (40, 80, 215),
    "yellow": (240, 220, 40),
    "purple": (140, 50, 160),
    "orange": (240, 135, 25),
}
_RADII = {"small": (6.0, 8.0), "large": (11.0, 13.0)}
_SHAPES = ("circle", "square", "triangle", "cross")
# Each relation with its reverse and with where it puts the two; the gap leaves room
# for two large shapes, so that they never touch.
_RELATIONS = {
    "above": ("below", ((32, 17), (32, 47))),
    "to the left of": ("to the right of", ((17, 32), (47, 32))),
}
_HELD_OUT = 0.1


class _Thing(NamedTuple):
    colour: str
    shape: str


class _Scene(NamedTuple):
    first: _Thing
    relation: str
    second: _Thing


def write_scenes(
    folder: Path, train: int = 1200, dev: int = 150, test: int = 150, seed: int = 0
) -> None:
    """Draw a data set that `load_dataset` reads.

    Each picture shows two shapes, one above or left of the other, and has five true
    captions. What dev and test show (both shapes, their colours and the relation) is
    never shown in train, nor in one another. The same arguments give the same files,
    byte for byte. The folder appears only once it is complete.

    Args:
        folder: The folder to make.
        train: The number of pictures to train on.
        dev: The number of pictures for development.
        test: The number of pictures for testing.
        seed: Decides everything that is left to chance.

    Raises:
        DatasetError: The folder is already there or cannot be written.
    """
    if folder.exists():
        raise DatasetError(f"{folder} is already there; choose another folder.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.parent, prefix=f".{folder.name}-"
        ) as workshop:
            unfinished = Path(workshop) / folder.name
            unfinished.mkdir()
            _write(unfinished, {"train": train, "dev": dev, "test": test}, seed)
            unfinished.rename(folder)
    except OSError as error:
        raise DatasetError(f"{folder} cannot be written: {reason(error)}.") from error


def _write(folder: Path, counts: dict[str, int], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing here is secret
    pictures = folder / "Images"
    pictures.mkdir()
    numbers = itertools.count(1)
    captions: list[Line] = []
    for split, scenes in _scenes_by_split(chance).items():
        names = []
        for scene in itertools.islice(itertools.cycle(scenes), counts[split]):
            name = f"scene-{next(numbers):05}.png"
            sizes = chance.choice(list(_RADII)), chance.choice(list(_RADII))
            _draw(scene, sizes, chance).save(pictures / name)
            captions += (Line(name, text) for text in _describe(scene, sizes))
            names.append(name + "\n")
        (folder / f"{split}Images.txt").write_bytes("".join(names).encode())
    (folder / "captions.txt").write_bytes(to_csv(captions))


def _scenes_by_split(chance: random.Random) -> dict[str, list[_Scene]]:
    things = [_Thing(*pair) for pair in itertools.product(_COLOURS, _SHAPES)]
    scenes = [
        _Scene(first, relation, second)
        for first, second in itertools.permutations(things, 2)
        for relation in _RELATIONS
    ]
    chance.shuffle(scenes)
    share = round(len(scenes) * _HELD_OUT)
    return {
        "train": scenes[2 * share :],
        "dev": scenes[:share],
        "test": scenes[share : 2 * share],
    }


def _describe(scene: _Scene, sizes: tuple[str, str]) -> list[str]:
    first, second = (_with_article(*thing) for thing in (scene.first, scene.second))
    relation, (reverse, _) = scene.relation, _RELATIONS[scene.relation]
    sized_first = _with_article(sizes[0], *scene.first)
    sized_second = _with_article(sizes[1], *scene.second)
    return [
        f"{first} is {relation} {second}",
        f"{second} is {reverse} {first}",
        f"there is {first} {relation} {second}",
        f"there is {second} {reverse} {first}",
        f"{sized_first} is {relation} {sized_second}",
    ]


def _with_article(*words: str) -> str:
    return " ".join(("an" if words[0] == "orange" else "a", *words))


def _draw(scene: _Scene, sizes: tuple[str, str], chance: random.Random) -> Image.Image:
    paper = chance.randint(205, 250)
    picture = Image.new("RGB", (_SIDE * _SCALE, _SIDE * _SCALE), (paper,) * 3)
    pencil = ImageDraw.Draw(picture)
    _, places = _RELATIONS[scene.relation]
    for thing, size, place in zip(
        (scene.first, scene.second), sizes, places, strict=True
    ):
        x, y = (_SCALE * (middle + chance.uniform(-1.5, 1.5)) for middle in place)
        radius = _SCALE * chance.uniform(*_RADII[size])
        shade = chance.randint(-15, 15)
        red, green, blue = (part + shade for part in _COLOURS[thing.colour])
        _draw_shape(pencil, thing.shape, (x, y), radius, (red, green, blue))
    return picture.reduce(_SCALE)


def _draw_shape(
    pencil: ImageDraw.ImageDraw,
    shape: str,
    middle: tuple[float, float],
    radius: float,
    colour: tuple[int, int, int],
) -> None:
    x, y = middle
    left, top, right, bottom = x - radius, y - radius, x + radius, y + radius
    match shape:
        case "circle":
            pencil.ellipse((left, top, right, bottom), colour)
        case "square":
            pencil.rectangle((left, top, right, bottom), colour)
        case "triangle":
            pencil.polygon([(x, top), (right, bottom), (left, bottom)], colour)
        case "cross":
            arm = radius / 3
            pencil.rectangle((left, y - arm, right, y + arm), colour)
            pencil.rectangle((x - arm, top, x + arm, bottom), colour)
