"""What attempts came to: the numbers of the table, and what was too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from benchmarks.campaign.attempts import Ending, Outcome, attempt
from benchmarks.campaign.part import Part

SLOW_SECONDS = 5.0
LARGE_MEGABYTES = 800.0
_MOST_NOTES = 20
COUNTS = ("count", "uncaught", "slow", "large", "crashes", "stopped", "seconds")
Case = TypeVar("Case")


@dataclass
class Tally:
    """The counts of one line.

    Attributes:
        count: Attempts.
        uncaught: Those that ended in anything but a sentence; whatever was lost counts
            here, too.
        slow: Those over 5 seconds of the processor's time.
        large: Those over 800 MB.
        crashes: Those that native code ended.
        stopped: Those that would have, and ended in the trial of the model.
        seconds: Wall time of all.
        notes: What the first faults were.
    """

    count: int = 0
    uncaught: int = 0
    slow: int = 0
    large: int = 0
    crashes: int = 0
    stopped: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome, what: object = "") -> bool:
        """Count an attempt.

        Args:
            outcome: What became of it.
            what: The input, for the notes.

        Returns:
            Whether anything was wrong with it.
        """
        self.count += 1
        self.seconds += outcome.seconds
        self.stopped += outcome.ending is Ending.STOPPED
        faults = {
            "uncaught": outcome.ending in (Ending.UNCAUGHT, Ending.TOO_LONG),
            "slow": outcome.computing > SLOW_SECONDS,
            "large": outcome.megabytes > LARGE_MEGABYTES,
            "crashes": outcome.ending is Ending.CRASHED,
        }
        for name, is_so in faults.items():
            setattr(self, name, getattr(self, name) + is_so)
        if not any(faults.values()):
            return False
        if len(self.notes) < _MOST_NOTES:
            found = ", ".join(name for name, is_so in faults.items() if is_so)
            self.notes.append(
                f"{found}: {outcome.computing:.1f} s, {outcome.megabytes:.0f} MB, "
                f"{str(what)[:200]}: {outcome.text[-600:]}"
            )
        return True

    def include(self, other: Tally) -> None:
        """Add the counts of another part of the same line."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.notes += other.notes[: _MOST_NOTES - len(self.notes)]


def draw_each(
    cases: SearchStrategy[Case], part: Part, use: Callable[[Case], None]
) -> None:
    """Draw inputs and use each.

    Args:
        cases: What is drawn from.
        part: How many, and from which seed.
        use: Is given each of them.
    """

    @seed(part.seed)
    @settings(
        max_examples=part.count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def draw(case: Case) -> None:
        use(case)

    draw()


def try_files(
    files: SearchStrategy[tuple[str, bytes]],
    work: Callable[[Path], object],
    part: Part,
) -> Tally:
    """Write drawn files, one after the other, and try each.

    Args:
        files: Name and content.
        work: What is done with it, in a process of its own.
        part: How many attempts, and where; what was wrong is kept beside the file.
    """
    tally = Tally()

    def use(file: tuple[str, bytes]) -> None:
        name, content = file
        path = part.folder / name
        path.write_bytes(content)
        if tally.add(attempt(lambda: work(path)), name):
            path.rename(path.with_name(f"fault-{part.seed}-{tally.count}-{name}"))

    draw_each(files, part, use)
    return tally
