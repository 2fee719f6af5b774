"""What is to be done, kept in the output: each picture is in one part, for ever.

A part is done whole, into one shard of the same name. So whoever does a part again,
after whatever was killed, writes the same shard, and no picture comes twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.storage import Location
from imagecap.cluster.units import Picture, Unit, is_container, pictures_of

PARTS = "_parts"
"""The folder of the output in which they are; readers of Parquet pass it over."""
PICTURES_IN_PART = 1000
_PART = ".json"
# Beside a part, the pictures in it that are others now than those in its shard.
_CHANGED = ".changed"


class Part(NamedTuple):
    """Pictures that are done together.

    Attributes:
        name: What the part and its shard are called.
        pictures: How many there are; a file that holds pictures counts as one.
        is_changed: Whether some are others now than those in its shard.
    """

    name: str
    pictures: int
    is_changed: bool = False


def plan_unit(unit: Unit, output: Location, size: int = PICTURES_IN_PART) -> list[Part]:
    """Make parts of the pictures of a unit that are in none yet; give all its parts.

    Args:
        unit: The unit. It may have grown since it was planned before.
        output: The folder of the run.
        size: Pictures in a part, at most.

    Raises:
        ClusterError: If the unit cannot be listed or the output not be written.
    """
    return plan_pictures(unit.key, pictures_of(unit, output), output, size)


def plan_pictures(
    key: str, pictures: Iterable[Picture], output: Location, size: int
) -> list[Part]:
    """Make parts of pictures that are in none yet; give all parts of this key.

    Args:
        key: What these pictures are called together: the same in each run.
        pictures: All of them, those in parts among them.
        output: The folder of the run.
        size: Pictures in a part, at most.

    Raises:
        ClusterError: If the output cannot be written.
    """
    folder = output.child(f"{PARTS}/{key}")
    names = folder.names()
    counts: dict[str, int] = {}
    known: dict[str, str | None] = {}
    for name in names:
        if name.endswith(_PART):
            there = _read(folder.child(name))
            counts[name.removesuffix(_PART)] = len(there)
            known.update(there)
    changed: dict[str, str | None] = {}

    def added() -> Iterator[Picture]:
        for one in pictures:
            if one.address not in known:
                yield one
            elif one.version and known[one.address] not in (None, one.version):
                changed[one.address] = one.version

    number = 1 + max(map(int, counts), default=-1)
    for some in _grouped(added(), size):
        folder.child(f"{number:06}{_PART}").write(json.dumps(some).encode())
        counts[f"{number:06}"] = len(some)
        number += 1
    marked = {one.removesuffix(_CHANGED) for one in names if one.endswith(_CHANGED)}
    if changed:
        marked |= {one for one in counts if _mark_changed(folder, one, changed)}
    return [
        Part(f"{key}-{number}", pictures, number in marked)
        for number, pictures in counts.items()
    ]


def read_part(name: str, output: Location) -> list[str]:
    """Give the addresses of the pictures of a part.

    Raises:
        ClusterError: If it cannot be read.
    """
    return list(_read(_file(name, output, _PART)))


def read_changed(name: str, output: Location) -> list[str]:
    """Give the addresses of the pictures of a part that are others now.

    Raises:
        ClusterError: If that cannot be read.
    """
    return _read_changed(_file(name, output, _CHANGED))


def forget_changed(name: str, output: Location) -> None:
    """Tell that a shard has the pictures of its part as they are now.

    Raises:
        ClusterError: If that cannot be written.
    """
    _file(name, output, _CHANGED).delete()


def _file(name: str, output: Location, ending: str) -> Location:
    key, _, number = name.rpartition("-")
    return output.child(f"{PARTS}/{key}/{number}{ending}")


def _mark_changed(
    folder: Location, number: str, changed: Mapping[str, str | None]
) -> bool:
    """Take changed pictures into a part; tell whether there were any."""
    file = folder.child(f"{number}{_PART}")
    there = _read(file)
    found = {address: changed[address] for address in there if address in changed}
    if found:
        mark = folder.child(f"{number}{_CHANGED}")
        addresses = dict.fromkeys([*_read_changed(mark), *found])
        # First: whoever is killed in between finds them changed once more.
        mark.write(json.dumps(list(addresses)).encode())
        file.write(json.dumps(list({**there, **found}.items())).encode())
    return bool(found)


def _read_changed(file: Location) -> list[str]:
    try:
        return [str(one) for one in json.loads(file.read())]
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise _damaged(file) from error


def _read(file: Location) -> dict[str, str | None]:
    """Read the pictures of a part, with their versions where these were written."""
    try:
        pictures = json.loads(file.read())
        return dict((one, None) if isinstance(one, str) else one for one in pictures)
    except (FileNotFoundError, TypeError, ValueError) as error:
        raise _damaged(file) from error


def _damaged(file: Location) -> ClusterError:
    return ClusterError(
        f"{file.address} is damaged, and with it the run; name another folder."
    )


def _grouped(pictures: Iterable[Picture], size: int) -> Iterator[list[Picture]]:
    """Group pictures; a file that holds pictures is large enough alone."""
    waiting: list[Picture] = []
    for picture in pictures:
        if is_container(picture.address):
            yield [picture]
        else:
            waiting.append(picture)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
