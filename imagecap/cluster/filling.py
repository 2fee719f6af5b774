"""A part done: from addresses of pictures to a shard of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagecap.captions.cells import escape_name
from imagecap.cluster.errors import ClusterError
from imagecap.cluster.fetching import Fetched, fetch
from imagecap.cluster.plan import forget_changed, read_changed, read_part
from imagecap.cluster.shards import Form
from imagecap.cluster.storage import explain_storage, open_location
from imagecap.errors import explain


@dataclass(frozen=True)
class Outcome:
    """What became of a part.

    Attributes:
        part: Its name.
        done: How many rows of its shard have what was wanted.
        failed: How many have none.
        problem: Why there is no shard, in a sentence; the run ends with it.
        is_given_up: Whether it is left alone, since it ended whoever tried it.
    """

    part: str
    done: int = 0
    failed: int = 0
    problem: str | None = None
    is_given_up: bool = False


class ShardFiller:
    """Does parts.

    Args:
        output: The address of the folder of the run.
        form: How its shards are written and read.
        rows: Makes a row of each picture, with its error where it has one.
        retries: Whether pictures that could not be read are tried once more.
    """

    def __init__(
        self,
        output: str,
        form: Form[Any],
        rows: Callable[[Iterable[Fetched]], Iterable[Any]],
        retries: bool = False,
    ) -> None:
        self._output, self._form = open_location(output), form
        self._rows, self._retries = rows, retries

    def fill(self, part: str) -> Outcome:
        """Do the pictures of a part and write its shard.

        Where the shard is there, only what has changed since, or has failed and is to
        be tried once more.
        """
        try:
            return self._fill(part)
        except ClusterError as error:
            return Outcome(part, problem=str(error))
        except Exception as error:
            # What the storage says, or what nobody foresaw; the run ends with it.
            said = explain_storage(error) if _is_of_storage(error) else explain(error)
            said = f"The part {part} is not done: {said.rstrip('.')}."
            return Outcome(part, problem=said)

    def _fill(self, part: str) -> Outcome:
        shard = self._output.child(part + self._form.ending)
        changed = [escape_name(one) for one in read_changed(part, self._output)]
        before: list[Any] = []
        if changed or self._retries:
            try:
                before = list(self._form.read(shard.read()))
            except (FileNotFoundError, ValueError):
                before = []
        kept = [
            row
            for row in before
            if not (self._retries and row.error) and not _is_of(row.path, changed)
        ]
        if before and not changed and len(kept) == len(before):
            return Outcome(part, sum(row.error is None for row in kept))
        known = {row.path for row in kept}
        pictures = (
            one
            for one in fetch(read_part(part, self._output))
            if escape_name(one.name) not in known
        )
        rows = [*kept, *self._rows(pictures)]
        shard.write(self._form.write(rows))
        if changed:
            forget_changed(part, self._output)
        failed = sum(row.error is not None for row in rows)
        return Outcome(part, len(rows) - failed, failed)


@dataclass(frozen=True)
class Worker:
    """What does parts wherever it is brought.

    Attributes:
        files: Name → content of the files that it needs.
        load: Makes it from a folder with them, which it needs no longer then.
    """

    files: Mapping[str, bytes]
    load: Callable[[Path], ShardFiller]


def _is_of(path: str, changed: Iterable[str]) -> bool:
    """Tell whether a row is of one of these, or of a picture inside of one."""
    return any(path == one or path.startswith(f"{one}/") for one in changed)


def _is_of_storage(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("botocore", "aiohttp")
