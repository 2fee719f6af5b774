"""What a process and all below it take; part of the other scripts. On Linux."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class _Seen(NamedTuple):
    """What a process has taken: seconds of a processor, megabytes."""

    captions: bool
    seconds: float
    megabytes: float


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
    below = _look()
    own = below[os.getpid()]
    actors = [one for one in below.values() if one.captions]
    cpu = own.seconds + sum(one.seconds for one in actors)
    return Taken(
        cpu,
        sum(one.seconds for one in below.values()) - cpu,
        own.megabytes,
        max((one.megabytes for one in actors), default=0),
    )


def actors_below() -> list[int]:
    """Give the numbers of the processes below this one that caption."""
    return [number for number, one in _look().items() if one.captions]


def _look() -> dict[int, _Seen]:
    """Look at this process and those below it, by their numbers."""
    parents: dict[int, int] = {}
    seen: dict[int, _Seen] = {}
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        number = int(place.name)
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            pages = int((place / "statm").read_text().split()[1])
            name = (place / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        parents[number] = int(fields[1])
        seen[number] = _Seen(
            name.startswith("ray::MapWorker"),
            (int(fields[11]) + int(fields[12])) / _TICKS,
            pages * _PAGE / 1e6,
        )

    def is_own(number: int) -> bool:
        while number > 1 and number != os.getpid():
            number = parents.get(number, 1)
        return number > 1

    return {number: one for number, one in seen.items() if is_own(number)}
