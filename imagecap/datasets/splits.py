"""Pictures divided into train, dev and test, by lists or by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path

from imagecap.captions.problems import note, noting
from imagecap.captions.text_lines import read_lines

SPLITS = ("train", "dev", "test")


def read_split_lists(
    places: Iterable[Path], problems: list[str]
) -> dict[str, set[str]]:
    """Read the lists of pictures in each split: `trainImages.txt` and its like.

    Args:
        places: The folders in which they may lie.
        problems: Takes sentences about what is odd.

    Returns:
        Split → the lines of its list; splits without a list are left out.

    Raises:
        OSError: If a list cannot be read.
    """
    lists = {}
    for split in SPLITS:
        for name in (f"Flickr_8k.{split}Images.txt", f"{split}Images.txt"):
            for file in (place / name for place in places):
                if split not in lists and file.is_file():
                    with noting(problems, file) as report:
                        lines = read_lines(file, report)
                    lists[split] = set(map(str.strip, lines)) - {""}
                    note(problems, "list", [] if lists[split] else [name], "was empty")
    return lists


def divide(
    names: Set[str],
    lists: Mapping[str, set[str]],
    seed: int,
    dev_fraction: float,
    problems: list[str],
    together: Mapping[str, str] | None = None,
) -> dict[str, list[str]]:
    """Divide pictures, each into one split at most.

    Args:
        names: The pictures.
        lists: Split → the pictures that it shall have; without any, all is by chance.
        seed: Decides which pictures make up a split that has no list.
        dev_fraction: The share of such a dev split, and of such a test split.
        problems: Takes sentences about what is odd.
        together: Picture → another one, in whose split chance must put it.

    Returns:
        Split → its pictures, sorted.
    """
    together = together or {}
    splits: dict[str, list[str]] = {split: [] for split in SPLITS}
    free = set(names)
    for split, listed in lists.items():
        which = f"of the {split} list"
        note(problems, "picture", listed - names, f"{which} had no caption or file")
        # A picture in two splits would be learned by heart and then asked for.
        again = (listed & names) - free
        note(problems, "picture", again, f"{which} stayed in an earlier list")
        splits[split] = sorted(listed & free)
        free -= listed
    if lists:
        fate = "stayed out" if "train" in lists else "became train"
        note(problems, "picture", free, f"stood in no list and {fate}")
    pool = sorted(
        splits["train"] if "train" in lists else free,
        key=lambda name: (chance(together.get(name, name), seed), name),
    )
    share = max(1, round(len(pool) * dev_fraction))
    for split in ("dev",) if lists else ("dev", "test"):
        if split not in lists:
            count = _cut(pool, share, together)
            splits[split], pool = sorted(pool[:count]), pool[count:]
            if lists:
                note(
                    problems, "picture", splits[split], "became dev for want of a list"
                )
    splits["train"] = sorted(pool)
    return splits


def _cut(pool: Sequence[str], share: int, together: Mapping[str, str]) -> int:
    """Tell how many of the first pictures make up a split, and leave some over."""
    heads = [together.get(name, name) for name in pool]
    places = [
        place for place in range(1, len(pool)) if heads[place - 1] != heads[place]
    ]
    # The nearest place that parts no pictures which belong together.
    return min(places, key=lambda place: abs(place - share), default=0)


def chance(name: str, seed: int) -> bytes:
    """Give a picture's place in a random order.

    By a hash of its name it keeps its place however the others change.
    """
    return hashlib.sha256(f"{seed}/{name}".encode()).digest()
