"""What attempts came to: the numbers of the table, and what was too much."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from benchmarks.campaign.attempts import Ending, Outcome, attempt_each
from benchmarks.campaign.part import Part

SLOW_SECONDS = 5.0
LARGE_MEGABYTES = 800.0
_MOST_NOTES = 20
# A process costs more than what most attempts do in it.
_TOGETHER = 25
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
        notes: What the first faults of each kind were.
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
        found = ", ".join(name for name, is_so in faults.items() if is_so)
        self._note(
            f"{found}: {outcome.computing:.1f} s, {outcome.megabytes:.0f} MB, "
            f"{str(what)[:200]}: {outcome.text[-600:]}"
        )
        return True

    def _note(self, note: str) -> None:
        # Many faults of one kind hide none of another.
        kind = note.partition(":")[0]
        if sum(one.startswith(f"{kind}:") for one in self.notes) < _MOST_NOTES:
            self.notes.append(note)

    def include(self, other: Tally) -> None:
        """Add the counts of another part of the same line."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for note in other.notes:
            self._note(note)


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


def try_each(
    cases: SearchStrategy[Case],
    put: Callable[[Case, Path], str],
    try_all: Callable[[list[Path]], list[Outcome]],
    part: Part,
) -> Tally:
    """Draw inputs, put each into an empty folder, and try some of them together.

    Args:
        cases: What is drawn from.
        put: Is given an input and its folder, and says in short what it is.
        try_all: Is given such folders, and tells what became of each.
        part: How many attempts, and where; what was wrong is kept.
    """
    tally = Tally()
    made: dict[Path, str] = {}

    def draw(case: Case) -> None:
        folder = Path(temporary, str(len(made)))
        folder.mkdir()
        made[folder] = put(case, folder)
        if len(made) == _TOGETHER:
            use()

    def use() -> None:
        # What is no longer needed is not inherited by the attempts.
        gc.collect()
        for folder, outcome in zip(made, try_all([*made]), strict=True):
            fault = part.folder / f"fault-{part.seed}-{tally.count + 1}"
            if tally.add(outcome, f"{fault.name}, {made[folder]}"):
                shutil.copytree(folder, fault, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(folder)
        made.clear()

    with TemporaryDirectory() as temporary:
        draw_each(cases, part, draw)
        use()
    return tally


def try_files(
    files: SearchStrategy[tuple[str, bytes]],
    work: Callable[[Path], object],
    part: Part,
) -> Tally:
    """Write drawn files and try each.

    Args:
        files: Name and content.
        work: What is done with it, in a process that may come to grief.
        part: How many attempts, and where; what was wrong is kept.
    """

    def put(file: tuple[str, bytes], folder: Path) -> str:
        name, content = file
        (folder / name).write_bytes(content)
        return name

    def try_all(folders: list[Path]) -> list[Outcome]:
        paths = [path for folder in folders for path in folder.iterdir()]
        return attempt_each([partial(work, path) for path in paths])

    return try_each(files, put, try_all, part)
