"""A run: many pictures, wherever they lie, captioned into a folder of shards."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imagecap.cluster.describing import Outcome, PartDescriber, Work
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.manifest import RunManifest, begin
from imagecap.cluster.plan import Part, plan_unit
from imagecap.cluster.shards import FORMS, check_form
from imagecap.cluster.storage import Location, open_location
from imagecap.cluster.units import Unit, divide
from imagecap.counted import counted
from imagecap.model.captioner import Captioner

# Of a row, with its place in a part; more than it takes.
_BYTES_A_PICTURE = 500


class Engine(Protocol):
    """Where the work of a run is done."""

    def plan(self, units: Sequence[Unit]) -> Iterator[list[Part]]:
        """Make the parts of units; see `plan_unit`."""

    def describe(self, parts: Sequence[str]) -> Iterator[Outcome]:
        """Caption parts, in any order; see `PartDescriber`."""


class InThisProcess:
    """Does the work here.

    Args:
        captioner: The model.
        work: What is to be done.
        size: Pictures in a part.
    """

    def __init__(self, captioner: Captioner, work: Work, size: int) -> None:
        self._describer = PartDescriber(captioner, work)
        self._output, self._size = open_location(work.output), size

    def plan(self, units: Sequence[Unit]) -> Iterator[list[Part]]:
        """Make the parts of units."""
        return (plan_unit(unit, self._output, self._size) for unit in units)

    def describe(self, parts: Sequence[str]) -> Iterator[Outcome]:
        """Caption parts in order."""
        return map(self._describer.describe, parts)


@dataclass(frozen=True)
class Tally:
    """What a run has done.

    Attributes:
        captions: Pictures captioned, or known to be in shards that were looked through.
        failed: Pictures without a caption; the reasons stand in their rows.
        shards: How many shards there are now.
        known: How many of them were finished before.
    """

    captions: int
    failed: int
    shards: int
    known: int


def prepare(output: str, run: RunManifest) -> list[Unit]:
    """Make sure, before the work, that a run can begin or go on.

    Args:
        output: The address of the folder for the shards.
        run: What is to be in there.

    Returns:
        The input, divided.

    Raises:
        ClusterError: If pictures are not there, the folder cannot be written, or holds
            something else.
    """
    check_form(run.shards)
    place = open_location(output)
    units = divide(run.inputs, place)
    begin(place, run)
    return units


def caption_into_shards(
    units: Sequence[Unit],
    work: Work,
    engine: Engine,
    planned: Callable[[int, int], object],
    seen: Callable[[int], object],
) -> Tally:
    """Caption pictures into a folder of shards; go on where a run was stopped.

    Args:
        units: The input, as `prepare` gives it.
        work: What is to be done.
        engine: Where it is done.
        planned: Called once with the number of pictures, and how many are done already.
        seen: Called with the number of pictures of each part that is done.

    Raises:
        ClusterError: If there are no pictures, or the storage refuses its service;
            what is done stays done.
    """
    output = open_location(work.output)
    parts = {part.name: part for some in engine.plan(units) for part in some}
    if not parts:
        named = ", ".join(address for unit in units for address in unit.addresses)
        raise ClusterError(
            f"There are no pictures in {named}; name a folder that has some."
        )
    ending = FORMS[work.form].ending
    finished = {name.removesuffix(ending) for name in output.names()} & parts.keys()
    waiting = {
        name: part
        for name, part in parts.items()
        if work.retries or name not in finished
    }
    total = sum(part.pictures for part in parts.values())
    left = sum(part.pictures for part in waiting.values())
    _check_room(output, left)
    planned(total, total - left)
    captions = failed = 0
    # By their numbers: storage gives each folder so many pictures a second, no more.
    ordered = sorted(waiting, key=lambda name: name.rpartition("-")[::-1])
    for outcome in engine.describe(ordered) if waiting else ():
        if outcome.problem:
            raise ClusterError(
                f"{outcome.problem} The same command goes on from there."
            )
        if outcome.is_given_up:
            continue
        captions += outcome.captions
        failed += outcome.failed
        seen(waiting.pop(outcome.part).pictures)
    if waiting:
        raise ClusterError(
            f"{counted(len(waiting), 'part')} of {len(parts):,} were not captioned: "
            "whatever tried to ended before it was done. The others are; the same "
            "command tries again."
        )
    return Tally(captions, failed, len(parts), 0 if work.retries else len(finished))


def _check_room(output: Location, pictures: int) -> None:
    if not output.is_on_this_machine:
        return
    free = shutil.disk_usage(Path(output.path)).free
    if free < pictures * _BYTES_A_PICTURE:
        raise ClusterError(
            f"There is no room for the captions of {pictures:,} pictures in "
            f"{output.address}; make room there, or name another folder."
        )
