"""The inputs of a run, divided into what can be listed and captioned side by side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from imagecap.cluster.errors import ClusterError
from imagecap.cluster.listing import list_folder, version_of
from imagecap.cluster.storage import Location, open_location
from imagecap.pictures.folders import is_picture_name

CONTAINERS = (".parquet", ".tar")
"""How the names of files end that hold pictures: Parquet and WebDataset."""
_LIST = ".txt"


@dataclass(frozen=True)
class Unit:
    """A part of the input whose pictures are listed by one worker.

    Attributes:
        kind: A folder with all its sub-folders, the files of a folder alone, a list of
            addresses one a line, or files.
        addresses: The folder, the list or the files.
    """

    kind: Literal["tree", "folder", "list", "files"]
    addresses: tuple[str, ...]

    @property
    def key(self) -> str:
        """What it is called in the output: the same in each run."""
        named = json.dumps([self.kind, *self.addresses]).encode()
        return hashlib.sha256(named).hexdigest()[:12]


def name_inputs(inputs: Sequence[str]) -> list[str]:
    """Give the inputs by their whole addresses, in order, none within another.

    Raises:
        ClusterError: If nothing here knows an address.
    """
    places = {open_location(one).address.rstrip("/") for one in inputs}
    return sorted(
        one
        for one in places
        if not any(one.startswith(f"{other}/") for other in places)
    )


def divide(inputs: Sequence[str], left_out: Location) -> list[Unit]:
    """Divide the input: each folder in a folder is listed by itself.

    Args:
        inputs: Addresses of folders, files, and lists of files, as `name_inputs` has
            them.
        left_out: The output, which may lie inside.

    Raises:
        ClusterError: If one of them is not there or cannot be listed.
    """
    units: list[Unit] = []
    files: list[str] = []
    for address in inputs:
        place = open_location(address)
        if _is_folder(place):
            units.append(Unit("folder", (place.address,)))
            units += [
                Unit("tree", (found.address,))
                for found in list_folder(place, is_deep=False)
                if found.is_folder and found.address != left_out.address.rstrip("/")
            ]
        elif place.path.lower().endswith(_LIST):
            units.append(Unit("list", (place.address,)))
        else:
            files.append(place.address)
    if files:
        units.append(Unit("files", tuple(files)))
    return units


class Picture(NamedTuple):
    """A picture that is to be captioned, or a file that holds pictures.

    Attributes:
        address: Where it lies.
        version: What tells its content from another one; see `Found`.
    """

    address: str
    version: str | None = None


def picture_on_this_machine(path: str) -> Picture:
    """Look at a file that no folder lists; it need not be there.

    Args:
        path: Its whole path.
    """
    version = None
    with suppress(OSError):
        version = version_of(Path(path).stat())
    return Picture(path, version)


def pictures_of(unit: Unit, left_out: Location) -> Iterator[Picture]:
    """Give the pictures of a unit, and the files that hold pictures.

    A folder that cannot be listed is among them, to be told of.

    Raises:
        ClusterError: If the unit cannot be read.
    """
    place = open_location(unit.addresses[0])
    output = f"{left_out.address.rstrip('/')}/"
    match unit.kind:
        case "files":
            yield from map(_picture_at, map(open_location, unit.addresses))
        case "list":
            yield from map(_picture_at, _read_list(place))
        case _:
            for found in list_folder(place, is_deep=unit.kind == "tree"):
                if found.address.startswith(output):
                    continue
                if found.is_closed or (not found.is_folder and _is_wanted(found[0])):
                    yield Picture(found.address, found.version)


def is_container(address: str) -> bool:
    """Tell whether a file holds pictures, by its name."""
    return address.lower().endswith(CONTAINERS)


def _is_wanted(address: str) -> bool:
    return is_picture_name(address) or is_container(address)


def _is_folder(place: Location) -> bool:
    if place.is_on_this_machine:
        if not place.file_system.exists(place.path):
            raise ClusterError(f"There is no file or folder {place.address}.")
        is_folder: bool = place.file_system.isdir(place.path)
        return is_folder
    # In object storage a folder is what names begin with, and asking costs time.
    name = place.path.rpartition("/")[2]
    return not (_is_wanted(name) or name.lower().endswith(_LIST))


def _read_list(place: Location) -> Iterator[Location]:
    """Give what a list names; paths in it begin at its own folder."""
    try:
        lines = place.read().decode("utf-8", "surrogateescape").splitlines()
    except FileNotFoundError as error:
        raise ClusterError(f"There is no file {place.address}.") from error
    beside = place.address.rpartition("/")[0]
    for line in dict.fromkeys(filter(None, map(str.strip, lines))):
        is_whole = "://" in line or line.startswith("/")
        yield open_location(line if is_whole else f"{beside}/{line}")


def _picture_at(place: Location) -> Picture:
    if place.is_on_this_machine:
        return picture_on_this_machine(place.path)
    # Each look at object storage costs time and money.
    return Picture(place.address)
