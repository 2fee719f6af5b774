"""A run: many pictures, wherever they lie, captioned into a folder of shards."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imagecap.cluster.describing import Work
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.filling import Outcome, ShardFiller
from imagecap.cluster.lock import Check
from imagecap.cluster.manifest import RunManifest, begin
from imagecap.cluster.plan import Part, plan_unit
from imagecap.cluster.shards import FORMS, check_form
from imagecap.cluster.storage import Location, open_location
from imagecap.cluster.units import Unit, divide
from imagecap.counted import counted

# Of a row, with its place in a part; more than it takes.
_BYTES_A_PICTURE = 500


class Engine(Protocol):
    """Where the work of a run is done."""

    def plan(self, units: Sequence[Unit]) -> Iterator[list[Part]]:
        """Make the parts of units; see `plan_unit`."""

    def fill(self, parts: Sequence[str]) -> Iterator[Outcome]:
        """Do parts, in any order; see `ShardFiller`."""


class InThisProcess:
    """Does the work here.

    Args:
        filler: What does it.
        output: The address of the folder of the run.
        size: Pictures in a part.
    """

    def __init__(self, filler: ShardFiller, output: str, size: int) -> None:
        self._filler = filler
        self._output, self._size = open_location(output), size

    def plan(self, units: Sequence[Unit]) -> Iterator[list[Part]]:
        """Make the parts of units."""
        return (plan_unit(unit, self._output, self._size) for unit in units)

    def fill(self, parts: Sequence[str]) -> Iterator[Outcome]:
        """Do parts in order."""
        return map(self._filler.fill, parts)


@dataclass(frozen=True)
class Tally:
    """What a run has done.

    Attributes:
        done: Pictures done, or known to be in shards that were looked through.
        failed: Pictures of which nothing could be made; their rows say why.
        shards: How many shards there are now.
        known: How many of them were finished before.
    """

    done: int
    failed: int
    shards: int
    known: int


@dataclass(frozen=True)
class Prepared:
    """A run that may work in its folder.

    Attributes:
        units: The input, divided.
        check: Raises a `ClusterError` once the folder is another run's.
    """

    units: Sequence[Unit]
    check: Check


@contextmanager
def prepare(output: str, run: RunManifest) -> Iterator[Prepared]:
    """Begin a run or go on with it, and keep others out of its folder meanwhile.

    Args:
        output: The address of the folder for the shards.
        run: What is to be in there.

    Raises:
        ClusterError: If pictures are not there, the folder cannot be written, holds
            something else, or another run is at work in it.
    """
    check_form(run.shards)
    place = open_location(output)
    units = divide(run.inputs, place)
    with begin(place, run) as check:
        yield Prepared(units, check)


def caption_into_shards(
    prepared: Prepared,
    work: Work,
    engine: Engine,
    planned: Callable[[int, int], object],
    seen: Callable[[int], object],
) -> Tally:
    """Caption pictures into a folder of shards; go on where a run was stopped.

    Args:
        prepared: The run.
        work: What is to be done.
        engine: Where it is done.
        planned: Called once with the number of pictures, and how many are done already.
        seen: Called with the number of pictures of each part that is done.

    Raises:
        ClusterError: If there are no pictures, or the storage refuses its service;
            what is done stays done.
    """
    output = open_location(work.output)
    parts = [part for some in engine.plan(prepared.units) for part in some]
    if not parts:
        units = prepared.units
        named = ", ".join(address for unit in units for address in unit.addresses)
        raise ClusterError(
            f"There are no pictures in {named}; name a folder that has some."
        )
    todo = sort_out(parts, output, FORMS[work.form].ending, work.retries)
    size = todo.left * _BYTES_A_PICTURE
    check_room(output, size, f"the captions of {todo.left:,} pictures")
    planned(todo.total, todo.total - todo.left)
    return fill_shards(todo, engine, prepared.check, seen)


@dataclass(frozen=True)
class Todo:
    """The parts of a run.

    Attributes:
        waiting: Those that are to be done, by their names.
        parts: How many there are in all.
        total: Pictures in all of them.
        left: Pictures in those that are to be done.
    """

    waiting: Mapping[str, Part]
    parts: int
    total: int
    left: int


def sort_out(
    parts: Sequence[Part], output: Location, ending: str, retries: bool
) -> Todo:
    """Find out what is to be done.

    Args:
        parts: All parts.
        output: The folder of the run.
        ending: How the names of its shards end.
        retries: Whether finished shards are looked through once more.

    Raises:
        ClusterError: If the folder cannot be listed.
    """
    names = {name.removesuffix(ending) for name in output.names()}
    waiting = {
        part.name: part
        for part in parts
        if retries or part.is_changed or part.name not in names
    }
    total = sum(part.pictures for part in parts)
    left = sum(part.pictures for part in waiting.values())
    return Todo(waiting, len(parts), total, left)


def fill_shards(
    todo: Todo, engine: Engine, check: Check, seen: Callable[[int], object]
) -> Tally:
    """Do what is to be done.

    Args:
        todo: The parts.
        engine: Where they are done.
        check: Raises a `ClusterError` once the folder is another run's.
        seen: Called with the number of pictures of each part that is done.

    Raises:
        ClusterError: If the storage refuses its service, or parts could not be done;
            what is done stays done.
    """
    done = failed = 0
    waiting = dict(todo.waiting)
    # By their numbers: storage gives each folder so many pictures a second, no more.
    ordered = sorted(waiting, key=lambda name: name.rpartition("-")[::-1])
    for outcome in engine.fill(ordered) if waiting else ():
        check()
        if outcome.problem:
            raise ClusterError(
                f"{outcome.problem} The same command goes on from there."
            )
        if outcome.is_given_up:
            continue
        done += outcome.done
        failed += outcome.failed
        seen(waiting.pop(outcome.part).pictures)
    if waiting:
        raise ClusterError(
            f"{counted(len(waiting), 'part')} of {todo.parts:,} were not done: "
            "whatever tried to ended before it was done. The others are; the same "
            "command tries again."
        )
    return Tally(done, failed, todo.parts, todo.parts - len(todo.waiting))


def check_room(output: Location, size: int, what: str) -> None:
    """Make sure that shards have room.

    Args:
        output: Their folder.
        size: Bytes that they take.
        what: What they hold, as people say it.

    Raises:
        ClusterError: If they have not.
    """
    if not output.is_on_this_machine:
        return
    if shutil.disk_usage(Path(output.path)).free < size:
        raise ClusterError(
            f"There is no room for {what} in {output.address}; make room there, or "
            "name another folder."
        )
