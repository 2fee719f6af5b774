"""The curves of a run as a picture: losses and scores, epoch by epoch."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WITHOUT_EPOCH = "start"
# What self-critical training lessens is no loss in nats per word.
_WITHOUT_LOSS = (_WITHOUT_EPOCH, "self-critical")


def draw_curves(history: Sequence[Mapping[str, Any]], kept: int) -> bytes:
    """Draw the record of a run.

    Epochs are counted through all stages, from 1; what a run began with is 0. The
    border between two stages is a dashed line with the name of the later one, the
    epoch that is kept a dotted line.

    Args:
        history: The rows of `Progress.history`, at least one.
        kept: The index of the row whose weights are kept.

    Returns:
        A PNG file.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    first = 0 if history[0]["stage"] == _WITHOUT_EPOCH else 1
    epochs = range(first, first + len(history))
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, scores = figure.subplots(1, 2)
    train = [
        math.nan if row["stage"] in _WITHOUT_LOSS else row["train loss"]
        for row in history
    ]
    losses.plot(epochs, train, "o-", label="train loss")
    losses.plot(epochs, [row["dev loss"] for row in history], "o-", label="dev loss")
    losses.set(xlabel="epoch", ylabel="nats per word")
    ciders = [column for column in history[-1] if "CIDEr" in column]
    for column in (*ciders, "BLEU-4"):
        values = [row.get(column, math.nan) for row in history]
        scores.plot(epochs, values, "o-", label=column)
    scores.set(xlabel="epoch", ylabel="dev score × 100")
    for axes in (losses, scores):
        axes.axvline(epochs[kept], color="gray", linestyle=":", label="kept")
        for index, stage in stage_borders(history):
            _draw_border(axes, first + index - 0.5, stage)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
        axes.grid(alpha=0.3)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    return picture.getvalue()


def stage_borders(history: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Give where a stage begins after another, and its name.

    Args:
        history: The rows of `Progress.history`.
    """
    for index in range(1, len(history)):
        stage, before = history[index]["stage"], history[index - 1]["stage"]
        if stage != before and before != _WITHOUT_EPOCH:
            yield index, stage


def _draw_border(axes: Axes, place: float, stage: str) -> None:
    axes.axvline(place, color="gray", linestyle="--", linewidth=1)
    axes.annotate(
        stage,
        (place, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        va="bottom",
        color="gray",
        fontsize="small",
    )
