"""Progress with the time left, on a terminal or in a notebook; elsewhere silent."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

Item = TypeVar("Item")


def progress(
    items: Iterable[Item], task: str, total: int, unit: str = "img"
) -> Iterator[Item]:
    """Iterate over items while a bar shows how many are done.

    Args:
        items: The items.
        task: What is done with them; before the bar.
        total: How many there are.
        unit: What one of them is.
    """
    with progress_bar(task, total, unit) as bar:
        for item in items:
            yield item
            bar.update()


def progress_bar(
    task: str, total: int | None, unit: str = "img", done: int = 0
) -> tqdm:  # type: ignore[type-arg]
    """Make a bar that is moved with `update`, for what does not come one by one.

    Args:
        task: What is done; before the bar.
        total: How many steps there are; `None` where nobody knows.
        unit: What a step is; `B` is shown in kilobytes and more.
        done: How many steps were done before.
    """
    # Not needed where nothing takes long, and not for free.
    in_notebook = "ipykernel" in sys.modules and find_spec("ipywidgets")
    bars = import_module("tqdm.notebook" if in_notebook else "tqdm")
    bar: tqdm = bars.tqdm(  # type: ignore[type-arg]
        desc=task,
        total=total,
        unit=unit,
        unit_scale=unit == "B",
        initial=done,
        disable=None,
        leave=False,
    )
    return bar
