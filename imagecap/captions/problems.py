"""What can be wrong with a data set, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable

from imagecap.errors import ImagecapError

_SHOWN = 10


class DatasetError(ImagecapError):
    """A data set cannot be read or written."""


def note(
    problems: list[str], kind: str, things: Iterable[int | str], what: str
) -> None:
    """Adds "3 lines could not be read: 17, 20, 31." unless there are no things."""
    names = [printable(str(thing)) for thing in sorted(things, key=_order)]
    if names:
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        plural = "s" if len(names) > 1 else ""
        shown = ", ".join(names[:_SHOWN]) + more
        problems.append(f"{len(names):,} {kind}{plural} {what}: {shown}.")


def printable(name: str) -> str:
    r"""Write as `\u…` what is in a file's name but is no character."""
    return name.encode("utf-8", "backslashreplace").decode()


def _order(thing: int | str) -> tuple[int, str]:
    return (thing if isinstance(thing, int) else 0), str(thing)
