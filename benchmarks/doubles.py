"""Measures how surely doubles are found: photographs edited, and all others beside."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from imagecap.pictures.fingerprint import alike, fingerprint
from imagecap.pictures.reading import open_picture

_EVERY = 14
_TURN = Image.Transpose


def _cut(
    left: float, top: float, right: float, bottom: float
) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.crop(
        (
            round(left * image.width),
            round(top * image.height),
            round((1 - right) * image.width),
            round((1 - bottom) * image.height),
        )
    )


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half as wide": lambda image: image.resize((image.width // 2, image.height // 2)),
    "JPEG of quality 20": lambda image: _compressed(image, 20),
    "cropped, 5 % in all": _cut(0.025, 0.025, 0.025, 0.025),
    "cropped, 5 % on the left": _cut(0.05, 0, 0, 0),
    "cropped, 5 % on two sides": _cut(0.05, 0.05, 0, 0),
    "mirrored": lambda image: image.transpose(_TURN.FLIP_LEFT_RIGHT),
    "turned by 90°": lambda image: image.transpose(_TURN.ROTATE_90),
    "turned by 180°": lambda image: image.transpose(_TURN.ROTATE_180),
    "turned by 2°": lambda image: image.rotate(2, Image.Resampling.BICUBIC),
    "grey": lambda image: image.convert("L").convert("RGB"),
}


def _compressed(image: Image.Image, quality: int) -> Image.Image:
    content = io.BytesIO()
    image.save(content, "JPEG", quality=quality)
    return Image.open(content).convert("RGB")


def main() -> None:
    """Print how many edits are found, and which pairs of the photographs are alike."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="photographs, no two the same")
    paths = sorted(parser.parse_args().folder.glob("*.jpg"))
    prints = []
    edited: dict[str, list[np.ndarray]] = {name: [] for name in EDITS}
    for number, path in enumerate(paths):
        image = open_picture(path)
        prints.append(fingerprint(image))
        if number % _EVERY == 0:
            for name, edit in EDITS.items():
                edited[name].append(fingerprint(_compressed(edit(image), 90)))
    print("| edit | found |\n|---|---|")
    found_in_all = 0
    for name, some in edited.items():
        found = sum(
            any(True for _ in alike(np.stack([prints[at * _EVERY], one])))
            for at, one in enumerate(some)
        )
        found_in_all += found
        print(f"| {name} | {100 * found / len(some):.1f} % |")
    pairs = sorted(alike(np.stack(prints)), key=lambda pair: -pair[2])
    tried = sum(map(len, edited.values()))
    print(f"\nFound: {found_in_all:,} of {tried:,}.")
    count = len(paths) * (len(paths) - 1) // 2
    print(f"Of {count:,} pairs of photographs {len(pairs):,} count as alike:")
    for one, other, likeness in pairs:
        print(f"- {paths[one].name}, {paths[other].name}: {likeness:.2f}")


if __name__ == "__main__":
    main()
