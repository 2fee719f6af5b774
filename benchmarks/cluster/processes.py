"""What a process and all below it take; part of the other scripts. On Linux."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Taken(NamedTuple):
    """What processes have taken.

    Attributes:
        cpu: Seconds of a processor, of this one and those below that caption.
        daemons: The same of all others below, which take some while nothing is done.
        own: Megabytes of this one, resident.
        others: Megabytes of the largest one below that captions, resident.
    """

    cpu: float
    daemons: float
    own: float
    others: float


def take_stock() -> Taken:
    """Look at this process and those below it now."""
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    sizes: dict[int, float] = {}
    names: dict[int, str] = {}
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        number = int(place.name)
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            pages = int((place / "statm").read_text().split()[1])
            names[number] = (place / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        parents[number] = int(fields[1])
        seconds[number] = (int(fields[11]) + int(fields[12])) / _TICKS
        sizes[number] = pages * _PAGE / 1e6

    def is_own(number: int) -> bool:
        while number > 1 and number != os.getpid():
            number = parents.get(number, 1)
        return number > 1

    below = [number for number in seconds if is_own(number)]
    actors = [one for one in below if names[one].startswith("ray::MapWorker")]
    cpu = sum(seconds[one] for one in (*actors, os.getpid()))
    return Taken(
        cpu,
        sum(seconds[one] for one in below) - cpu,
        sizes[os.getpid()],
        max((sizes[one] for one in actors), default=0),
    )
