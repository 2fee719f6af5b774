"""What is to be done, kept in the output: each picture is in one part, for ever.

A part is captioned whole, into one shard of the same name. So whoever does a part
again, after whatever was killed, writes the same shard, and no picture comes twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.storage import Location
from imagecap.cluster.units import Unit, is_container, pictures_of

PARTS = "_parts"
"""The folder of the output in which they are; readers of Parquet pass it over."""
PICTURES_IN_PART = 1000


class Part(NamedTuple):
    """Pictures that are captioned together.

    Attributes:
        name: What the part and its shard are called.
        pictures: How many there are; a file that holds pictures counts as one.
    """

    name: str
    pictures: int


def plan_unit(unit: Unit, output: Location, size: int = PICTURES_IN_PART) -> list[Part]:
    """Make parts of the pictures of a unit that are in none yet; give all its parts.

    Args:
        unit: The unit. It may have grown since it was planned before.
        output: The folder of the run.
        size: Pictures in a part, at most.

    Raises:
        ClusterError: If the unit cannot be listed or the output not be written.
    """
    folder = output.child(f"{PARTS}/{unit.key}")
    parts: list[Part] = []
    known: set[str] = set()
    for name in folder.names():
        pictures = _read(folder.child(name))
        parts.append(Part(f"{unit.key}-{name.partition('.')[0]}", len(pictures)))
        known.update(pictures)
    number = 1 + max((int(part.name[-6:]) for part in parts), default=-1)
    added = (one for one in pictures_of(unit, output) if one not in known)
    for pictures in _grouped(added, size):
        content = json.dumps(pictures).encode()
        folder.child(f"{number:06}.json").write(content)
        parts.append(Part(f"{unit.key}-{number:06}", len(pictures)))
        number += 1
    return parts


def read_part(name: str, output: Location) -> list[str]:
    """Give the addresses of the pictures of a part.

    Raises:
        ClusterError: If it cannot be read.
    """
    unit, _, number = name.rpartition("-")
    return _read(output.child(f"{PARTS}/{unit}/{number}.json"))


def _read(file: Location) -> list[str]:
    try:
        pictures = json.loads(file.read())
    except (FileNotFoundError, ValueError) as error:
        raise ClusterError(
            f"{file.address} is damaged, and with it the run; name another folder."
        ) from error
    return [str(one) for one in pictures]


def _grouped(addresses: Iterator[str], size: int) -> Iterator[list[str]]:
    """Group pictures; a file that holds pictures is large enough alone."""
    waiting: list[str] = []
    for address in addresses:
        if is_container(address):
            yield [address]
        else:
            waiting.append(address)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
