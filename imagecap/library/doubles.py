"""Pictures that are there twice: the same ones, and those that look alike."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from imagecap.library.picture_state import read_state
from imagecap.pictures.fingerprint import SIDE, alike, fingerprint
from imagecap.pictures.reading import PictureError, open_picture

# Twice as wide and high as a fingerprint, so that decoding in little costs no detail.
_AT_LEAST = (2 * SIDE, 2 * SIDE)
# Pictures with the same pixels are at least so much alike when decoded in little.
_PERHAPS_THE_SAME = 0.95
_AT_ONCE = 4 * (os.cpu_count() or 1)
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Doubles:
    """Pictures that are there several times.

    Attributes:
        same: Groups of files with the same content, or the same pixels when decoded.
        alike: Groups of pictures that look alike: one photograph made smaller,
            compressed more, cropped a little, mirrored or turned. Of a group of
            `same`, its first stands for all.
        failed: Why pictures could not be read, each in a sentence.
    """

    same: tuple[tuple[Path, ...], ...]
    alike: tuple[tuple[Path, ...], ...]
    failed: tuple[tuple[Path, str], ...]


def find_doubles(
    pictures: Iterable[Path], seen: Callable[[], object] = lambda: None
) -> Doubles:
    """Find the pictures that are there several times.

    Args:
        pictures: The picture files, as they shall be listed.
        seen: Called after each of them has been read.
    """
    pictures = list(dict.fromkeys(map(Path.absolute, pictures)))
    same = _Groups(pictures)
    for group in _with_same_content(pictures):
        same.join(*group)
    firsts = [picture for picture in pictures if same.first(picture) == picture]
    prints: dict[Path, np.ndarray] = {}
    failed: list[tuple[Path, str]] = []
    for picture, result in _read_all(firsts):
        if isinstance(result, PictureError):
            failed.append((picture, str(result)))
        else:
            prints[picture] = result
        seen()
    for _ in range(len(pictures) - len(firsts)):
        seen()
    known = list(prints)
    pairs, pixels = [], cache(_pixels)
    if known:
        for first, second, likeness in alike(np.stack(list(prints.values()))):
            one, other = known[first], known[second]
            perhaps = likeness >= _PERHAPS_THE_SAME
            if perhaps and pixels(one) == pixels(other):
                same.join(one, other)
            # Those of one colour have nothing to look alike by.
            elif np.ptp(prints[one]):
                pairs.append((one, other))
    look_alike = _Groups(pictures)
    for one, other in pairs:
        look_alike.join(same.first(one), same.first(other))
    return Doubles(tuple(same), tuple(look_alike), tuple(failed))


class _Groups:
    """Things joined into groups, in their order (Galler and Fischer 1964)."""

    def __init__(self, things: Sequence[Path]) -> None:
        self._place = {thing: place for place, thing in enumerate(things)}
        self._before = {thing: thing for thing in things}

    def first(self, thing: Path) -> Path:
        """Give the first of a thing's group."""
        while (before := self._before[thing]) != thing:
            self._before[thing] = self._before[before]
            thing = before
        return thing

    def join(self, *things: Path) -> None:
        """Make one group of those of things."""
        firsts = sorted(
            {self.first(one) for one in things}, key=self._place.__getitem__
        )
        for other in firsts[1:]:
            self._before[other] = firsts[0]

    def __iter__(self) -> Iterator[tuple[Path, ...]]:
        """Give the groups of two and more."""
        for group in _grouped(self._place, self.first):
            yield tuple(group)


def _grouped(
    things: Iterable[_Item], key: Callable[[_Item], Hashable]
) -> list[list[_Item]]:
    """Give the things that share a key, where several do."""
    groups: dict[Hashable, list[_Item]] = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return [group for group in groups.values() if len(group) > 1]


def _with_same_content(pictures: Sequence[Path]) -> Iterator[list[Path]]:
    def size(picture: Path) -> object:
        try:
            return picture.stat().st_size
        except OSError:
            return picture  # reading it will tell what is wrong

    def content(picture: Path) -> object:
        state = read_state(picture)
        return picture if state is None else state.content

    for of_one_size in _grouped(pictures, size):
        yield from _grouped(of_one_size, content)


def _read_all(
    pictures: Sequence[Path],
) -> Iterator[tuple[Path, np.ndarray | PictureError]]:
    def read(picture: Path) -> np.ndarray | PictureError:
        try:
            return fingerprint(open_picture(picture, at_least=_AT_LEAST))
        except PictureError as error:
            return error

    waiting = iter(pictures)
    with ThreadPoolExecutor() as pool:
        while some := list(islice(waiting, _AT_ONCE)):
            yield from zip(some, pool.map(read, some), strict=True)


def _pixels(picture: Path) -> tuple[tuple[int, int], bytes] | None:
    """Tell pictures apart by what they are decoded to; `None` where that fails now."""
    try:
        decoded = open_picture(picture)
    except PictureError:
        return None
    return decoded.size, hashlib.sha256(decoded.tobytes()).digest()
